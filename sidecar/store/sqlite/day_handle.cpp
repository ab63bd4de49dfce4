// Names of days, and the reading side of their files.
#include "store/sqlite/day_handle.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <iterator>

#include "core/durations.hpp"

namespace weir {

namespace {
constexpr std::int32_t kLastDay = 2'932'896;  // 9999-12-31
}  // namespace

std::int32_t day_of(std::int64_t epoch_ms) {
  return static_cast<std::int32_t>(std::clamp<std::int64_t>(epoch_ms < 0 ? 0 : epoch_ms / kDayMs, 0, kLastDay));
}

std::string day_name(std::int32_t day) {
  const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{day}}};
  char text[40];
  std::snprintf(text, sizeof text, "%04d-%02u-%02u", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()));
  return text;
}

std::optional<std::int32_t> parse_day_name(std::string_view text) {
  int year = 0;
  unsigned month = 0, day = 0;
  if (text.size() != 10 || std::sscanf(std::string(text).c_str(), "%4d-%2u-%2u", &year, &month, &day) != 3)
    return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{month}, std::chrono::day{day}};
  if (!date.ok()) return std::nullopt;
  const auto number = static_cast<std::int32_t>(std::chrono::sys_days{date}.time_since_epoch().count());
  if (number < 0 || day_name(number) != text) return std::nullopt;
  return number;
}

std::vector<std::int32_t> list_days(const std::string& folder) {
  std::vector<std::int32_t> days;
  std::error_code missing;
  for (const auto& entry : std::filesystem::directory_iterator(folder, missing)) {
    if (entry.path().extension() != ".sqlite") continue;
    if (const auto day = parse_day_name(entry.path().stem().string())) days.push_back(*day);
  }
  std::sort(days.begin(), days.end());
  return days;
}

std::vector<std::string> set_aside_warnings(const std::string& dir) {
  std::vector<std::string> warnings;
  std::error_code missing;
  for (const auto& entry : std::filesystem::directory_iterator(dir + "/days", missing)) {
    const auto name = entry.path().filename().string();
    if (name.find(kDamagedSuffix) == std::string::npos || name.ends_with("-wal") || name.ends_with("-shm")) continue;
    warnings.push_back(
        entry.path().string() +
        " was set aside as damaged: what could not be read of it is left out (delete it when it is no longer of use)");
  }
  std::sort(warnings.begin(), warnings.end());
  return warnings;
}

std::unique_ptr<Database> ReaderPool::take(std::uint64_t owner) {
  return idle_.with([&](auto& idle) -> std::unique_ptr<Database> {
    const auto it = std::find_if(idle.begin(), idle.end(), [&](const Idle& i) { return i.owner == owner; });
    if (it == idle.end()) return nullptr;
    auto database = std::move(it->database);
    idle.erase(it);
    return database;
  });
}

void ReaderPool::put_back(std::uint64_t owner, std::unique_ptr<Database> database) {
  std::list<Idle> closed;  // outside of the lock
  idle_.with([&](auto& idle) {
    idle.push_front({.owner = owner, .database = std::move(database)});
    if (idle.size() > max_idle_) closed.splice(closed.end(), idle, std::prev(idle.end()));
  });
}

void ReaderPool::forget(std::uint64_t owner) {
  std::list<Idle> closed;
  idle_.with([&](auto& idle) {
    for (auto it = idle.begin(); it != idle.end();) {
      const auto here = it++;
      if (here->owner == owner) closed.splice(closed.end(), idle, here);
    }
  });
}

ReaderPool::Lease DayHandle::lease() const {
  auto database = pool_.take(owner_);
  if (database && database->has_journal()) database.reset();
  if (!database) {
    database = path_.with(
        [](const std::string& path) { return std::make_unique<Database>(path, Database::Access::kReadOnly); });
  }
  return {pool_, owner_, std::move(database)};
}

void DayHandle::rename_to(const std::string& suffix) {
  path_.with([&](std::string& path) {
    rename_database(path, path + suffix);
    path += suffix;
  });
}

void DayHandle::remove_at_end() {
  close_readers();
  rename_to(kRemovedSuffix + std::to_string(owner_));
  remove_ = true;
}

DayHandle::~DayHandle() {
  close_readers();
  if (remove_) remove_database(path());
}

}  // namespace weir
