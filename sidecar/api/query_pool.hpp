// The threads that answer calls which read the store or wait for something. There are as many as there are calls in
// work, up to a bound: a call that waits for its turn (query/query_slots) holds up no other. The API thread never
// waits: what has no place is refused at once, and the client that has most places is the one that loses one. Any
// thread.
#pragma once
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <thread>

#include "core/bounded_queue.hpp"

namespace weir {

class QueryPool {
 public:
  struct Job {
    std::string client;  // whose place it takes
    std::function<void()> run;
    std::function<void()>
        give_up;  // its place is taken away, or the pool stops: ends run() soon, or lets it end at once. Any thread
  };

  // 0 threads: nothing runs until somebody calls run_one(). `threads` are taken from the start, and `queue` may wait
  // beside them.
  QueryPool(std::uint32_t threads, std::uint32_t queue);
  ~QueryPool() { stop(); }
  QueryPool(const QueryPool&) = delete;
  QueryPool& operator=(const QueryPool&) = delete;

  // False, and counted, when all places are taken and no other client has two more than this one.
  bool try_run(Job job);
  // Runs the job that waits longest, on this thread. False when none waits.
  bool run_one();
  // Lets go of what waits and ends what runs; returns when it has ended. Harmless when repeated.
  void stop();

  // Calls that have no thread yet.
  QueueStatus waiting() const;
  std::uint64_t running() const;
  std::uint64_t displaced() const;

 private:
  struct Place {
    Job job;
    bool started = false, displaced = false;
  };
  using Places = std::list<Place>;

  std::size_t places_of(const std::string& client) const;
  bool displace_for(const std::string& client);
  Places::iterator next();
  void work();
  void run(std::unique_lock<std::mutex>& lock, Places::iterator place);

  const bool by_hand_;
  const std::size_t max_places_, max_threads_;
  const std::uint64_t queue_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  Places places_;  // in order of arrival
  std::list<std::thread> threads_;
  std::size_t idle_ = 0;
  std::uint64_t running_ = 0, refused_ = 0, displaced_ = 0;
  bool stopped_ = false;
};

}  // namespace weir
