// The queue, the writer's thread, and snapshots of what they made.
#include "store/sqlite/sqlite_store.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>

#include "store/sqlite/snapshot_parts.hpp"

namespace weir {

namespace {

constexpr std::size_t kIdleReaders = 16;
constexpr std::chrono::milliseconds kLongestWait{200};  // between looks at the clock

std::unique_ptr<Guarded<Catalog>> open_catalog(const std::string& dir, std::int64_t now_ms, Guarded<StoreState>& state) {
  const std::string path = dir + "/catalog.sqlite";
  try {
    return std::make_unique<Guarded<Catalog>>(path, Database::Access::kCreate);
  } catch (const SqliteError& e) {
    if (!e.is_damage()) throw;
    const auto suffix = kDamagedSuffix + std::to_string(now_ms);
    rename_database(path, path + suffix);
    state.with([&](StoreState& s) {
      s.warn("the catalog is damaged and was set aside as " + path + suffix + " (" + e.what() +
             "); addresses of exporters come back from the day files, their names and sampling rates must be set again");
      ++s.damaged_days;
    });
    return std::make_unique<Guarded<Catalog>>(path, Database::Access::kCreate);
  }
}

}  // namespace

FolderLock::FolderLock(const std::string& dir) {
  std::error_code failed;
  std::filesystem::create_directories(dir, failed);
  const std::string path = dir + "/lock";
  file_ = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (file_ < 0) throw std::runtime_error(path + ": " + std::strerror(errno) + "; the data folder must exist and be writable (store.dir, --data)");
  if (flock(file_, LOCK_EX | LOCK_NB) != 0) {
    close(file_);
    throw std::runtime_error(dir + ": another weir process writes to this data folder; stop it or choose another one (store.dir, --data)");
  }
}

FolderLock::~FolderLock() { close(file_); }

SqliteStore::SqliteStore(SqliteStoreSettings settings, const Clock& clock, ExporterTable& exporters)
    : settings_([&] {
        settings.seal_rows = std::clamp<std::uint32_t>(settings.seal_rows, 1, kSegmentRows);
        return std::move(settings);
      }()),
      lock_(settings_.dir),
      clock_(clock),
      exporters_(exporters),
      readers_(kIdleReaders),
      cache_(settings_.cache_bytes),
      catalog_(open_catalog(settings_.dir, clock.now_ms(), state_)),
      template_ledger_(*catalog_),
      queue_("store", settings_.queue_rows),
      writer_(settings_, clock, exporters, state_, *catalog_, template_ledger_, cache_, readers_) {
  writer_.recover();
  thread_ = std::thread([this] { run(); });
}

SqliteStore::~SqliteStore() { close(); }

void SqliteStore::close() {
  queue_.close();
  if (thread_.joinable()) thread_.join();
}

void SqliteStore::run() {
  const auto wait = std::min<std::chrono::milliseconds>(kLongestWait, std::chrono::milliseconds(settings_.commit_interval_ms));
  while (!queue_.closed_and_empty()) {
    const auto item = queue_.pop(wait);
    if (item && std::holds_alternative<Flush>(*item)) {
      std::get<Flush>(*item)->set_value(writer_.commit());
    } else {
      if (item) writer_.add(std::get<SessionBatch>(*item));
      writer_.work();
    }
  }
  writer_.finish();
}

void SqliteStore::on_sessions(SessionBatch&& batch) {
  const auto weight = std::max<std::uint64_t>(batch.sessions.size(), 1);
  queue_.push(std::move(batch), weight);
}

void SqliteStore::flush() {
  auto done = std::make_shared<std::promise<bool>>();
  auto result = done->get_future();
  if (!queue_.push(std::move(done), 0)) return;
  if (!result.get()) throw std::runtime_error(status().last_error);
}

Snapshot SqliteStore::snapshot(std::optional<TimeRange> range) {
  Snapshot snapshot;
  state_.with([&](StoreState& s) {
    snapshot.warnings = s.warnings;
    for (const auto& [day, entry] : s.days) {
      for (const auto& segment : entry.segments) {
        if (auto damage = segment->damage(); damage.empty()) {
          add_segment(snapshot, segment, range);
        } else {
          snapshot.warnings.push_back(std::move(damage));
        }
      }
    }
    for (auto& rows : s.pending.publish()) add_segment(snapshot, std::move(rows), range);
  });
  for (const auto* e : exporters_.all()) {
    snapshot.exporters.push_back({.id = e->id, .address = e->address, .name = e->name.with([](const std::string& name) { return name; }),
                                  .configured_sampling = e->configured_sampling});
  }
  newest_first(snapshot);
  return snapshot;
}

StoreStatus SqliteStore::status() const {
  StoreStatus status;
  state_.with([&](const StoreState& s) {
    status = {.bytes = s.other_bytes, .max_bytes = settings_.max_bytes, .sessions = s.pending.rows(), .unsealed = s.pending.rows(),
              .days = s.days.size(), .dropped_sessions = s.dropped_sessions, .commits = s.commits, .sealed_segments = s.sealed_segments,
              .deleted_days = s.deleted_days, .damaged_days = s.damaged_days, .last_error = s.last_error};
    std::optional<TimeRange> stored;
    for (const auto& [day, entry] : s.days) {
      status.bytes += entry.bytes;
      status.sessions += entry.sessions;
      status.segments += entry.segments.size();
      for (const auto& segment : entry.segments) widen(stored, segment->min_start_ms(), segment->max_end_ms());
    }
    for (const auto& [from_ms, to_ms] : s.pending.ranges()) widen(stored, from_ms, to_ms);
    if (stored) {
      status.oldest_ms = stored->from_ms;
      status.newest_ms = stored->to_ms - 1;
    }
  });
  status.bytes += file_bytes(settings_.dir + "/catalog.sqlite");
  const auto cache = cache_.counters();
  status.cache_bytes = cache.bytes;
  status.cache_max_bytes = cache.max_bytes;
  status.cache_hits = cache.hits;
  status.cache_misses = cache.misses;
  const auto queue = queue_.status();
  status.queue_rows = queue.size;
  status.queue_capacity = queue.capacity;
  status.queue_dropped = queue.dropped;
  return status;
}

std::vector<TemplateCopy> SqliteStore::templates() {
  return catalog_->with([](Catalog& c) { return c.templates(); });
}
void SqliteStore::save_exporter(const Exporter& e) {
  const CatalogExporter row{.id = e.id, .address = e.address, .name = e.name.with([](const std::string& name) { return name; }),
                            .configured_sampling = e.configured_sampling, .first_seen_ms = e.first_seen_ms,
                            .last_seen_ms = e.last_seen_ms, .protocols = e.protocols};
  catalog_->with([&](Catalog& c) { c.save_exporters({row}); });
}
std::optional<std::string> SqliteStore::setting(std::string_view key) {
  return catalog_->with([&](Catalog& c) { return c.setting(key); });
}
void SqliteStore::save_setting(std::string_view key, std::string_view value) {
  catalog_->with([&](Catalog& c) { c.save_setting(key, value); });
}
std::vector<QualityMinute> SqliteStore::quality(const TimeRange& range) {
  return catalog_->with([&](Catalog& c) { return c.quality(range); });
}

}  // namespace weir
