// A query's result for the terminal: an aligned table, or CSV. Pure functions.
#pragma once
#include <cstdint>
#include <string>

#include "query/query.hpp"

namespace weir {

// Range, totals, then rows with their share and "other"; a line of blocks per series when there are buckets.
std::string query_table(const Query& query, const QueryResult& result, std::int64_t took_ms);
// RFC 4180: key fields, then the measures.
std::string query_csv(const Query& query, const QueryResult& result);

// 38.2 G with a unit of one letter; below 10,000 as it is.
std::string short_number(std::uint64_t value);

}  // namespace weir
