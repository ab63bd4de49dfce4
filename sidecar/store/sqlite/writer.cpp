// Commits. A failed one leaves the rows in memory; they are tried again with the next.
#include "store/sqlite/writer.hpp"

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

#include "core/log.hpp"
#include "store/sqlite/retention.hpp"

namespace weir {

namespace {
constexpr std::size_t kMaxOpenDays = 12;
constexpr std::int64_t kMinuteMs = 60'000;
}  // namespace

Writer::Writer(const SqliteStoreSettings& settings, const Clock& clock, ExporterTable& exporters, Guarded<StoreState>& state,
               Guarded<Catalog>& catalog, TemplateLedger& templates, ColumnCache& cache, ReaderPool& readers)
    : settings_(settings), clock_(clock), state_(state), catalog_(catalog), templates_(templates), cache_(cache), readers_(readers), ledger_(exporters, catalog),
      compressor_(settings.zstd_level) {}

void Writer::add(const SessionBatch& batch) {
  const auto now_ms = clock_.now_ms();
  state_.with([&](StoreState& s) {
    // Beyond the bound rows are dropped only when sealing cannot help: while the disk refuses.
    const bool refusing = !s.last_error.empty();
    const auto added = s.pending.add(batch, run_, now_ms, refusing ? settings_.unsealed_rows : std::numeric_limits<std::uint64_t>::max());
    s.dropped_sessions += added.refused + added.late;
    if (added.late) s.warn(std::to_string(added.late) + " sessions changed after they were declared final and were dropped: a fault in Weir");
  });
}

void Writer::work() {
  const auto now_ms = clock_.now_ms();
  const auto interval_ms = settings_.commit_interval_ms;
  if (now_ms < retry_at_ms_ && retry_at_ms_ - now_ms <= interval_ms) return;
  if (!seal_full_days()) return;
  while (state_.with([](const StoreState& s) { return s.pending.rows(); }) > settings_.unsealed_rows && seal_largest_day()) {
  }
  // Either is out of its bounds when the clock was set back.
  if (now_ms < last_commit_ms_ || now_ms - last_commit_ms_ >= interval_ms) commit();
}

bool Writer::commit() { return commit_all(false); }

void Writer::finish() {
  state_.with([](StoreState& s) { s.pending.make_all_final(); });
  if (!commit_all(true)) {
    // There is no later try.
    state_.with([](StoreState& s) {
      for (const auto day : s.pending.days()) {
        for (const auto& lost : s.pending.unjournaled(day, {})) s.dropped_sessions += lost.positions.size();
      }
    });
  }
  while (!open_.empty()) close_day(open_.begin()->first);
  try {
    catalog_.with([](Catalog& c) { c.checkpoint(true); });
  } catch (const SqliteError& e) {
    note_failure(e.what());
  }
}

bool Writer::seal_full_days() {
  for (const auto day : state_.with([](const StoreState& s) { return s.pending.days(); })) {
    while (state_.with([&](const StoreState& s) { return s.pending.final_rows(day); }) >= settings_.seal_rows) {
      if (!commit_day(day, Seal::kFinal, false)) return false;
    }
  }
  return true;
}

// Many days at once (an import): no day fills a segment before all of them fill the memory.
bool Writer::seal_largest_day() {
  std::int32_t largest = 0;
  std::uint64_t most = 0;
  state_.with([&](const StoreState& s) {
    for (const auto day : s.pending.days()) {
      if (const auto rows = s.pending.final_rows(day); rows > most) {
        most = rows;
        largest = day;
      }
    }
  });
  return most != 0 && commit_day(largest, Seal::kFinal, false);
}

bool Writer::commit_all(bool seal_all) {
  const auto now_ms = clock_.now_ms();
  last_commit_ms_ = now_ms;
  if (!seal_full_days()) return false;
  bool done = true;
  for (const auto day : state_.with([](const StoreState& s) { return s.pending.days(); })) {
    const bool due = state_.with([&](const StoreState& s) {
      return now_ms - s.pending.waiting_since_ms(day) >= settings_.seal_after_ms || s.pending.has_other_run(day, run_);
    });
    done = commit_day(day, seal_all || due ? Seal::kFinal : Seal::kNothing, true) && done;
  }
  if (!done) return false;
  try {
    templates_.save_waiting();
    if (const auto minute = now_ms / kMinuteMs; minute != last_minute_) {
      last_minute_ = minute;
      ledger_.save_changes(now_ms);
    }
    look_after_files();
  } catch (const std::exception& e) {
    note_failure(e.what());
    return false;
  }
  if (!state_.with([](StoreState& s) { return std::exchange(s.last_error, {}); }).empty()) log_of("store")->info("the disk takes sessions again");
  return true;
}

Writer::Plan Writer::plan(std::int32_t day, Seal seal, bool journal) const {
  Plan plan;
  state_.with([&](const StoreState& s) {
    if (seal != Seal::kNothing) plan.sealing = s.pending.final_parts(day, settings_.seal_rows);
    if (journal) plan.journal = s.pending.unjournaled(day, plan.sealing);
    // What an earlier run left gets no more rows: once all of it is sealed, its lane is forgotten.
    for (const auto& part : plan.sealing) {
      if (part.lane.run != run_ && s.pending.ends_with(day, part)) plan.finished.push_back(part.lane);
    }
  });
  return plan;
}

DayCommit Writer::encode(const Plan& plan) {
  DayCommit commit;
  std::vector<std::span<const Session>> parts;
  std::map<Lane, std::uint64_t> below;
  for (const auto& part : plan.sealing) {
    const auto rows = std::span(part.rows->sessions()).first(part.count);
    parts.push_back(rows);
    below[part.lane] = rows.back().id + 1;
  }
  if (!parts.empty()) commit.segments.push_back(encode_segment(parts, clock_.now_ms(), compressor_));
  commit.sealed_below.assign(below.begin(), below.end());
  commit.finished = plan.finished;

  std::vector<Session> rows;
  for (auto it = plan.journal.begin(); it != plan.journal.end(); ++it) {
    for (const auto position : it->positions) rows.push_back(it->rows->sessions()[position]);
    const auto next = std::next(it);
    if (next != plan.journal.end() && next->lane == it->lane && rows.size() + next->positions.size() <= kSegmentRows) continue;
    commit.journal.push_back(encode_batch(it->lane, rows, compressor_));
    rows.clear();
  }
  return commit;
}

bool Writer::commit_day(std::int32_t day, Seal seal, bool journal) {
  for (int attempt = 0;; ++attempt) {
    try {
      write_day(day, seal, journal);
      return true;
    } catch (const std::exception& e) {
      if (const auto it = open_.find(day); it != open_.end()) it->second.file.reset();
      const auto* cause = dynamic_cast<const SqliteError*>(&e);
      const bool damaged = cause && cause->is_damage() && cause->path() == day_path(day);  // not the catalog
      if (!damaged || attempt != 0) {
        note_failure(e.what());
        return false;
      }
      set_day_aside(day, e.what());  // and once more, into a new file
    }
  }
}

void Writer::write_day(std::int32_t day, Seal seal, bool journal) {
  ledger_.save_new();
  // A commit with unknown outcome must be settled before its rows are looked at again.
  if (const auto it = open_.find(day); it != open_.end() && it->second.unknown) open_day(day);
  auto todo = plan(day, seal, journal);
  if (todo.sealing.empty() && todo.journal.empty()) return;
  auto& open = open_day(day);
  auto changes = encode(todo);
  if (ledger_.saved().size() != open.exporters) {
    for (const auto& [id, exporter] : ledger_.saved()) changes.exporters.emplace_back(id, exporter.address);
  }
  open.unknown = OpenDay::Unknown{.number = open.file->commits() + 1, .parts = todo.sealing};
  const auto segments = open.file->write(changes);
  open.unknown.reset();
  open.exporters = ledger_.saved().size();
  apply(day, segments, todo);
  open.file->checkpoint(false);
}

void Writer::apply(std::int32_t day, const std::vector<SegmentInfo>& segments, const Plan& done) {
  state_.with([&](StoreState& s) {
    auto& entry = s.days.at(day);
    for (const auto& info : segments) entry.add(info, cache_);
    if (!done.journal.empty()) s.pending.mark_journaled(day);
    s.pending.drop(day, done.sealing, clock_.now_ms());
    ++s.commits;
    s.sealed_segments += segments.size();
  });
}

Writer::OpenDay& Writer::open_day(std::int32_t day) {
  auto& open = open_[day];
  open.used = ++uses_;
  if (open.file) return open;
  state_.with([&](StoreState& s) {
    auto& entry = s.days[day];
    if (!entry.handle) entry.handle = std::make_shared<DayHandle>(day, day_path(day), readers_);
  });
  if (!open.marked) catalog_.with([&](Catalog& c) { c.save_day({.day = day, .open = true}); });
  open.marked = true;
  open.file = std::make_unique<DayFile>(day_path(day));
  open.exporters = 0;
  settle_unknown(day, open);
  close_least_used();
  return open;
}

void Writer::settle_unknown(std::int32_t day, OpenDay& open) {
  if (!open.unknown) return;
  const auto unknown = std::move(*open.unknown);
  open.unknown.reset();
  if (open.file->commits() != unknown.number) return;
  const auto stored = open.file->segments();
  const auto known = state_.with([&](const StoreState& s) { return s.days.at(day).segments.size(); });
  apply(day, {stored.begin() + static_cast<std::ptrdiff_t>(std::min(known, stored.size())), stored.end()}, 
        {.sealing = unknown.parts, .journal = {}, .finished = {}});
}

void Writer::close_day(std::int32_t day) {
  const auto it = open_.find(day);
  CatalogDay summary{.day = day};
  bool complete = false;
  state_.with([&](const StoreState& s) {
    const auto entry = s.days.find(day);
    if (entry == s.days.end()) return;
    entry->second.handle->close_readers();
    const auto waiting = s.pending.days();
    complete = std::find(waiting.begin(), waiting.end(), day) == waiting.end() && !entry->second.segments.empty();
    summary.sessions = entry->second.sessions;
    summary.segments = entry->second.segments.size();
    summary.min_start_ms = std::numeric_limits<std::int64_t>::max();
    for (const auto& segment : entry->second.segments) {
      summary.min_start_ms = std::min(summary.min_start_ms, segment->min_start_ms());
      summary.max_end_ms = std::max(summary.max_end_ms, segment->max_end_ms());
    }
  });
  if (it->second.file) it->second.file->checkpoint(true);
  open_.erase(it);
  state_.with([&, bytes = file_bytes(day_path(day))](StoreState& s) {
    if (const auto entry = s.days.find(day); entry != s.days.end()) entry->second.bytes = bytes;
  });
  try {
    // With rows still in the journal it stays marked open: its numbers would not be whole.
    if (complete) catalog_.with([&](Catalog& c) { c.save_day(summary); });
  } catch (const SqliteError& e) {
    note_failure(e.what());
  }
}

void Writer::close_least_used() {
  const auto is_open = [](const auto& entry) { return entry.second.file && !entry.second.unknown; };
  while (static_cast<std::size_t>(std::count_if(open_.begin(), open_.end(), is_open)) > kMaxOpenDays) {
    auto least = open_.end();
    for (auto it = open_.begin(); it != open_.end(); ++it) {
      if (is_open(*it) && (least == open_.end() || it->second.used < least->second.used)) least = it;
    }
    close_day(least->first);
  }
}

void Writer::look_after_files() {
  const auto today = day_of(clock_.now_ms());
  std::vector<std::int32_t> idle;
  std::map<std::int32_t, std::uint64_t> sizes;
  const auto waiting = state_.with([](const StoreState& s) { return s.pending.days(); });
  for (const auto& [day, open] : open_) {
    if (day != today && std::find(waiting.begin(), waiting.end(), day) == waiting.end() && !open.unknown) idle.push_back(day);
    sizes[day] = 0;
  }
  for (const auto day : idle) close_day(day);
  for (auto& [day, bytes] : sizes) bytes = file_bytes(day_path(day));
  state_.with([&](StoreState& s) {
    for (const auto& [day, bytes] : sizes) {
      if (const auto it = s.days.find(day); it != s.days.end()) it->second.bytes = bytes;
    }
  });
  delete_old_days();
}

void Writer::delete_old_days() {
  std::vector<DayFileSize> sizes;
  std::uint64_t other_bytes = file_bytes(settings_.dir + "/catalog.sqlite");
  state_.with([&](const StoreState& s) {
    other_bytes += s.other_bytes;
    const auto waiting = s.pending.days();
    for (const auto& [day, entry] : s.days) {
      sizes.push_back({.day = day, .bytes = entry.bytes, .in_use = std::find(waiting.begin(), waiting.end(), day) != waiting.end()});
    }
  });
  const auto doomed = days_to_delete(std::move(sizes), other_bytes, day_of(clock_.now_ms()), settings_.max_bytes, settings_.max_age_days);
  for (const auto day : doomed) {
    if (open_.count(day)) close_day(day);
    std::shared_ptr<DayHandle> handle;
    state_.with([&](StoreState& s) {
      handle = s.days.at(day).handle;
      handle->remove_at_end();
      s.days.erase(day);
      ++s.deleted_days;
    });
    catalog_.with([&](Catalog& c) {
      c.forget_day(day);
      c.forget_quality_before((std::int64_t{day} + 1) * 24 * 60 * kMinuteMs);
    });
  }
}

void Writer::set_day_aside(std::int32_t day, const std::string& why) {
  open_.erase(day);
  state_.with([&](StoreState& s) {
    const auto entry = s.days.find(day);
    if (entry == s.days.end()) return;
    entry->second.handle->close_readers();
    entry->second.handle->rename_to(kDamagedSuffix + std::to_string(clock_.now_ms()));
    s.other_bytes += file_bytes(entry->second.handle->path());
    s.warn("the day " + day_name(day) + " is damaged and was set aside as " + entry->second.handle->path() + " (" + why + ")");
    ++s.damaged_days;
    s.days.erase(entry);
    s.pending.mark_unjournaled(day);
  });
  try {
    catalog_.with([&](Catalog& c) { c.forget_day(day); });
  } catch (const SqliteError& e) {
    note_failure(e.what());
  }
}

void Writer::note_failure(const std::string& what) {
  retry_at_ms_ = clock_.now_ms() + settings_.commit_interval_ms;
  const auto text = what + " (sessions wait in memory; tried again every commit interval)";
  // Told once, and again when the disk works.
  if (state_.with([&](StoreState& s) { return std::exchange(s.last_error, text); }).empty()) log_of("store")->error("{}", text);
}

std::string Writer::day_path(std::int32_t day) const { return settings_.dir + "/days/" + day_name(day) + ".sqlite"; }

}  // namespace weir
