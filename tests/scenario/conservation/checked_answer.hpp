// Random questions, and answers checked in every figure against the reference: for whatever answers them.
#pragma once
#include <functional>
#include <string>

#include "query/answerer.hpp"
#include "scenario/conservation/random_world.hpp"
#include "scenario/conservation/reference.hpp"

namespace weir::testing {

using Ask = std::function<Result<QueryResult>(const Query&)>;

// One in four takes everything.
RandomFilter any_filter(Random& random, const World& world, bool unscaled);
TimeRange random_range(Random& random);
Query random_query(Random& random, const std::string& filter, bool unscaled);

void check_table(const Query& query, const QueryResult& result, const ReferenceAnswer& expected);
// Each bucket of each series is what the reference counts in just the bucket's range.
void check_chart(const World& world, const Query& query, const HalfPredicate& passes, const QueryResult& result);
// Asked to count each octet once: the rows stay as they are, what counts for each is what the reference says, and rows
// and others add up to the totals, in the table and in each bucket.
void check_once(const World& world, Query query, const HalfPredicate& passes, const Ask& ask, const QueryResult& plain);

// Random questions to whoever answers them, each checked in table, chart and with each octet once.
void check_questions(Random& random, const World& world, Answerer& answerer, const QueryControl& control, int rounds);

}  // namespace weir::testing
