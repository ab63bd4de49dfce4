// The order of keys in answers, where they come as values: that of the numbers, addresses and letters that they are. It
// is the order that one store gives its rows. Pure functions; any thread.
#pragma once
#include <vector>

#include "query/query.hpp"

namespace weir {

bool key_precedes(const std::vector<FieldId>& by, const std::vector<KeyValue>& a, const std::vector<KeyValue>& b);

// What a row is ranked by; 0 when that is its key.
std::uint64_t ranked_value(const ResultRow& row, Measure measure, RankBy rank);

}  // namespace weir
