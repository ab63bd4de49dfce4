// The largest groups of a query as result rows, and the rest as one. Pure functions; any thread.
#pragma once
#include <vector>

#include "flow/traffic_names.hpp"
#include "query/group_sums.hpp"
#include "query/query.hpp"

namespace weir {

struct TopRows {
  std::vector<ResultRow> rows;
  std::vector<std::vector<RawKey>> keys;  // of the rows, as stored
  ResultRow other;
  std::uint64_t other_keys = 0;
};

// The `limit` largest by `measure` or `rank`, or the smallest; equals are ordered by key, ascending.
TopRows select_top_rows(const GroupPlan& plan, const GroupSums& sums, Measure measure, RankBy rank, bool ascending, std::uint32_t limit, const std::vector<ExporterName>& exporters,
                        const DerivedSources& sources);

}  // namespace weir
