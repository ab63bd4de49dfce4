// What the writer and the snapshots share, under one lock: the days with their segments, the unsealed rows, counters.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/log.hpp"
#include "store/sqlite/day_handle.hpp"
#include "store/sqlite/pending_rows.hpp"
#include "store/sqlite/segment.hpp"
#include "store/sqlite/stored_sums.hpp"

namespace weir {

struct DayEntry {
  std::shared_ptr<DayHandle> handle;
  std::vector<std::shared_ptr<const SealedSegment>> segments;
  std::uint64_t sessions = 0;            // sealed
  std::uint64_t bytes = 0;               // that hold something, as of the last look
  std::shared_ptr<DayHandle> sums_file;  // null: not looked at yet
  std::vector<std::shared_ptr<const StoredSums>> sums;
  std::vector<std::shared_ptr<const StoredSums>> dropped_sums;  // still in the file

  void add(const SegmentInfo& info, ColumnCache& cache) {
    segments.push_back(std::make_shared<const SealedSegment>(info, handle, cache));
    sessions += info.rows;
  }
  // Sums of a segment that is not there any more.
  void forget_lost_sums();
  // The segments whose sessions ended first, until they have about so many bytes; at least one, if there is any. They
  // are out of later snapshots.
  struct Taken {
    std::shared_ptr<const SealedSegment> segment;
    std::uint64_t bytes = 0;  // about: a share of the day's by rows
  };
  std::vector<Taken> take_oldest(std::uint64_t wanted_bytes);
};

struct StoreState {
  std::map<std::int32_t, DayEntry> days;
  PendingRows pending;
  std::uint64_t sum_bytes = 0;  // of the files of sums, beside those of the days
  std::uint64_t set_aside_bytes = 0, limit_bytes = 0, free_bytes = 0;
  std::map<std::int32_t, std::string> unread;  // days whose files could not be opened yet, and why; tried again
  std::vector<std::string> warnings;           // days set aside, and what else a reader of the data must know; bounded
  std::uint64_t dropped_sessions = 0, commits = 0, sealed_segments = 0, damaged_days = 0, damaged_catalogs = 0,
                lost_files = 0;
  std::uint64_t deleted_days = 0, deleted_segments = 0, deleted_sessions = 0;
  bool age_waits = false;
  std::string last_error;  // "" while all is well

  std::vector<std::int32_t> day_numbers() const;
  void warn(std::string text) {
    if (warnings.size() >= 100) return;
    log_of("store")->warn("{}", text);
    warnings.push_back(std::move(text));
  }
};

}  // namespace weir
