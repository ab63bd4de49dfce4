// Retention by age and by size.
#include "store/sqlite/retention.hpp"

#include <algorithm>

namespace weir {

std::vector<std::int32_t> days_to_delete(std::vector<DayFileSize> days, std::uint64_t other_bytes, std::int32_t today, std::uint64_t max_bytes,
                                         std::uint32_t max_age_days) {
  std::sort(days.begin(), days.end(), [](const auto& a, const auto& b) { return a.day < b.day; });
  std::uint64_t total = other_bytes;
  for (const auto& d : days) total += d.bytes;
  std::vector<std::int32_t> doomed;
  for (const auto& d : days) {
    if (d.in_use || d.day == today) continue;
    const bool too_old = max_age_days != 0 && std::int64_t{d.day} < std::int64_t{today} - max_age_days;
    const bool too_much = max_bytes != 0 && total > max_bytes;
    if (!too_old && !too_much) continue;
    doomed.push_back(d.day);
    total -= d.bytes;
  }
  return doomed;
}

}  // namespace weir
