// The threads that run queries, and the bounded line before them. A full line refuses at once: the API thread never
// waits. Any thread.
#pragma once
#include <atomic>
#include <cstdint>
#include <functional>
#include <thread>
#include <vector>

#include "core/bounded_queue.hpp"

namespace weir {

class QueryPool {
 public:
  using Job = std::function<void()>;

  // 0 threads: nothing runs until somebody calls run_one().
  QueryPool(std::uint32_t threads, std::uint32_t queue);
  ~QueryPool() { stop(); }
  QueryPool(const QueryPool&) = delete;
  QueryPool& operator=(const QueryPool&) = delete;

  // False, and counted, when `queue` jobs wait already.
  bool try_run(Job job);
  // Runs the job that waits longest, on this thread. False when none waits.
  bool run_one();
  // Waits for the jobs that have begun; the others stay until the destructor, so that what they own does not end on a query
  // thread. Harmless when repeated.
  void stop();

  QueueStatus waiting() const { return jobs_.status(); }
  std::uint64_t running() const { return running_; }

 private:
  void work();

  BoundedQueue<Job> jobs_;
  std::atomic<std::uint64_t> running_{0};
  std::atomic<bool> stopped_{false};
  std::vector<std::thread> threads_;
};

}  // namespace weir
