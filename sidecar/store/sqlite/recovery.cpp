// The writer's start-up: which days there are, what their journals hold, what is damaged.
#include <sqlite3.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "core/log.hpp"
#include "store/sqlite/writer.hpp"

namespace weir {

void Writer::recover() {
  const auto folder = settings_.dir + "/days";
  std::filesystem::create_directories(folder);
  remove_leftovers();
  catalog_generation_ = catalog_.generation();
  for (auto& notice : catalog_.take_notices()) {
    state_.with([&](StoreState& s) {
      s.warn(std::move(notice));
      ++s.damaged_catalogs;
    });
  }
  ledger_.restore();
  if (settings_.collects) quality_.restore(clock_.now_ms());
  std::map<std::int32_t, CatalogDay> known;
  for (const auto& day : catalog_.with([](Catalog& c) { return c.days(); })) known.emplace(day.day, day);
  for (const auto day : list_days(folder)) {
    const auto it = known.find(day);
    load_day(day, it == known.end() ? std::nullopt : std::optional(it->second));
    known.erase(day);
  }
  // Days whose files somebody took away.
  for (const auto& [day, entry] : known)
    tolerate_refusal([&, gone = day] { catalog_.with([&](Catalog& c) { c.forget_day(gone); }); });
  last_commit_ms_ = clock_.steady_ms();
  measure_files();
  const auto days = state_.with([](const StoreState& s) { return s.day_numbers(); });
  if (const auto told = retention_clock_.look(days.empty() ? std::nullopt : std::optional(days.back())))
    log_of("store")->warn("{}", *told);
}

// A full disk does not keep the collector from starting: what is stored can be asked for, and retention can make room.
void Writer::tolerate_refusal(const std::function<void()>& write) {
  try {
    write();
  } catch (const SqliteError& e) {
    if (!e.is_refusal()) throw;
    failed_ = false;
    note_failure(e.what());
  }
}

void Writer::remove_leftovers() {
  std::vector<std::filesystem::path> removed;
  std::set<std::string> replaced;
  for (const auto& entry : std::filesystem::directory_iterator(settings_.dir + "/days")) {
    const auto path = entry.path().string();
    if (path.find(kRemovedSuffix) != std::string::npos) removed.push_back(entry.path());
    for (const auto* suffix : {kRestoringSuffix, kRestoredSuffix}) {
      if (const auto at = path.find(suffix); at != std::string::npos) replaced.insert(path.substr(0, at));
    }
    if (path.find(kDamagedSuffix) != std::string::npos)
      state_.with([&](StoreState& s) { s.set_aside_bytes += entry.file_size(); });
  }
  for (const auto& path : removed) std::filesystem::remove(path);
  for (const auto& path : replaced) finish_replacement(path, path + kDamagedSuffix + std::to_string(clock_.now_ms()));
  for (auto& warning : set_aside_warnings(settings_.dir))
    state_.with([&](StoreState& s) { s.warn(std::move(warning)); });
}

void Writer::load_day(std::int32_t day, const std::optional<CatalogDay>& known) {
  state_.with([&](StoreState& s) { s.days[day].handle = std::make_shared<DayHandle>(day, day_path(day), readers_); });
  try {
    load_sound_day(day, known);
  } catch (const SqliteError& e) {
    open_.erase(day);
    if (e.code() == SQLITE_MISMATCH) {
      state_.with([&](StoreState& s) { s.warn(std::string(e.what()) + ": the day's sessions are left out"); });
      return;
    }
    if (!e.is_damage()) {
      const auto first = state_.with([&](StoreState& s) {
        s.days.erase(day);
        return s.unread.insert_or_assign(day, e.what()).second;
      });
      if (first)
        log_of("store")->error("{}: the sessions of {} are left out until the file can be opened", e.what(),
                               day_name(day));
      return;
    }
    // What was read of it before the damage is read again from the file that replaces it.
    state_.with([&](StoreState& s) {
      s.days.at(day).segments.clear();
      s.days.at(day).sessions = 0;
    });
    if (try_set_day_aside(day, e.what(), true)) return;
    open_.erase(day);
    state_.with([&](StoreState& s) {
      s.days.erase(day);
      s.unread.insert_or_assign(day, std::string(e.what()) + ", and there is no room to set it aside");
    });
  }
}

bool Writer::read_unread(std::int32_t day) {
  if (!state_.with([&](const StoreState& s) { return s.unread.count(day) != 0; })) return true;
  load_day(day, std::nullopt);
  return state_.with([&](StoreState& s) {
    if (s.days.count(day) == 0) return false;
    s.unread.erase(day);
    return true;
  });
}

void Writer::load_sound_day(std::int32_t day, const std::optional<CatalogDay>& known) {
  const bool closed = known && !known->open && !std::filesystem::exists(day_path(day) + "-wal");
  if (closed && load_closed_day(day)) {
    // A copy of an earlier state that was put in its place has other numbers.
    const auto found = state_.with([&](const StoreState& s) { return summary_of(day, s.days.at(day)); });
    if (!(found == *known)) tolerate_refusal([&] { catalog_.with([&](Catalog& c) { c.save_day(found); }); });
    return;
  }
  try {
    load_open_day(day);
  } catch (const SqliteError& e) {
    // On a full disk the file cannot be opened for writing, and can be read.
    if (!e.is_refusal()) throw;
    failed_ = false;
    note_failure(e.what());
    open_.erase(day);
    load_unwritable_day(day);
  }
}

bool Writer::load_closed_day(std::int32_t day) {
  const auto handle = state_.with([&](const StoreState& s) { return s.days.at(day).handle; });
  auto lease = handle->lease();
  // What was closed had sessions: its file was cut to nothing.
  if (!check_day_schema(*lease)) throw SqliteError(day_path(day), "the file is empty", SQLITE_CORRUPT);
  // A copy of an earlier state was put in its place.
  if (has_journal(*lease)) return false;
  load_segments(day, read_segments(*lease));
  return true;
}

void Writer::load_unwritable_day(std::int32_t day) {
  const auto handle = state_.with([&](const StoreState& s) { return s.days.at(day).handle; });
  auto lease = handle->lease();
  if (!check_day_schema(*lease)) return;
  auto segments = read_segments(*lease);
  auto journal = read_journal(*lease);
  load_segments(day, segments);
  restore_journal(day, std::move(journal));
}

void Writer::load_open_day(std::int32_t day) {
  auto& open = open_day(day);
  load_segments(day, open.file->segments());
  // Without its catalog the store still knows who the ids of the sessions are.
  for (const auto& [id, address] : open.file->exporters()) ledger_.restore(id, address);
  auto content = open.file->journal();
  if (content.rows.empty()) {
    close_day(day);
  } else {
    restore_journal(day, std::move(content));
  }
}

void Writer::load_segments(std::int32_t day, const std::vector<SegmentInfo>& segments) {
  state_.with([&](StoreState& s) {
    for (const auto& info : segments) s.days.at(day).add(info, cache_);
  });
}

void Writer::restore_journal(std::int32_t day, JournalContent content) {
  state_.with([&](StoreState& s) {
    for (auto& what : content.damage) s.warn(std::move(what));
    for (auto& [lane, rows] : content.rows) {
      for (auto& row : rows) row.quality |= kQualityReloaded;
      s.pending.restore(day, lane, rows, clock_.steady_ms());
    }
  });
}

}  // namespace weir
