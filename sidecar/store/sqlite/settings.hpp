// The bounds of the SQLite store, as weir.toml's [store] sets them. Plain values.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "store/sqlite/retention.hpp"
#include "store/store.hpp"

namespace weir {

std::optional<DiskSpace> disk_space_of(const std::string& dir);

struct SqliteStoreSettings {
  std::string dir = "data";
  std::int64_t commit_interval_ms = 1000;         // what a dying machine loses at most
  std::uint32_t seal_rows = kSegmentRows;         // a full segment; at most kSegmentRows
  std::int64_t seal_after_ms = 15 * 60 * 1000;    // a segment is sealed after this time even when it is not full
  std::uint64_t max_bytes = std::uint64_t{20} << 30;  // all day files together, without logs; 0: no limit
  std::uint32_t max_age_days = 0;                 // 0: no limit
  std::uint64_t cache_bytes = std::uint64_t{512} << 20;
  std::uint64_t queue_rows = 1 << 20;             // waiting for the writer; then the producer waits
  std::uint64_t max_unsealed_rows = 1 << 21;      // in memory; more only happens when the disk refuses: then rows are dropped
  int zstd_level = 1;
  bool collects = true;                           // keeps account of what is missing, by the clock; an import does it by its captures
  // Of the disk that `dir` is on; none: unknown.
  std::function<std::optional<DiskSpace>(const std::string& dir)> disk_space = disk_space_of;
};

}  // namespace weir
