// Start, work, stop.
#include "api/query_pool.hpp"

#include <chrono>

namespace weir {

QueryPool::QueryPool(std::uint32_t threads, std::uint32_t queue) : jobs_("query", queue) {
  for (std::uint32_t i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
}

bool QueryPool::try_run(Job job) { return jobs_.try_push(std::move(job), 1); }

bool QueryPool::run_one() {
  auto job = jobs_.pop(std::chrono::milliseconds(0));
  if (!job) return false;
  ++running_;
  (*job)();
  --running_;
  return true;
}

void QueryPool::work() {
  while (!stopped_) {
    auto job = jobs_.pop(std::chrono::hours(1));
    if (!job) continue;
    ++running_;
    (*job)();
    --running_;
  }
}

void QueryPool::stop() {
  stopped_ = true;
  jobs_.close();
  for (auto& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

}  // namespace weir
