// Commits. A failed one leaves the rows in memory; they are tried again with the next.
#include "store/sqlite/writer.hpp"

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

#include "core/counted.hpp"
#include "core/durations.hpp"
#include "core/log.hpp"
#include "store/sqlite/retention.hpp"

namespace weir {

namespace {}  // namespace

Writer::Writer(const SqliteStoreSettings& settings, const Clock& clock, ExporterTable& exporters,
               Guarded<StoreState>& state, LiveCatalog& catalog, TemplateLedger& templates, RateLedger& rates,
               ToldLedger& told, ColumnCache& cache, ReaderPool& readers)
    : settings_(settings),
      clock_(clock),
      state_(state),
      catalog_(catalog),
      templates_(templates),
      rates_(rates),
      told_(told),
      cache_(cache),
      readers_(readers),
      ledger_(exporters, catalog),
      quality_(exporters, catalog, QualityLedger::Of::kCollector),
      compressor_(settings.zstd_level),
      retention_clock_(clock) {}

void Writer::add(const SessionBatch& batch) {
  const auto now_ms = clock_.steady_ms();
  const auto added = state_.with([&](StoreState& s) {
    // Beyond the bound rows are dropped only when sealing cannot help: while the disk refuses.
    const bool refusing = !s.last_error.empty();
    const auto result = s.pending.add(
        batch, run_, now_ms, refusing ? settings_.max_unsealed_rows : std::numeric_limits<std::uint64_t>::max());
    s.dropped_sessions += result.refused + result.late;
    if (result.late)
      s.warn(std::to_string(result.late) +
             " sessions changed after they were declared final and were dropped: a fault in Weir");
    return result;
  });
  if (added.refused) tell_dropped(added.refused);
}

// At most one line a minute.
void Writer::tell_dropped(std::uint64_t sessions) {
  dropped_untold_ += sessions;
  const auto now_ms = clock_.steady_ms();
  if (told_dropped_ms_ != 0 && now_ms - told_dropped_ms_ < kMinuteMs) return;
  told_dropped_ms_ = std::max<std::int64_t>(now_ms, 1);
  log_of("store")->error("{} dropped: the disk refuses, and {} wait in memory already (store.max_unsealed_rows)",
                         counted(std::exchange(dropped_untold_, 0), "session was", "sessions were"),
                         settings_.max_unsealed_rows);
}

void Writer::work() {
  const auto now_ms = clock_.steady_ms();
  if (now_ms < retry_at_ms_) return;
  failed_ = false;
  if (!seal_full_days()) return;
  while (state_.with([](const StoreState& s) { return s.pending.rows(); }) > settings_.max_unsealed_rows &&
         seal_largest_day()) {}
  if (now_ms - last_commit_ms_ >= settings_.commit_interval_ms) commit();
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
  if (dropped_untold_ != 0) {
    told_dropped_ms_ = 0;
    tell_dropped(0);
  }
  tell_cuts();
  cut_.clear();
  while (!open_.empty()) close_day(open_.begin()->first);
  try {
    // When the collector stopped is said as exactly as it can be.
    if (settings_.collects) {
      quality_.look(clock_.now_ms());
      quality_.save(clock_.now_ms());
    }
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
  last_commit_ms_ = clock_.steady_ms();
  failed_ = false;
  const auto attempt = [&](auto part) {
    try {
      part();
      return true;
    } catch (const std::exception& e) {
      note_failure(e.what());
      return false;
    }
  };
  // What one part fails at does not keep the next from its work: retention may make the room that is missing.
  bool done = attempt([&] { look_for_lost_files(); });
  done = commit_days(seal_all) && done;
  done = attempt([&] { save_catalog(); }) && done;
  done = attempt([&] { look_after_files(); }) && done;
  if (!done) return false;
  if (!state_.with([](StoreState& s) { return std::exchange(s.last_error, {}); }).empty())
    log_of("store")->info("the disk takes sessions again");
  return true;
}

bool Writer::commit_days(bool seal_all) {
  bool done = seal_full_days();
  const auto now_ms = clock_.steady_ms();
  for (const auto day : state_.with([](const StoreState& s) { return s.pending.days(); })) {
    const bool due = state_.with([&](const StoreState& s) {
      return now_ms - s.pending.waiting_since_ms(day) >= settings_.seal_after_ms || s.pending.has_other_run(day, run_);
    });
    done = commit_day(day, seal_all || due ? Seal::kFinal : Seal::kNothing, true) && done;
  }
  return done;
}

void Writer::save_catalog() {
  ledger_.save_late_rates();
  templates_.save_waiting();
  rates_.save_waiting();
  told_.save_waiting();
  const auto now_ms = clock_.now_ms();
  if (settings_.collects) quality_.look(now_ms);
  if (quality_.is_save_due(now_ms)) {
    ledger_.save_changes();
    if (settings_.collects) quality_.save(now_ms);
  }
  for (auto& notice : catalog_.take_notices()) {
    state_.with([&](StoreState& s) {
      s.warn(std::move(notice));
      ++s.damaged_catalogs;
    });
  }
  if (const auto generation = catalog_.generation(); generation != catalog_generation_) {
    refill_catalog();
    catalog_generation_ = generation;
  }
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
  if (!parts.empty()) commit.segments.push_back(encode_segment(parts, clock_.now_ms(), compressor_, scratch_));
  commit.sealed_below.assign(below.begin(), below.end());
  commit.finished = plan.finished;

  // Rows that lie together are read where they are.
  const auto lie_together = [](const PendingRows::Unjournaled& u) {
    return u.positions.back() - u.positions.front() + 1 == u.positions.size();
  };
  std::size_t scattered_rows = 0;
  for (const auto& u : plan.journal) scattered_rows += lie_together(u) ? 0 : u.positions.size();
  std::vector<Session> scattered;
  scattered.reserve(scattered_rows);
  std::size_t rows = 0;
  parts.clear();
  for (auto it = plan.journal.begin(); it != plan.journal.end(); ++it) {
    const std::span from(it->rows->sessions());
    const auto count = it->positions.size();
    if (lie_together(*it)) {
      parts.push_back(from.subspan(it->positions.front(), count));
    } else {
      for (const auto position : it->positions) scattered.push_back(from[position]);
      parts.push_back(std::span<const Session>(scattered).last(count));
    }
    rows += count;
    const auto next = std::next(it);
    if (next != plan.journal.end() && next->lane == it->lane && rows + next->positions.size() <= kSegmentRows) continue;
    commit.journal.push_back(encode_batch(it->lane, parts, compressor_, scratch_));
    parts.clear();
    rows = 0;
  }
  return commit;
}

bool Writer::commit_day(std::int32_t day, Seal seal, bool journal) {
  // Nothing is written to a file whose content is not known.
  if (!read_unread(day)) {
    note_failure(state_.with([&](const StoreState& s) { return s.unread.at(day); }));
    return false;
  }
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
      if (!try_set_day_aside(day, e.what(), false)) return false;  // and once more, into a new file
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
  open.unknown =
      OpenDay::Unknown{.number = open.file->commits() + 1, .segment = open.file->next_segment(), .parts = todo.sealing};
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
    s.pending.drop(day, done.sealing, clock_.steady_ms());
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
  open.file->keep_log_below(log_bytes());
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
  auto stored = open.file->segments();
  std::erase_if(stored, [&](const SegmentInfo& segment) { return segment.id < unknown.segment; });
  apply(day, stored, {.sealing = unknown.parts, .journal = {}, .finished = {}});
}

void Writer::note_failure(const std::string& what) {
  retry_at_ms_ = clock_.steady_ms() + settings_.commit_interval_ms;
  if (std::exchange(failed_, true)) return;  // the first failure of a commit is the one to tell
  // Told once, and again when the disk works.
  if (state_.with([&](StoreState& s) { return std::exchange(s.last_error, what); }).empty()) {
    log_of("store")->error("{} (sessions wait in memory; tried again every commit interval)", what);
  }
}

std::string Writer::day_path(std::int32_t day) const { return settings_.dir + "/days/" + day_name(day) + ".sqlite"; }

std::uint64_t Writer::log_bytes() const {
  constexpr std::uint64_t kLeast = 1u << 20, kMost = 16u << 20;  // a checkpoint costs two syncs: not for less
  return settings_.max_bytes == 0 ? kMost : std::clamp(settings_.max_bytes / 16, kLeast, kMost);
}

}  // namespace weir
