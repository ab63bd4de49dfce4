// Finishing of snapshots.
#include "store/sqlite/snapshot_parts.hpp"

#include <algorithm>

namespace weir {

void widen(std::optional<TimeRange>& stored, std::int64_t min_start_ms, std::int64_t max_end_ms) {
  if (!stored) stored = TimeRange{.from_ms = min_start_ms, .to_ms = max_end_ms + 1};
  stored->from_ms = std::min(stored->from_ms, min_start_ms);
  stored->to_ms = std::max(stored->to_ms, max_end_ms + 1);
}

void add_segment(Snapshot& snapshot, std::shared_ptr<const Segment> segment, const std::optional<TimeRange>& range) {
  widen(snapshot.stored, segment->min_start_ms(), segment->max_end_ms());
  if (!range || may_touch(*segment, *range)) snapshot.segments.push_back(std::move(segment));
}

void add_sums(Snapshot& snapshot, const std::vector<std::shared_ptr<const StoredSums>>& sums,
              const std::set<const Segment*>& left_out, const std::optional<TimeRange>& range) {
  for (const auto& block : sums) {
    if (!block->has_sums()) continue;
    if (range && (block->min_start_ms() >= range->to_ms || block->max_end_ms() < range->from_ms)) continue;
    const auto covered = block->covered();
    const bool whole = left_out.empty() || std::none_of(covered.begin(), covered.end(), [&](const auto& segment) {
                         return left_out.count(segment.get()) != 0;
                       });
    if (whole) snapshot.sums.push_back(block);
  }
}

void newest_first(Snapshot& snapshot) {
  std::stable_sort(snapshot.segments.begin(), snapshot.segments.end(),
                   [](const auto& a, const auto& b) { return a->max_end_ms() > b->max_end_ms(); });
}

}  // namespace weir
