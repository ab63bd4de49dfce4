// A folder of sessions read from outside of the collector: every snapshot looks at the files anew. Closed days that the
// range does not touch are not opened.
#include <algorithm>
#include <filesystem>
#include <map>
#include <span>

#include "store/row_segment.hpp"
#include "store/sqlite/catalog.hpp"
#include "store/sqlite/day_file.hpp"
#include "store/sqlite/snapshot_parts.hpp"
#include "store/sqlite/sqlite_store.hpp"

namespace weir {

namespace {

constexpr std::size_t kIdleReaders = 16;

class ReadOnlyStore final : public Store {
 public:
  ReadOnlyStore(std::string dir, std::uint64_t cache_bytes)
      : dir_(std::move(dir)), readers_(kIdleReaders), cache_(cache_bytes) {}

  void on_sessions(SessionBatch&&) override {
    throw std::logic_error("a store that was opened for reading gets no sessions");
  }
  void flush() override {}

  Snapshot snapshot(std::optional<TimeRange> range) override {
    Snapshot snapshot;
    snapshot.warnings = set_aside_warnings(dir_);
    const auto days = read_catalog(snapshot);
    for (const auto day : list_days(dir_ + "/days")) {
      const auto known = days.find(day);
      const bool closed = known != days.end() && !known->second.open;
      const bool apart =
          closed && range && !(known->second.min_start_ms < range->to_ms && known->second.max_end_ms >= range->from_ms);
      if (apart) {
        widen(snapshot.stored, known->second.min_start_ms, known->second.max_end_ms);
      } else {
        read_day(day, closed, range, snapshot);
      }
    }
    newest_first(snapshot);
    return snapshot;
  }

  RangeQuality quality(const TimeRange& range, const std::vector<std::uint32_t>& exporters,
                       std::int64_t now_ms) override {
    const auto path = dir_ + "/catalog.sqlite";
    if (!std::filesystem::exists(path)) return {};
    try {
      Catalog catalog(path, Database::Access::kReadOnly);
      return catalog.quality().in_range(range, exporters, now_ms, catalog.quality().is_running(now_ms));
    } catch (const SqliteError&) {
      return {};  // snapshot() says it
    }
  }

  std::vector<ToldCopy> told() override {
    const auto path = dir_ + "/catalog.sqlite";
    if (!std::filesystem::exists(path)) return {};
    try {
      return Catalog(path, Database::Access::kReadOnly).told();
    } catch (const SqliteError&) {
      return {};  // snapshot() says it
    }
  }

  StoreStatus status() const override {
    StoreStatus status;
    for (const auto day : list_days(dir_ + "/days")) {
      ++status.days;
      status.bytes += file_bytes(day_path(day));
    }
    status.bytes += file_bytes(dir_ + "/catalog.sqlite");
    const auto cache = cache_.counters();
    status.cache_bytes = cache.bytes;
    status.cache_max_bytes = cache.max_bytes;
    status.cache_hits = cache.hits;
    status.cache_misses = cache.misses;
    return status;
  }

 private:
  std::string day_path(std::int32_t day) const { return dir_ + "/days/" + day_name(day) + ".sqlite"; }

  std::map<std::int32_t, CatalogDay> read_catalog(Snapshot& snapshot) const {
    std::map<std::int32_t, CatalogDay> days;
    const auto path = dir_ + "/catalog.sqlite";
    if (!std::filesystem::exists(path)) return days;
    try {
      Catalog catalog(path, Database::Access::kReadOnly);
      for (const auto& e : catalog.exporters()) {
        snapshot.exporters.push_back({.id = e.id,
                                      .address = e.address,
                                      .name = e.name,
                                      .configured_sampling = e.configured_sampling,
                                      .late_rates = e.late_rates});
      }
      for (const auto& day : catalog.days()) days.emplace(day.day, day);
    } catch (const SqliteError& e) {
      snapshot.warnings.push_back(std::string(e.what()) + ": exporters are unknown");
    }
    return days;
  }

  // Segments and journal as of one moment.
  void read_day(std::int32_t day, bool closed, const std::optional<TimeRange>& range, Snapshot& snapshot) {
    const auto handle = std::make_shared<DayHandle>(day, day_path(day), readers_);
    try {
      auto lease = handle->lease();
      Transaction transaction(*lease, false);
      if (check_day_schema(*lease)) {
        std::vector<std::shared_ptr<const SealedSegment>> segments;
        for (const auto& info : read_segments(*lease)) {
          segments.push_back(std::make_shared<const SealedSegment>(info, handle, cache_));
          add_segment(snapshot, segments.back(), range);
        }
        read_day_sums(day, segments, range, snapshot);
        auto journal = read_journal(*lease);
        for (auto& what : journal.damage) snapshot.warnings.push_back(std::move(what));
        for (const auto& [lane, rows] : journal.rows) add_rows(rows, range, snapshot);
      } else if (closed) {
        snapshot.warnings.push_back(day_path(day) + ": the file is empty: the sessions of " + day_name(day) +
                                    " are left out");
      }
      transaction.commit();
    } catch (const SqliteError& e) {
      // Deleted by the collector's retention since the folder was listed.
      if (!std::filesystem::exists(day_path(day))) return;
      snapshot.warnings.push_back(std::string(e.what()) + ": the sessions of " + day_name(day) + " are left out");
    }
  }

  // Without them the sessions are read.
  void read_day_sums(std::int32_t day, const std::vector<std::shared_ptr<const SealedSegment>>& segments,
                     const std::optional<TimeRange>& range, Snapshot& snapshot) {
    const auto path = sum_path(dir_, day);
    if (!std::filesystem::exists(path)) return;
    try {
      std::vector<std::int64_t> stale;
      add_sums(snapshot, read_sums(std::make_shared<DayHandle>(day, path, readers_), segments, cache_, stale), {},
               range);
    } catch (const SqliteError& e) {
      log_of("store")->debug("{}: sessions are read instead", e.what());
    }
  }

  static void add_rows(const std::vector<Session>& rows, const std::optional<TimeRange>& range, Snapshot& snapshot) {
    for (std::size_t at = 0; at < rows.size(); at += kSegmentRows) {
      const auto some = std::span(rows).subspan(at, std::min<std::size_t>(kSegmentRows, rows.size() - at));
      add_segment(snapshot, std::make_shared<const RowSegment>(std::vector<Session>(some.begin(), some.end())), range);
    }
  }

  const std::string dir_;
  ReaderPool readers_;
  ColumnCache cache_;
};

}  // namespace

std::unique_ptr<Store> open_read_only(const std::string& dir, std::uint64_t cache_bytes) {
  if (!std::filesystem::is_directory(dir)) {
    throw std::runtime_error(dir +
                             ": no such data folder; name the one that `weir run` or `weir import` wrote to (--data)");
  }
  return std::make_unique<ReadOnlyStore>(dir, cache_bytes);
}

}  // namespace weir
