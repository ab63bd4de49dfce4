// The rows of a query's result as text, for the console's `top` and for `weir query`. Pure functions.
#pragma once
#include <string>

#include "api/key_names.hpp"

namespace weir {

// What is said where Measures::saturated is set.
inline constexpr const char* kSaturatedNote =
    "What senders claim is more than can be counted (2^64): figures with a >= are too small, and there are no shares.";
// Keys with their names, the measures, and the share of the query's measure in its totals; then "other" for what is
// left out. With buckets each row ends in a line of blocks. Needs group-by fields.
std::string result_table(const Query& query, const QueryResult& result, const KeyNames& names);

// What was read for an answer, in two lines.
std::string work_text(const QueryWork& work, std::uint64_t sessions);

// Octets over time as at most 60 blocks of eight heights, the largest the whole height.
std::string spark_line(const Series& series);

}  // namespace weir
