// Gives calls their places, runs the threads, and stops them.
#include "api/query_pool.hpp"

#include <algorithm>
#include <system_error>
#include <vector>

namespace weir {

namespace {
constexpr std::size_t kMaxThreads = 256;
}

QueryPool::QueryPool(std::uint32_t threads, std::uint32_t queue)
    : by_hand_(threads == 0),
      max_places_(std::size_t{threads} + queue),
      max_threads_(std::min(max_places_, kMaxThreads)),
      queue_(queue) {}

std::size_t QueryPool::places_of(const std::string& client) const {
  return static_cast<std::size_t>(std::count_if(
      places_.begin(), places_.end(), [&](const Place& p) { return !p.displaced && p.job.client == client; }));
}

// Takes the newest place of the client that has most, if it has two more than `client`.
bool QueryPool::displace_for(const std::string& client) {
  Place* newest = nullptr;
  std::size_t most = places_of(client) + 1;
  for (auto& place : places_) {
    if (place.displaced) continue;
    const auto count = newest != nullptr && newest->job.client == place.job.client ? most : places_of(place.job.client);
    if (count < most || (count == most && (newest == nullptr || newest->job.client != place.job.client))) continue;
    most = count;
    newest = &place;
  }
  if (newest == nullptr) return false;
  newest->displaced = true;
  ++displaced_;
  newest->job.give_up();
  return true;
}

bool QueryPool::try_run(Job job) {
  const std::lock_guard lock(mutex_);
  if (stopped_) return false;
  const auto taken = static_cast<std::size_t>(
      std::count_if(places_.begin(), places_.end(), [](const Place& p) { return !p.displaced; }));
  if (taken >= max_places_ && !displace_for(job.client)) {
    ++refused_;
    return false;
  }
  places_.push_back({.job = std::move(job)});
  if (by_hand_) return true;
  const auto unstarted = static_cast<std::size_t>(
      std::count_if(places_.begin(), places_.end(), [](const Place& p) { return !p.started; }));
  if (unstarted > idle_ && threads_.size() < max_threads_) {
    try {
      threads_.emplace_back([this] { work(); });
    } catch (const std::system_error&) {
      // No more threads to be had: those that there are do the work.
      if (threads_.empty()) {
        places_.pop_back();
        ++refused_;
        return false;
      }
    }
  }
  changed_.notify_one();
  return true;
}

// What has no thread yet: of the client that has fewest, the one that waits longest.
QueryPool::Places::iterator QueryPool::next() {
  auto best = places_.end();
  std::size_t fewest = 0;
  for (auto place = places_.begin(); place != places_.end(); ++place) {
    if (place->started) continue;
    const auto started = static_cast<std::size_t>(std::count_if(places_.begin(), places_.end(), [&](const Place& p) {
      return p.started && p.job.client == place->job.client;
    }));
    if (best == places_.end() || started < fewest) {
      best = place;
      fewest = started;
    }
  }
  return best;
}

void QueryPool::run(std::unique_lock<std::mutex>& lock, Places::iterator place) {
  place->started = true;
  ++running_;
  lock.unlock();
  place->job.run();
  place->job.run = nullptr;
  lock.lock();
  --running_;
  places_.erase(place);
}

bool QueryPool::run_one() {
  std::unique_lock lock(mutex_);
  const auto place = next();
  if (place == places_.end()) return false;
  run(lock, place);
  return true;
}

void QueryPool::work() {
  std::unique_lock lock(mutex_);
  while (!stopped_) {
    const auto place = next();
    if (place != places_.end()) {
      run(lock, place);
      continue;
    }
    ++idle_;
    changed_.wait(lock);
    --idle_;
  }
}

void QueryPool::stop() {
  std::list<std::thread> threads;
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    for (auto& place : places_) {
      if (place.job.give_up) place.job.give_up();
    }
    threads = std::move(threads_);
    threads_.clear();
  }
  changed_.notify_all();
  for (auto& thread : threads) thread.join();
}

QueueStatus QueryPool::waiting() const {
  const std::lock_guard lock(mutex_);
  return {.name = "query", .size = places_.size() - running_, .capacity = queue_, .dropped = refused_};
}

std::uint64_t QueryPool::running() const {
  const std::lock_guard lock(mutex_);
  return running_;
}

std::uint64_t QueryPool::displaced() const {
  const std::lock_guard lock(mutex_);
  return displaced_;
}

}  // namespace weir
