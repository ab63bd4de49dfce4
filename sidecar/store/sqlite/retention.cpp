// Retention by age and by size.
#include "store/sqlite/retention.hpp"

#include <algorithm>

namespace weir {

Retention plan_retention(std::vector<DayUse> days, const RetentionLimits& limits) {
  std::sort(days.begin(), days.end(), [](const auto& a, const auto& b) { return a.day < b.day; });
  std::uint64_t total = 0;
  for (const auto& d : days) total += d.bytes;
  Retention plan;
  for (const auto& d : days) {
    const bool old = d.day != limits.today && d.day != limits.newest.value_or(days.back().day),
               whole = old && !d.in_use;
    if (old && limits.oldest_day && d.day < *limits.oldest_day) {
      plan.too_old.push_back(d.day);
      total -= d.bytes;
      continue;
    }
    if (limits.max_bytes == 0 || total <= limits.max_bytes || plan.cut) continue;
    if (whole) {
      plan.too_large.push_back(d.day);
      total -= d.bytes;
    } else {
      plan.cut = Retention::Cut{.day = d.day, .bytes = std::min(d.bytes, total - limits.max_bytes)};
    }
  }
  return plan;
}

std::uint64_t limit_on_disk(std::uint64_t max_bytes, std::uint64_t used_bytes, const DiskSpace& disk) {
  constexpr std::uint64_t kMostReserve = std::uint64_t{1} << 30;
  const auto reserve = std::min(disk.capacity / 20, kMostReserve);
  const auto room = used_bytes + disk.available;
  const auto holds = std::max(disk.capacity / 2, room - std::min(room, reserve));
  return max_bytes == 0 ? holds : std::min(max_bytes, holds);
}

}  // namespace weir
