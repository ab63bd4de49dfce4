// The queue, the writer's thread, and snapshots of what they made.
#include "store/sqlite/sqlite_store.hpp"

#include <algorithm>
#include <chrono>
#include <set>

#include "store/sqlite/snapshot_parts.hpp"

namespace weir {

namespace {

constexpr std::size_t kIdleReaders = 16;
constexpr std::chrono::milliseconds kLongestWait{200};  // between looks at the clock

}  // namespace

SqliteStore::SqliteStore(SqliteStoreSettings settings, const Clock& clock, ExporterTable& exporters)
    : settings_([&] {
        settings.seal_rows = std::clamp<std::uint32_t>(settings.seal_rows, 1, kSegmentRows);
        return std::move(settings);
      }()),
      lock_(settings_.dir),
      exporters_(exporters),
      readers_(kIdleReaders),
      cache_(settings_.cache_bytes),
      catalog_(settings_.dir + "/catalog.sqlite", clock),
      template_ledger_(catalog_),
      rate_ledger_(catalog_),
      told_ledger_(catalog_),
      queue_("store", settings_.queue_rows),
      writer_(settings_, clock, exporters, state_, catalog_, template_ledger_, rate_ledger_, told_ledger_, cache_,
              readers_),
      sums_(settings_, clock, state_, cache_, readers_) {
  writer_.recover();
  thread_ = std::thread([this] { run(); });
}

SqliteStore::~SqliteStore() { close(); }

void SqliteStore::keep_sums() {
  if (settings_.sums) sums_.start();
}

void SqliteStore::close() {
  sums_.stop();
  queue_.close();
  if (thread_.joinable()) thread_.join();
}

void SqliteStore::run() {
  const auto wait =
      std::min<std::chrono::milliseconds>(kLongestWait, std::chrono::milliseconds(settings_.commit_interval_ms));
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
    for (const auto& [day, why] : s.unread)
      snapshot.warnings.push_back(why + ": the sessions of " + day_name(day) +
                                  " are left out until the file can be opened");
    std::set<const Segment*> left_out;
    for (const auto& [day, entry] : s.days) {
      for (const auto& segment : entry.segments) {
        if (auto damage = segment->damage(); damage.empty()) {
          add_segment(snapshot, segment, range);
        } else {
          left_out.insert(segment.get());
          snapshot.warnings.push_back(std::move(damage));
        }
      }
    }
    if (settings_.sums) {
      for (const auto& [day, entry] : s.days) add_sums(snapshot, entry.sums, left_out, range);
    }
    for (auto& rows : s.pending.publish()) add_segment(snapshot, std::move(rows), range);
  });
  const auto devices = device_names_ ? device_names_() : nullptr;
  for (const auto* e : exporters_.known()) {
    auto name = e->name.with([](const std::string& own) { return own; });
    if (name.empty() && devices) {
      if (const auto device = devices->find(e->address); device != devices->end()) name = device->second;
    }
    snapshot.exporters.push_back(
        {.id = e->id,
         .address = e->address,
         .name = std::move(name),
         .configured_sampling = e->configured_sampling,
         .late_rates = e->late_rates.with([](const std::vector<LateRate>& late) { return late; })});
  }
  newest_first(snapshot);
  return snapshot;
}

StoreStatus SqliteStore::status() const {
  StoreStatus status;
  state_.with([&](const StoreState& s) {
    status = {.max_bytes = settings_.max_bytes,
              .sessions = s.pending.rows(),
              .unsealed = s.pending.rows(),
              .days = s.days.size(),
              .limit_bytes = s.limit_bytes,
              .free_bytes = s.free_bytes,
              .set_aside_bytes = s.set_aside_bytes,
              .max_unsealed = settings_.max_unsealed_rows,
              .dropped_sessions = s.dropped_sessions,
              .commits = s.commits,
              .sealed_segments = s.sealed_segments,
              .deleted_days = s.deleted_days,
              .deleted_segments = s.deleted_segments,
              .deleted_sessions = s.deleted_sessions,
              .damaged_days = s.damaged_days,
              .damaged_catalogs = s.damaged_catalogs,
              .lost_files = s.lost_files,
              .age_waits = s.age_waits,
              .last_error = s.last_error};
    std::optional<TimeRange> stored;
    for (const auto& [day, entry] : s.days) {
      for (const auto& sums : entry.sums) {
        ++status.sum_blocks;
        status.summed_sessions += sums->has_sums() ? sums->sessions() : 0;
      }
      status.bytes += entry.bytes;
      status.sessions += entry.sessions;
      status.segments += entry.segments.size();
      for (const auto& segment : entry.segments) {
        widen(stored, segment->min_start_ms(), segment->max_end_ms());
        if (!segment->damage().empty()) ++status.damaged_segments;
      }
    }
    for (const auto& [from_ms, to_ms] : s.pending.ranges()) widen(stored, from_ms, to_ms);
    if (stored) {
      status.oldest_ms = stored->from_ms;
      status.newest_ms = stored->to_ms - 1;
    }
  });
  const auto templates = template_ledger_.counters();
  status.templates_waiting = templates.waiting;
  status.templates_refused = templates.refused;
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
  return catalog_.with([](Catalog& c) { return c.templates(); });
}

std::vector<ToldCopy> SqliteStore::told() {
  return catalog_.with([](Catalog& c) { return c.told(); });
}

std::vector<RateCopy> SqliteStore::rates() {
  return catalog_.with([](Catalog& c) { return c.rates(); });
}

void SqliteStore::save_exporter(const Exporter& e) {
  const auto row = ExporterLedger::describe(e);
  catalog_.with([&](Catalog& c) { c.save_exporters({row}); });
}
std::optional<std::string> SqliteStore::setting(std::string_view key) {
  return catalog_.with([&](Catalog& c) { return c.setting(key); });
}
void SqliteStore::save_setting(std::string_view key, std::string_view value) {
  catalog_.with([&](Catalog& c) { c.save_setting(key, value); });
}
std::optional<ImportedCapture> SqliteStore::imported(std::string_view fingerprint) {
  return catalog_.with([&](Catalog& c) { return c.imported(fingerprint); });
}
void SqliteStore::save_imported(const ImportedCapture& capture) {
  catalog_.with([&](Catalog& c) { c.save_imported(capture); });
}
RangeQuality SqliteStore::quality(const TimeRange& range, const std::vector<std::uint32_t>& exporters,
                                  std::int64_t now_ms) {
  auto quality =
      catalog_.with([&](Catalog& c) { return c.quality().in_range(range, exporters, now_ms, settings_.collects); });
  // What the catalog is told every few seconds is known here at once.
  for (auto& of : quality.exporters) {
    const auto* exporter = exporters_.find(of.exporter);
    if (exporter == nullptr) continue;
    of.protocols = exporter->protocols;
    of.complete_to_ms = exporter->tolerated_silence_ms == 0
                            ? 0
                            : std::max<std::int64_t>(exporter->last_seen_ms - exporter->report_ms, 1);
  }
  return quality;
}

}  // namespace weir
