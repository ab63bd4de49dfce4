// What has to go: whole days by age and by size, and the oldest part of a day where whole days are not enough. Pure
// functions; any thread.
#pragma once
#include <cstdint>
#include <optional>
#include <vector>

namespace weir {

struct DayUse {
  std::int32_t day = 0;     // days since 1970-01-01
  std::uint64_t bytes = 0;  // that hold something: without logs and free pages
  bool in_use = false;      // has rows that are not sealed
};

struct RetentionLimits {
  std::uint64_t max_bytes = 0;             // 0: no limit
  std::optional<std::int32_t> oldest_day;  // days before it are too old; none: no limit
  std::int32_t today = 0;
  std::optional<std::int32_t> newest;  // day of which there are sessions, stored or not yet
};

struct Retention {
  std::vector<std::int32_t> too_old, too_large;  // days to delete, oldest first
  struct Cut {
    std::int32_t day = 0;
    std::uint64_t bytes = 0;  // of its oldest sessions
  };
  std::optional<Cut> cut;
};

// Today and the newest day are never deleted whole, and a day in use only when it is too old: what is too much is cut.
Retention plan_retention(std::vector<DayUse> days, const RetentionLimits& limits);

struct DiskSpace {
  std::uint64_t capacity = 0, available = 0;
};

// What max_bytes comes to on a disk that has less room than that: the store keeps a little of the disk free, and gives
// way to other files until it has half of the disk left. Without it a limit that the disk cannot hold would end in a
// full disk.
std::uint64_t limit_on_disk(std::uint64_t max_bytes, std::uint64_t used_bytes, const DiskSpace& disk);

}  // namespace weir
