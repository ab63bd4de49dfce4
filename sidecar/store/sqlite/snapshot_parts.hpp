// What both stores do to finish a snapshot. Pure functions; any thread.
#pragma once
#include <cstdint>
#include <vector>

#include "store/store.hpp"

namespace weir {

// Widens the stored range by [min_start_ms, max_end_ms].
void widen(std::optional<TimeRange>& stored, std::int64_t min_start_ms, std::int64_t max_end_ms);
// Counts the segment into `stored`, and keeps it when it may touch the range.
void add_segment(Snapshot& snapshot, std::shared_ptr<const Segment> segment, const std::optional<TimeRange>& range);
void newest_first(Snapshot& snapshot);

}  // namespace weir
