// What is in the files of a data folder, day by day, for `weir store`: beside a running collector or without one. Reads
// only. One thread.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "store/store.hpp"

namespace weir {

struct DayReport {
  std::string name, path;                  // "2026-11-27"
  std::uint64_t bytes = 0;                 // with its log
  std::uint64_t sealed = 0, unsealed = 0;  // sessions
  std::uint64_t segments = 0;
  std::optional<TimeRange> range;                  // of its sessions
  std::map<ColumnId, std::uint64_t> column_bytes;  // of the sealed, compressed
  std::uint64_t filter_bytes = 0;                  // of what tells which addresses a column has
  std::vector<std::string> damage;                 // what could not be read: where, why
};

// The days that have a file, ascending.
std::vector<std::string> inspected_days(const std::string& dir);
// Of one of them; none when it was deleted meanwhile. `decode`: also decompresses and decodes every column of every
// segment, and calls `on_segment` after each.
std::optional<DayReport> inspect_day(const std::string& dir, const std::string& name, bool decode,
                                     const std::function<void()>& on_segment = {});

}  // namespace weir
