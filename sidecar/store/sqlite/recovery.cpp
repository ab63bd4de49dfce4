// The writer's start-up: which days there are, what their journals hold, what is damaged.
#include <sqlite3.h>

#include <algorithm>
#include <filesystem>

#include "store/sqlite/writer.hpp"

namespace weir {

void Writer::recover() {
  const auto folder = settings_.dir + "/days";
  std::filesystem::create_directories(folder);
  remove_leftovers();
  ledger_.restore();
  std::map<std::int32_t, CatalogDay> known;
  for (const auto& day : catalog_.with([](Catalog& c) { return c.days(); })) known.emplace(day.day, day);
  for (const auto day : list_days(folder)) {
    const auto it = known.find(day);
    load_day(day, it == known.end() ? std::nullopt : std::optional(it->second));
    known.erase(day);
  }
  // Days whose files somebody took away.
  for (const auto& [day, entry] : known) catalog_.with([&, gone = day](Catalog& c) { c.forget_day(gone); });
  last_commit_ms_ = clock_.now_ms();
}

void Writer::remove_leftovers() {
  std::vector<std::filesystem::path> removed;
  for (const auto& entry : std::filesystem::directory_iterator(settings_.dir + "/days")) {
    const auto name = entry.path().filename().string();
    if (name.find(kRemovedSuffix) != std::string::npos) removed.push_back(entry.path());
    if (name.find(kDamagedSuffix) == std::string::npos) continue;
    state_.with([&](StoreState& s) {
      s.other_bytes += entry.file_size();
      if (!name.ends_with("-wal") && !name.ends_with("-shm")) {
        s.warn(entry.path().string() + " was set aside as damaged earlier: its sessions are left out (delete it when it is no longer of use)");
      }
    });
  }
  for (const auto& path : removed) std::filesystem::remove(path);
}

void Writer::load_day(std::int32_t day, const std::optional<CatalogDay>& known) {
  state_.with([&](StoreState& s) { s.days[day].handle = std::make_shared<DayHandle>(day, day_path(day), readers_); });
  try {
    const bool closed = known && !known->open && !std::filesystem::exists(day_path(day) + "-wal");
    if (!closed || !load_closed_day(day)) load_open_day(day);
    const auto bytes = file_bytes(day_path(day));
    state_.with([&](StoreState& s) { s.days.at(day).bytes = bytes; });
  } catch (const SqliteError& e) {
    open_.erase(day);
    if (e.is_damage()) {
      set_day_aside(day, e.what());
    } else {
      state_.with([&](StoreState& s) { s.warn(std::string(e.what()) + ": the day's sessions are left out"); });
    }
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
      s.pending.restore(day, lane, rows, clock_.now_ms());
    }
  });
}

}  // namespace weir
