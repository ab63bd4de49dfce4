// Answers of several answerers to one question, added up: sums, charts, quality, warnings. Rows are added by their
// place: all list the same ones. Pure functions; any thread.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "query/answerer.hpp"

namespace weir {

// `name_of(i)`: what the i-th is called in warnings; "" for none. At least one answer.
Answer<QueryResult> join_answers(std::vector<Answer<QueryResult>>&& answers,
                                 const std::function<std::string(std::size_t)>& name_of);
// The sessions of all, one list behind the other.
Answer<SessionResult> join_answers(std::vector<Answer<SessionResult>>&& answers,
                                   const std::function<std::string(std::size_t)>& name_of);

// What a list of sessions in that order goes by.
std::uint64_t ordered_value(const SessionRow& row, SessionOrder order);

}  // namespace weir
