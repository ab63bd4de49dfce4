// Makes sums of sealed segments while the collector runs, and does away with those whose sessions are gone. A thread of
// its own, of low priority; what it makes is in StoreState from then on.
#pragma once
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <thread>
#include <vector>

#include "core/clock.hpp"
#include "store/sqlite/settings.hpp"
#include "store/sqlite/store_state.hpp"
#include "store/sqlite/stored_sums.hpp"

namespace weir {

class SumKeeper {
 public:
  SumKeeper(const SqliteStoreSettings& settings, const Clock& clock, Guarded<StoreState>& state, ColumnCache& cache,
            ReaderPool& readers);
  ~SumKeeper();

  void start();
  void stop();
  // Makes one block at most, on the caller's thread; true: there is more to do. Not beside start().
  bool work();
  // Why the last try failed; "": it did not. Not beside start().
  const std::string& last_failure() const { return last_failure_; }

 private:
  // Segments of one day that get a block of their own, or blocks that become one.
  struct Task {
    std::int32_t day = 0;
    std::vector<std::shared_ptr<const SealedSegment>> segments{};
    std::vector<std::shared_ptr<const StoredSums>> blocks{};
  };
  void run();
  void load_days();
  void drop_lost_blocks();
  void remove_lost_files();
  bool has_room() const;
  void give_way();
  void forget_replaced();
  std::optional<Task> next_task() const;
  static std::vector<std::shared_ptr<const StoredSums>> to_be_merged(const DayEntry& entry, bool over);
  void make(const Task& task);
  // Without the day's file and what was read of it.
  void begin_anew(std::int32_t day);
  void close_readers(std::int32_t day);
  void note_failure(const std::string& what);

  const SqliteStoreSettings& settings_;
  const Clock& clock_;
  Guarded<StoreState>& state_;
  ColumnCache& cache_;
  ReaderPool& readers_;
  Compressor compressor_;
  struct Replaced {
    std::int32_t day = 0;
    std::int64_t block = 0;
    std::weak_ptr<const StoredSums> held;  // by questions that read it still
  };
  std::vector<Replaced> replaced_;
  std::set<std::int32_t> given_up_;  // days whose sums made room for sessions
  std::string last_failure_;
  std::int64_t retry_at_ms_ = 0;  // on the steady clock
  std::mutex mutex_;
  std::condition_variable wake_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace weir
