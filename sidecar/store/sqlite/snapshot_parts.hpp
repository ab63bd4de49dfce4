// What both stores do to finish a snapshot. Pure functions; any thread.
#pragma once
#include <cstdint>
#include <set>
#include <vector>

#include "store/sqlite/stored_sums.hpp"
#include "store/store.hpp"

namespace weir {

// Widens the stored range by [min_start_ms, max_end_ms].
void widen(std::optional<TimeRange>& stored, std::int64_t min_start_ms, std::int64_t max_end_ms);
// Counts the segment into `stored`, and keeps it when it may touch the range.
void add_segment(Snapshot& snapshot, std::shared_ptr<const Segment> segment, const std::optional<TimeRange>& range);
// Blocks that may touch the range and have sums, without those that cover a segment that is left out.
void add_sums(Snapshot& snapshot, const std::vector<std::shared_ptr<const StoredSums>>& sums,
              const std::set<const Segment*>& left_out, const std::optional<TimeRange>& range);
void newest_first(Snapshot& snapshot);

}  // namespace weir
