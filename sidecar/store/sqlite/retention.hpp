// Which days have to go. Pure function; any thread.
#pragma once
#include <cstdint>
#include <vector>

namespace weir {

struct DayFileSize {
  std::int32_t day = 0;  // days since 1970-01-01
  std::uint64_t bytes = 0;
  bool in_use = false;   // has rows that are not sealed
};

// The days to delete, oldest first: those that ended more than max_age_days before `today`, and then as many as it takes
// for everything to fit max_bytes (0: no limit, both). `other_bytes` are used by what cannot be deleted. Never a day in
// use, and never `today`.
std::vector<std::int32_t> days_to_delete(std::vector<DayFileSize> days, std::uint64_t other_bytes, std::int32_t today, std::uint64_t max_bytes,
                                         std::uint32_t max_age_days);

}  // namespace weir
