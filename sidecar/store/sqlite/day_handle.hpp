// A day's file as its readers share it: its name and path, connections for reading, and its end: a day that retention
// gave up is unlinked when the last snapshot that names it is gone. Any thread.
#pragma once
#include <atomic>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/guarded.hpp"
#include "sqlite/database.hpp"
#include "sqlite/database_files.hpp"

namespace weir {

// Days since 1970-01-01 UTC, and "YYYY-MM-DD". Times outside of the years 1970 to 9999 fall on the first or last day.
std::int32_t day_of(std::int64_t epoch_ms);
std::string day_name(std::int32_t day);
std::optional<std::int32_t> parse_day_name(std::string_view text);

// The days that have a file in the folder, ascending; none when there is no folder.
std::vector<std::int32_t> list_days(const std::string& folder);

// The end of the name of a file that remove_at_end() leaves; that of a damaged one is kDamagedSuffix.
inline constexpr const char* kRemovedSuffix = ".removed-";
// What a reader of the data must know: the files that were set aside as damaged, and that their sessions are left out.
std::vector<std::string> set_aside_warnings(const std::string& dir);

// Idle read connections of all days, bounded: opening one takes a millisecond, holding one takes descriptors.
class ReaderPool {
 public:
  explicit ReaderPool(std::size_t max_idle) : max_idle_(max_idle) {}

  // A connection for one thread; goes back to the pool with its end.
  class Lease {
   public:
    Lease(ReaderPool& pool, std::uint64_t owner, std::unique_ptr<Database> database)
        : pool_(&pool), owner_(owner), database_(std::move(database)) {}
    ~Lease() {
      if (database_ && database_->follows_writers()) pool_->put_back(owner_, std::move(database_));
    }
    Lease(Lease&&) = default;
    Lease& operator=(Lease&&) = delete;
    Database* operator->() const { return database_.get(); }
    Database& operator*() const { return *database_; }
    // For a connection that failed: it is closed instead.
    void discard() { database_.reset(); }

   private:
    ReaderPool* pool_;
    std::uint64_t owner_;
    std::unique_ptr<Database> database_;
  };

  std::uint64_t new_owner() { return ++last_owner_; }
  // Null when none of the owner's is idle.
  std::unique_ptr<Database> take(std::uint64_t owner);
  void forget(std::uint64_t owner);

 private:
  struct Idle {
    std::uint64_t owner = 0;
    std::unique_ptr<Database> database;
  };
  void put_back(std::uint64_t owner, std::unique_ptr<Database> database);

  const std::size_t max_idle_;
  std::atomic<std::uint64_t> last_owner_{0};
  Guarded<std::list<Idle>> idle_;  // used last comes first
};

class DayHandle {
 public:
  DayHandle(std::int32_t day, std::string path, ReaderPool& pool)
      : day_(day), pool_(pool), owner_(pool.new_owner()), path_(std::move(path)) {}
  ~DayHandle();
  DayHandle(const DayHandle&) = delete;
  DayHandle& operator=(const DayHandle&) = delete;

  std::int32_t day() const { return day_; }
  std::string path() const {
    return path_.with([](const std::string& path) { return path; });
  }
  // Throws SqliteError.
  ReaderPool::Lease lease() const;
  // Closes idle read connections, so that the file can be closed for good.
  void close_readers() const { pool_.forget(owner_); }

  // Renames the file to "PATH.SUFFIX"; who holds the handle reads on. The writer has closed the file.
  void rename_to(const std::string& suffix);
  // As rename_to(), and the file is removed with the handle's end.
  void remove_at_end();

 private:
  const std::int32_t day_;
  ReaderPool& pool_;
  const std::uint64_t owner_;
  mutable Guarded<std::string> path_;
  std::atomic<bool> remove_{false};
};

}  // namespace weir
