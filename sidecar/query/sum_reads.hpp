// What a query reads when there are sums: for each block the segments of one family of sums (or two, when one has the
// clients and the other the servers), the sessions that the block keeps, and what no sum stands for. Pure; any thread.
#pragma once
#include <memory>
#include <optional>
#include <vector>

#include "query/group_plan.hpp"
#include "query/query_setup.hpp"
#include "query/row_choice.hpp"
#include "query/time_share.hpp"

namespace weir {

// A group plan for a family that has the columns of one end.
struct PartPlan {
  GroupPlan plan;
  std::optional<SessionSide> only_side;  // the other half's keys are not in the family
};

struct SegmentRead {
  std::shared_ptr<const Segment> segment;
  std::shared_ptr<const RowChoice> choice;  // null: all rows
  std::shared_ptr<const PartPlan> part;     // null: the query's plan
  bool counts_totals = true;                // false: another read of the same sessions does
  bool of_sums = false;                     // a segment of sums, or of what they keep
  std::shared_ptr<const SumBlock> block;    // of kRest: whose kept_rows() the choice still lacks
  std::size_t covered = 0;                  // and which
};

struct SumReads {
  std::vector<SegmentRead> reads;
  bool uses_sums = false;
  std::uint64_t spared = 0;  // sealed segments that need not be read
  std::string why_not;       // no sums are used, although there are some
};

// `grid`: the buckets of a chart; null: none. Sums are used whose units lie in the range and in one bucket each.
// `once`: each half's two keys are looked at together.
SumReads plan_reads(const QuerySetup& setup, const GroupPlan& groups, const BucketGrid* grid, bool once);

}  // namespace weir
