// A file is made anew under another name, filled, closed, and renamed: SQLite removes the log of a connection that
// closes by its name, and must not meet the next one's.
#include "sqlite/kept_database.hpp"

#include <sqlite3.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <stdexcept>

#include "core/log.hpp"
#include "sqlite/database_files.hpp"

namespace weir {

namespace {

constexpr std::int64_t kFirstWaitMs = 2'000, kLongestWaitMs = 60'000;
constexpr const char* kNewSuffix = ".new";
constexpr const char* kMemory = ":memory:";

// The disk or the moment refuses; neither the content nor the statement is at fault.
bool is_refusal(const SqliteError& e) {
  switch (e.code()) {
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PERM:
    case SQLITE_PROTOCOL:
    case SQLITE_NOLFS: return true;
    default: return false;
  }
}

std::int64_t version_of(Database& database) {
  auto s = database.prepare("PRAGMA user_version");
  return s.step() ? s.integer(0) : 0;
}

// A file of a newer version; nobody is to write to it.
class NewerVersion : public std::runtime_error {
  using runtime_error::runtime_error;
};

}  // namespace

KeptDatabase::KeptDatabase(Plan plan, const Clock& clock) : plan_(std::move(plan)), clock_(clock) {
  status_.with([&](KeptDatabaseStatus& s) { s.path = plan_.path; });
  start();
}

KeptDatabase::~KeptDatabase() {
  if (in_memory_) move_back();
  if (in_memory_)
    log_of(plan_.stage)
        ->error("{} could not be written to the end: the {} of the time since are lost", plan_.path, plan_.content);
}

// Throws SqliteError, NewerVersion.
std::unique_ptr<Database> KeptDatabase::open(const std::string& path) const {
  auto database = std::make_unique<Database>(path, Database::Access::kCreate);
  database->execute(plan_.pragmas);
  const auto newest = static_cast<std::int64_t>(plan_.versions.size());
  const auto version = version_of(*database);
  if (version > newest) {
    throw NewerVersion(path + " is of a newer version of Weir (its version is " + std::to_string(version) +
                       ", this program knows up to " + std::to_string(newest) +
                       "): install the newer version, or move the file away; its " + plan_.content +
                       " then begin anew");
  }
  if (version == newest) return database;
  Transaction transaction(*database, true);
  for (auto v = version; v < newest; ++v) database->execute(plan_.versions[static_cast<std::size_t>(v)]);
  database->execute(("PRAGMA user_version = " + std::to_string(newest)).c_str());
  transaction.commit();
  return database;
}

void KeptDatabase::start() {
  std::string damage;
  // The program ended while it made the file anew: the new one was whole before the old one was set aside.
  std::error_code ignored;
  if (const auto fresh = plan_.path + kNewSuffix;
      !std::filesystem::exists(plan_.path, ignored) && std::filesystem::exists(fresh, ignored)) {
    std::filesystem::rename(fresh, plan_.path, ignored);
  }
  try {
    database_ = open(plan_.path);
    damage = damage_of_file();
  } catch (const SqliteError& e) {
    if (!e.is_damage()) return move_to_memory(e.what());
    damage = e.what();
  }
  if (!damage.empty()) renew(damage, std::move(database_), false);
  seen_ = look();
}

KeptDatabase::FileLook KeptDatabase::look() const {
  FileLook seen;
  struct stat found {};
  if (stat(plan_.path.c_str(), &found) == 0) {
    seen.device = found.st_dev;
    seen.number = found.st_ino;
    seen.size = found.st_size;
    seen.changed_ns = std::int64_t{found.st_mtim.tv_sec} * 1'000'000'000 + found.st_mtim.tv_nsec;
  }
  if (stat((plan_.path + "-wal").c_str(), &found) == 0) seen.log_number = found.st_ino;
  return seen;
}

// By a connection of its own, which has nothing cached. "" when the file is sound.
std::string KeptDatabase::damage_of_file() const {
  try {
    Database database(plan_.path, Database::Access::kReadOnly);
    auto check = database.prepare("PRAGMA quick_check(1)");
    const auto said = check.step() ? check.text(0) : std::string("it cannot be checked");
    return said == "ok" ? "" : said;
  } catch (const SqliteError& e) {
    if (!e.is_damage()) return "";  // what refuses is told when something is written
    return e.what();
  }
}

void KeptDatabase::look_at_file() {
  if (in_memory_) {
    if (clock_.steady_ms() >= next_try_ms_) move_back();
    return;
  }
  const auto now = look();
  if (now == seen_) return;
  std::string damage;
  if (now.number == 0) damage = "the file is gone";
  else if (now.device != seen_.device || now.number != seen_.number) damage = "another file was put in its place";
  else if (seen_.log_number != 0 && now.log_number != seen_.log_number) damage = "its log is gone";
  // The connection still has the old file, whole.
  if (!damage.empty()) return renew(damage, std::move(database_), true);
  if (now.size < seen_.size) damage = "the file was cut";
  else if (now.changed_ns != seen_.changed_ns) damage = damage_of_file();
  if (!damage.empty()) renew(damage, std::move(database_), false);
}

void KeptDatabase::recover(const SqliteError& failure) {
  if (in_memory_) throw failure;
  if (failure.is_damage()) {
    renew(failure.what(), std::move(database_), false);
  } else if (is_refusal(failure)) {
    move_to_memory(failure.what());
  } else {
    throw failure;
  }
}

void KeptDatabase::set_aside(const std::string& damage, bool whole) {
  const auto now = clock_.now_ms();
  std::error_code missing;
  const bool exists = std::filesystem::exists(plan_.path, missing);
  const auto aside = plan_.path + kDamagedSuffix + std::to_string(now);
  if (exists) rename_database(plan_.path, aside);
  else remove_database(plan_.path);  // its log
  const std::string kept = whole ? "all of its " + plan_.content + " could be read and are kept"
                                 : "those of its " + plan_.content + " that could be read are kept, others begin anew";
  const std::string what = damage + (exists ? "; set aside as " + aside : "");
  log_of(plan_.stage)->warn("{} is not sound: {}; {}", plan_.path, what, kept);
  status_.with([&](KeptDatabaseStatus& s) {
    ++s.renewals;
    s.renewed_ms = now;
    s.renewal = what;
  });
}

// `readable` is a connection to what was there, or null.
void KeptDatabase::renew(const std::string& damage, std::unique_ptr<Database> readable, bool trusted) {
  const auto fresh_path = plan_.path + kNewSuffix;
  bool whole = false;
  try {
    remove_database(fresh_path);
    {
      const auto fresh = open(fresh_path);
      Transaction transaction(*fresh, true);
      whole = readable && plan_.copy(*readable, *fresh, false) && trusted;
      transaction.commit();
      fresh->leave_log_mode();
    }
    set_aside(damage, whole);
    readable.reset();
    remove_database(plan_.path);  // the log of a connection that has just been closed
    std::filesystem::rename(fresh_path, plan_.path);
    database_ = open(plan_.path);
    if (!whole) ++generation_;
  } catch (const std::exception& e) {
    // The disk refuses a new one, too.
    database_ = std::move(readable);
    move_to_memory(e.what());
    set_aside(damage, false);
    seeded_ = false;
  }
}

void KeptDatabase::move_to_memory(const std::string& refusal) {
  auto memory = open(kMemory);
  seeded_ = database_ && plan_.copy(*database_, *memory, true);
  if (!seeded_) ++generation_;
  database_ = std::move(memory);
  in_memory_ = true;
  wait_ms_ = kFirstWaitMs;
  next_try_ms_ = clock_.steady_ms() + wait_ms_;
  status_.with([&](KeptDatabaseStatus& s) {
    s.refusal = refusal;
    s.refused_since_ms = clock_.now_ms();
    ++s.refusals;
  });
  log_of(plan_.stage)->error("{}; its {} are kept in memory until the file can be written", refusal, plan_.content);
}

void KeptDatabase::move_back() {
  try {
    std::unique_ptr<Database> file;
    std::string damage;
    try {
      file = open(plan_.path);
      damage = damage_of_file();
    } catch (const SqliteError& e) {
      if (!e.is_damage()) throw;
      damage = e.what();
    }
    if (!damage.empty()) {
      file.reset();
      set_aside(damage, false);
      file = open(plan_.path);
    }
    Transaction transaction(*file, true);
    // A write of its own: a transaction without a change would not meet a full disk.
    file->execute(("PRAGMA user_version = " + std::to_string(plan_.versions.size())).c_str());
    if (seeded_) plan_.clear_live(*file);
    plan_.copy(*database_, *file, false);
    transaction.commit();
    database_ = std::move(file);
  } catch (const std::exception& e) {
    wait_ms_ = std::min(kLongestWaitMs, wait_ms_ * 2);
    next_try_ms_ = clock_.steady_ms() + wait_ms_;
    status_.with([&](KeptDatabaseStatus& s) { s.refusal = e.what(); });
    return;
  }
  in_memory_ = false;
  seen_ = look();
  const auto since_ms = status_.with([&](KeptDatabaseStatus& s) {
    s.refusal.clear();
    return std::exchange(s.refused_since_ms, 0);
  });
  log_of(plan_.stage)
      ->info("{} can be written again, after {} s; what was kept in memory is in it", plan_.path,
             (clock_.now_ms() - since_ms) / 1000);
}

}  // namespace weir
