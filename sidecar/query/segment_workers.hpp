// The segments of a query handed out to a few threads, the caller's among them. Work on a segment must not depend on
// which thread does it; what each thread summed up is joined by the caller afterwards.
#pragma once
#include <algorithm>
#include <atomic>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include "query/query.hpp"
#include "store/store.hpp"

namespace weir {

// How many threads are worth it for these segments.
inline std::size_t worker_count(const std::vector<std::shared_ptr<const Segment>>& segments, unsigned most) {
  std::uint64_t rows = 0;
  for (const auto& segment : segments) rows += segment->rows();
  static constexpr std::uint64_t kRowsPerThread = 50'000;
  return static_cast<std::size_t>(
      std::max<std::uint64_t>(1, std::min<std::uint64_t>({most, segments.size(), rows / kRowsPerThread})));
}

// Rows done over all passes of a query; reports from the calling thread.
struct QueryProgress {
  const QueryControl& control;
  QueryTurn& turn;
  std::uint64_t total_rows = 0;
  std::atomic<std::uint64_t> done_rows{0};
  void report() const {
    if (control.on_progress) control.on_progress(done_rows.load(std::memory_order_relaxed), total_rows);
  }
};

// Calls work(worker, segment number) once per segment, newest first, until done or the query's turn ends. The first
// exception of any worker ends the others' loops and is thrown here.
template <class Work>
void for_each_segment(const std::vector<std::shared_ptr<const Segment>>& segments, std::size_t workers,
                      QueryProgress& progress, Work&& work) {
  std::atomic<std::size_t> next{0};
  std::exception_ptr failure;
  std::mutex failure_mutex;
  const auto run = [&](std::size_t worker) {
    try {
      for (;;) {
        if (!progress.turn.go_on()) return;
        const auto number = next.fetch_add(1, std::memory_order_relaxed);
        if (number >= segments.size()) return;
        work(worker, number);
        progress.done_rows.fetch_add(segments[number]->rows(), std::memory_order_relaxed);
        if (worker == 0) progress.report();
      }
    } catch (...) {
      next = segments.size();
      const std::lock_guard lock(failure_mutex);
      if (!failure) failure = std::current_exception();
    }
  };
  std::vector<std::thread> threads;
  try {
    for (std::size_t worker = 1; worker < workers; ++worker) threads.emplace_back(run, worker);
  } catch (const std::system_error&) {
    // No more threads to be had: those that run do the work.
  }
  run(0);
  for (auto& thread : threads) thread.join();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace weir
