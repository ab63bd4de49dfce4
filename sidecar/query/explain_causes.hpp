// The items that explain a difference: found by the changes of single fields, narrowed down, told since when. One
// thread.
#pragma once
#include <vector>

#include "query/explain_questions.hpp"

namespace weir {

// A comparison as it is examined.
struct Examined {
  const ExplainQuery& query;
  ExplainQuestions& questions;
  const std::vector<Comparison>& comparisons;
};

// What explains how `measure` differs from comparisons[comparison], the most important first, at most `most`. Leaves
// out what is the same traffic as one of `known`.
std::vector<Cause> find_causes(const Examined& examined, std::size_t comparison, Measure measure,
                               const std::vector<Cause>& known, std::size_t most);

// Where traffic went to while the total did not change.
std::optional<Cause> find_move(const Examined& examined, std::size_t comparison, Measure measure);

// The same traffic, or one a part of the other.
bool is_same_traffic(const TrafficItem& a, const TrafficItem& b);

// A question about a comparison's stretch, and about what it is compared with.
Question now_question(const Comparison& comparison, Measure measure);
Question then_question(const Comparison& comparison, Measure measure);

}  // namespace weir
