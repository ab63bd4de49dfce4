// A small database that a stage keeps beside the flows: alerts, values for the monitor. It can always be used. A file
// that is damaged, deleted, replaced or cut is set aside and made anew with what can still be read. While the file
// cannot be written, what the stage needs is kept in memory, and goes to the file when that can be written again. One
// thread at a time; status() any.
#pragma once
#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/clock.hpp"
#include "core/guarded.hpp"
#include "sqlite/database.hpp"

namespace weir {

struct KeptDatabaseStatus {
  std::string path;
  std::string refusal;  // why the file cannot be written; "" while it can
  std::int64_t refused_since_ms = 0;
  std::uint64_t refusals = 0;  // times that it began to refuse
  std::uint64_t renewals = 0;  // times that the file was made anew
  std::int64_t renewed_ms = 0;
  std::string renewal;  // what was wrong with the file the last time, and where it is now
};

class KeptDatabase {
 public:
  struct Plan {
    std::string path;
    std::string stage;    // whose log tells
    std::string content;  // "alerts, silences and waiting messages"
    const char* pragmas = "";
    // Statement i makes version i + 1 of version i (PRAGMA user_version). The first also takes a file that was made
    // before files had a version: all of it is IF NOT EXISTS.
    std::vector<const char*> versions;
    // Copies rows, `live`: only those that the stage works with, which are bounded. Rows that cannot be read are left
    // out; the result says whether there were any.
    std::function<bool(Database& from, Database& to, bool live)> copy;
    // Deletes the rows that are copied with `live` and that may have been deleted in memory since.
    std::function<void(Database& to)> clear_live;
  };

  // Throws std::runtime_error when the file is of a newer version of the program.
  KeptDatabase(Plan plan, const Clock& clock);
  ~KeptDatabase();
  KeptDatabase(const KeptDatabase&) = delete;
  KeptDatabase& operator=(const KeptDatabase&) = delete;

  // Runs f(database). After damage f runs a second time, on the new database. SqliteError is our own mistake.
  template <class F>
  decltype(auto) read(F&& f) {
    look_at_file();
    const LookAfter look_after{*this};
    try {
      return f(*database_);
    } catch (const SqliteError& e) {
      recover(e);
    }
    return f(*database_);
  }
  // Runs f(database) in a transaction.
  template <class F>
  decltype(auto) write(F&& f) {
    return read([&](Database& database) {
      Transaction transaction(database, true);
      if constexpr (std::is_void_v<decltype(f(database))>) {
        f(database);
        transaction.commit();
      } else {
        auto result = f(database);
        transaction.commit();
        return result;
      }
    });
  }

  // Rises when rows may be missing that the owner has in memory: it writes them again.
  std::uint64_t generation() const { return generation_; }
  KeptDatabaseStatus status() const {
    return status_.with([](const KeptDatabaseStatus& s) { return s; });
  }

 private:
  // What a look at the file without reading it tells.
  struct FileLook {
    dev_t device = 0;
    ino_t number = 0, log_number = 0;  // 0: there is none
    std::int64_t size = 0, changed_ns = 0;
    friend bool operator==(const FileLook&, const FileLook&) = default;
  };
  // Changes of our own are known.
  struct LookAfter {
    KeptDatabase& database;
    ~LookAfter() { database.seen_ = database.look(); }
  };
  FileLook look() const;
  void look_at_file();
  void recover(const SqliteError& failure);
  std::unique_ptr<Database> open(const std::string& path) const;
  std::string damage_of_file() const;
  void start();
  // `trusted`: what can be read of the old file is right; a file with damaged pages may give rows that are wrong.
  void renew(const std::string& damage, std::unique_ptr<Database> readable, bool trusted);
  void move_to_memory(const std::string& refusal);
  void move_back();
  void set_aside(const std::string& damage, bool whole);

  const Plan plan_;
  const Clock& clock_;
  std::unique_ptr<Database> database_;
  FileLook seen_;
  bool in_memory_ = false, seeded_ = false;     // seeded: memory began with what is in the file
  std::int64_t next_try_ms_ = 0, wait_ms_ = 0;  // of the steady clock
  std::uint64_t generation_ = 0;
  Guarded<KeptDatabaseStatus> status_;
};

}  // namespace weir
