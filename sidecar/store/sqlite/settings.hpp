// The bounds of the SQLite store, as weir.toml's [store] sets them. Plain values.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "core/setting_defaults.hpp"
#include "store/sqlite/retention.hpp"
#include "store/store.hpp"

namespace weir {

std::optional<DiskSpace> disk_space_of(const std::string& dir);

struct SqliteStoreSettings {
  std::string dir = "data";
  std::int64_t commit_interval_ms = setting_defaults::kStoreCommitIntervalMs;  // what a dying machine loses at most
  std::uint32_t seal_rows = setting_defaults::kStoreSealRows;                  // a full segment; at most kSegmentRows
  std::int64_t seal_after_ms =
      setting_defaults::kStoreSealAfterMs;  // a segment is sealed after this time even when it is not full
  std::uint64_t max_bytes = setting_defaults::kStoreMaxBytes;       // all day files together, without logs; 0: no limit
  std::uint32_t max_age_days = setting_defaults::kStoreMaxAgeDays;  // 0: no limit
  std::uint64_t cache_bytes = setting_defaults::kStoreCacheBytes;
  std::uint64_t queue_rows = setting_defaults::kStoreQueueRows;  // waiting for the writer; then the producer waits
  std::uint64_t max_unsealed_rows = setting_defaults::kStoreMaxUnsealedRows;  // in memory; more only happens when the
                                                                              // disk refuses: then rows are dropped
  bool sums = setting_defaults::kStoreSums;                                   // are made, and answer questions
  int zstd_level = setting_defaults::kStoreZstdLevel;
  bool collects = true;  // keeps account of what is missing, by the clock; an import does it by its captures
  bool deletes = true;   // what is too old or too much, see Retention
  // Of the disk that `dir` is on; none: unknown.
  std::function<std::optional<DiskSpace>(const std::string& dir)> disk_space = disk_space_of;
};

}  // namespace weir
