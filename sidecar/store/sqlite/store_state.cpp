// The oldest part of a day.
#include "store/sqlite/store_state.hpp"

#include <algorithm>
#include <set>

namespace weir {

std::vector<DayEntry::Taken> DayEntry::take_oldest(std::uint64_t wanted_bytes) {
  std::stable_sort(segments.begin(), segments.end(),
                   [](const auto& a, const auto& b) { return a->max_end_ms() < b->max_end_ms(); });
  std::vector<Taken> taken;
  const auto per_session = static_cast<double>(bytes) / static_cast<double>(std::max<std::uint64_t>(sessions, 1));
  std::uint64_t taken_bytes = 0;
  while (taken.size() < segments.size() && (taken.empty() || taken_bytes < wanted_bytes)) {
    const auto& segment = segments[taken.size()];
    taken.push_back({.segment = segment, .bytes = static_cast<std::uint64_t>(per_session * segment->rows())});
    taken_bytes += taken.back().bytes;
  }
  segments.erase(segments.begin(), segments.begin() + static_cast<std::ptrdiff_t>(taken.size()));
  for (const auto& one : taken) sessions -= one.segment->rows();
  forget_lost_sums();
  return taken;
}

void DayEntry::forget_lost_sums() {
  if (sums.empty()) return;
  std::set<const Segment*> there;
  for (const auto& segment : segments) there.insert(segment.get());
  const auto is_whole = [&](const auto& block) {
    const auto covered = block->covered();
    return std::all_of(covered.begin(), covered.end(),
                       [&](const auto& segment) { return there.count(segment.get()) != 0; });
  };
  const auto lost = std::stable_partition(sums.begin(), sums.end(), is_whole);
  dropped_sums.insert(dropped_sums.end(), lost, sums.end());
  sums.erase(lost, sums.end());
}

std::vector<std::int32_t> StoreState::day_numbers() const {
  std::vector<std::int32_t> numbers;
  for (const auto& [day, entry] : days) numbers.push_back(day);
  return numbers;
}

}  // namespace weir
