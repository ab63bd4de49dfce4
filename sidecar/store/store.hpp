// What a store offers: sessions in (SessionSink), and snapshots of segments out. The queries see nothing else of it.
// append side: any thread (queued to the store's writer); snapshots: any thread.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "flow/field_catalog.hpp"
#include "flow/late_rate.hpp"
#include "flow/session.hpp"
#include "store/column.hpp"
#include "store/range_quality.hpp"
#include "store/sum_block.hpp"
#include "store/told_copy.hpp"

namespace weir {

// Half-open [from_ms, to_ms), epoch milliseconds UTC.
struct TimeRange {
  std::int64_t from_ms = 0, to_ms = 0;
  friend bool operator==(const TimeRange&, const TimeRange&) = default;
};

// Up to kSegmentRows sessions. Columns load when asked for and are shared through the cache.
inline constexpr std::uint32_t kSegmentRows = 131'072;

// Both ends included.
struct ColumnRange {
  std::uint64_t min = 0, max = 0;
};

class Segment {
 public:
  virtual ~Segment() = default;
  virtual std::uint32_t rows() const = 0;
  virtual std::int64_t min_start_ms() const = 0;
  virtual std::int64_t max_end_ms() const = 0;  // of the rows; a session touches [start, end], a point when equal
  // Never null. Throws std::runtime_error naming file and column when the stored bytes are damaged.
  virtual std::shared_ptr<const Column> column(ColumnId id) const = 0;
  // The smallest and largest value of a numeric column, when they are known without loading it: what a filter excludes
  // need not be read.
  virtual std::optional<ColumnRange> range(ColumnId) const { return std::nullopt; }
  // False only when it is known without loading the column that no row has the address there.
  virtual bool may_have(ColumnId, const IpAddress&) const { return true; }
};

// False only when no row of the segment can touch the range.
inline bool may_touch(const Segment& segment, const TimeRange& range) {
  return segment.min_start_ms() < range.to_ms && segment.max_end_ms() >= range.from_ms;
}

struct ExporterName {
  std::uint32_t id = 0;
  IpAddress address;
  std::string name;                       // may be empty
  std::uint32_t configured_sampling = 0;  // used where a session's own rate is 0
  std::vector<LateRate> late_rates{};     // used before that, within their times
};

// A consistent view: every committed session exactly once, sealed or not. Holds what it reads open until released.
struct Snapshot {
  std::vector<std::shared_ptr<const Segment>> segments;  // those that touch the range asked for, newest first
  std::vector<ExporterName> exporters;                   // all known
  std::optional<TimeRange> stored;  // [min start, max end + 1) of all that is stored; none: empty store
  std::vector<std::shared_ptr<const SumBlock>> sums{};  // of segments, all of which are there; see sum_block.hpp
  std::vector<std::string> warnings;                    // e.g. a day set aside as damaged: which file, why
};

struct StoreStatus {
  std::uint64_t bytes = 0, max_bytes = 0, sessions = 0, segments = 0, unsealed = 0, days = 0;
  std::uint64_t sum_blocks = 0, summed_sessions = 0;  // sessions of which there are sums
  std::uint64_t limit_bytes = 0;                      // what max_bytes comes to on this disk
  std::uint64_t free_bytes = 0;                       // of the disk, for this user; 0: unknown or none
  std::uint64_t set_aside_bytes = 0;                  // of damaged files
  std::uint64_t max_unsealed = 0;                     // more are dropped while the disk refuses
  std::int64_t oldest_ms = 0, newest_ms = 0;
  std::uint64_t cache_bytes = 0, cache_max_bytes = 0, cache_hits = 0, cache_misses = 0;
  std::uint64_t dropped_sessions = 0;  // not stored because the disk refused, after retries
  std::uint64_t commits = 0, sealed_segments = 0;
  std::uint64_t deleted_days = 0, deleted_segments = 0, deleted_sessions = 0;  // by age and size
  std::uint64_t damaged_days = 0, damaged_segments = 0, damaged_catalogs = 0;
  std::uint64_t lost_files = 0;  // deleted or replaced under the collector
  std::uint64_t templates_waiting = 0, templates_refused = 0;
  bool age_waits = false;  // deletion by age waits, because the clock was moved
  std::uint64_t queue_rows = 0, queue_capacity = 0, queue_dropped = 0;
  std::string last_error;
};

class Store : public SessionSink {
 public:
  // Segments that touch `range`; none: all.
  virtual Snapshot snapshot(std::optional<TimeRange> range) = 0;
  // Waits until everything handed over so far is committed (visible to other processes, and after kill -9).
  virtual void flush() = 0;
  virtual StoreStatus status() const = 0;
  // What exporters have told of themselves, by exporter, kind and id. Of a store that does not keep it: nothing.
  virtual std::vector<ToldCopy> told() { return {}; }
  // What is missing within the range, of these exporters (ascending ids). Of a store that keeps no account: nothing.
  virtual RangeQuality quality(const TimeRange& /*range*/, const std::vector<std::uint32_t>& /*exporters*/,
                               std::int64_t /*now_ms*/) {
    return {};
  }
};

}  // namespace weir
