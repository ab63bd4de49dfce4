// The old file keeps its place until the new one is complete, so that an interruption costs nothing.
#include "store/sqlite/repair.hpp"

#include <sqlite3.h>

#include <filesystem>
#include <utility>

#include "sqlite/database_files.hpp"
#include "store/sqlite/day_file.hpp"
#include "store/sqlite/folder_lock.hpp"
#include "store/sqlite/inspection.hpp"
#include "store/sqlite/live_catalog.hpp"
#include "store/sqlite/salvage.hpp"

namespace weir {

namespace {

// Of a newer version of the program, or one that cannot be opened now: that is no damage.
std::string why_not(const std::string& path) {
  try {
    Database database(path, Database::Access::kSalvage);
    check_day_schema(database);
  } catch (const SqliteError& e) {
    if (!e.is_damage()) return e.what();
  }
  return "";
}

RepairedFile renew_day(const std::string& path, const std::string& aside, const std::string& damage) {
  const auto fresh = path + kRestoringSuffix;
  RepairedFile file{.path = path, .aside = aside, .damage = damage, .saved = {}};
  remove_database(fresh);
  bool any = false;
  try {
    const auto saved = salvage_day(path, fresh, true);
    file.saved = saved.text();
    any = saved.segments + saved.batches != 0;
  } catch (const SqliteError& e) {
    if (e.path() == fresh) throw;  // the disk refuses
    file.saved = std::string("nothing of it could be read: ") + e.what();
  }
  if (!any) {
    remove_database(fresh);
    rename_database(path, aside);
    return file;
  }
  DayFile(fresh).checkpoint(true);
  complete_copy(path);
  finish_replacement(path, aside);
  return file;
}

// "" when it is whole.
std::string catalog_damage(const std::string& path) {
  try {
    Catalog catalog(path, Database::Access::kReadOnly);
    Database database(path, Database::Access::kReadOnly);
    auto check = database.prepare("PRAGMA quick_check");
    if (check.step() && check.text(0) != "ok") return path + ": " + check.text(0);
  } catch (const SqliteError& e) {
    if (e.is_damage()) return e.what();
    throw;
  }
  return "";
}

RepairedFile renew_catalog(const std::string& path, const Clock& clock, const std::string& damage) {
  LiveCatalog catalog(path, clock);
  // Some damage shows when the file is opened, and it is a new one by now. Other damage is told here.
  bool told = catalog.generation() != 0;
  catalog.with([&](Catalog&) {
    if (!std::exchange(told, true)) throw SqliteError(path, damage, SQLITE_CORRUPT);
  });
  RepairedFile file{.path = path, .aside = "", .damage = damage, .saved = {}};
  for (const auto& notice : catalog.take_notices()) file.saved += (file.saved.empty() ? "" : "; ") + notice;
  return file;
}

}  // namespace

RepairReport repair_folder(const std::string& dir, const Clock& clock, const std::function<void()>& on_segment) {
  const FolderLock lock(dir);
  RepairReport report;
  const auto suffix = kDamagedSuffix + std::to_string(clock.now_ms());
  for (const auto& name : inspected_days(dir)) {
    ++report.days;
    const auto day = inspect_day(dir, name, true, on_segment);
    if (!day || day->damage.empty()) continue;
    try {
      if (const auto reason = why_not(day->path); !reason.empty()) {
        report.left.push_back(reason);
      } else {
        report.repaired.push_back(renew_day(day->path, day->path + suffix, day->damage.front()));
      }
    } catch (const SqliteError& e) {
      remove_database(day->path + kRestoringSuffix);
      report.left.push_back(day->path + " is damaged, and cannot be written anew: " + e.what());
    }
  }
  const auto catalog = dir + "/catalog.sqlite";
  if (!std::filesystem::exists(catalog)) return report;
  if (const auto damage = catalog_damage(catalog); !damage.empty()) {
    report.repaired.push_back(renew_catalog(catalog, clock, damage));
  }
  return report;
}

}  // namespace weir
