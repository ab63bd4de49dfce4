// The writer's way with a damaged day: a new file with all that can be read takes its name. The old file keeps it until
// the new one is complete, so that a collector that dies in between finds what it had.
#include "sqlite/database_files.hpp"
#include "store/sqlite/salvage.hpp"
#include "store/sqlite/writer.hpp"

namespace weir {

std::string Writer::restore_damaged(std::int32_t day, bool at_start) {
  const auto path = day_path(day), fresh = path + kRestoringSuffix;
  remove_database(fresh);
  std::string rescue;
  bool any = false;
  try {
    const auto saved = salvage_day(path, fresh, at_start);
    rescue = saved.text();
    any = saved.segments + saved.batches != 0;
  } catch (const SqliteError& e) {
    remove_database(fresh);
    if (e.path() == fresh) throw;  // the disk refuses: later
    rescue = std::string("nothing of it could be read: ") + e.what();
  }
  if (!at_start) {
    // What its journal had is in memory.
    state_.with([&](StoreState& s) { s.pending.mark_unjournaled(day); });
    const auto todo = plan(day, Seal::kNothing, true);
    if (!todo.journal.empty()) {
      DayFile(fresh).write(encode(todo));
      any = true;
    }
  }
  if (!any) {
    remove_database(fresh);
  } else {
    DayFile(fresh).checkpoint(true);
  }
  return rescue;
}

bool Writer::try_set_day_aside(std::int32_t day, const std::string& why, bool at_start) {
  try {
    set_day_aside(day, why, at_start);
    return true;
  } catch (const std::exception& e) {
    failed_ = false;
    note_failure(e.what());
    return false;
  }
}

void Writer::set_day_aside(std::int32_t day, const std::string& why, bool at_start) {
  open_.erase(day);
  std::erase_if(cut_, [&](const CutSegment& cut) { return cut.day == day; });
  const auto path = day_path(day), aside = path + kDamagedSuffix + std::to_string(clock_.now_ms());
  const auto handle = state_.with([&](const StoreState& s) {
    const auto entry = s.days.find(day);
    return entry == s.days.end() ? nullptr : entry->second.handle;
  });
  if (!handle) return;
  handle->close_readers();
  const auto rescue = restore_damaged(day, at_start);
  const bool restored = file_bytes(path + kRestoringSuffix) != 0;
  // Snapshots that are held go on with the damaged file.
  state_.with([&](StoreState& s) {
    handle->close_readers();
    if (restored) complete_copy(path);
    handle->rename_to(aside.substr(path.size()));
    s.set_aside_bytes += file_bytes(aside);
    s.days.erase(day);
    if (!at_start && restored) s.pending.mark_journaled(day);
    s.warn("the day " + day_name(day) + " is damaged and was set aside as " + aside + " (" + why + "); " + rescue);
    ++s.damaged_days;
  });
  if (restored) {
    finish_replacement(path, aside);
    auto& open = open_day(day);
    load_segments(day, open.file->segments());
    if (at_start) restore_journal(day, open.file->journal());
  }
  try {
    if (!restored) catalog_.with([&](Catalog& c) { c.forget_day(day); });
  } catch (const SqliteError& e) {
    note_failure(e.what());
  }
}

}  // namespace weir
