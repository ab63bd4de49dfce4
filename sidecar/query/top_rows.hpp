// The largest groups of a query as result rows, and the rest as one. Pure functions; any thread.
#pragma once
#include <vector>

#include "query/group_sums.hpp"
#include "query/query.hpp"

namespace weir {

struct TopRows {
  std::vector<ResultRow> rows;
  std::vector<std::vector<RawKey>> keys;  // of the rows, as stored
  ResultRow other;
  std::uint64_t other_keys = 0;
};

// The largest by what the query ranks by, or the smallest, or those that it names; equals are ordered by key,
// ascending.
TopRows select_top_rows(const Query& query, const GroupPlan& plan, const GroupSums& sums,
                        const std::vector<ExporterName>& exporters, const DerivedSources& sources);

}  // namespace weir
