// A queue between two stages, bounded by a caller-given weight (bytes, rows). A full queue refuses or makes the
// producer wait, by the producer's choice; what is refused is counted by the producer. Any thread.
#pragma once
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace weir {

struct QueueStatus {
  std::string name;
  std::uint64_t size = 0;
  std::uint64_t capacity = 0;
  std::uint64_t dropped = 0;  // weight refused by try_push
};

template <class T>
class BoundedQueue {
 public:
  BoundedQueue(std::string name, std::uint64_t capacity) : name_(std::move(name)), capacity_(capacity) {}

  // False, and counted, when `weight` does not fit beside what waits. An empty queue takes any weight.
  bool try_push(T&& item, std::uint64_t weight) {
    {
      const std::lock_guard lock(mutex_);
      if (closed_ || (size_ != 0 && size_ + weight > capacity_)) {
        dropped_ += weight;
        return false;
      }
      size_ += weight;
      items_.emplace_back(std::move(item), weight);
    }
    filled_.notify_one();
    return true;
  }

  // Waits for room. False once closed.
  bool push(T&& item, std::uint64_t weight) {
    {
      std::unique_lock lock(mutex_);
      drained_.wait(lock, [&] { return closed_ || size_ == 0 || size_ + weight <= capacity_; });
      if (closed_) return false;
      size_ += weight;
      items_.emplace_back(std::move(item), weight);
    }
    filled_.notify_one();
    return true;
  }

  // Waits up to `timeout` for an item; nothing on time-out, or once closed and drained.
  template <class Duration>
  std::optional<T> pop(Duration timeout) {
    std::unique_lock lock(mutex_);
    filled_.wait_for(lock, timeout, [&] { return closed_ || !items_.empty(); });
    if (items_.empty()) return std::nullopt;
    auto [item, weight] = std::move(items_.front());
    items_.pop_front();
    size_ -= weight;
    lock.unlock();
    drained_.notify_one();
    return std::optional<T>(std::move(item));
  }

  // No more pushes; what waits can still be popped.
  void close() {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
    }
    filled_.notify_all();
    drained_.notify_all();
  }
  bool closed_and_empty() const {
    const std::lock_guard lock(mutex_);
    return closed_ && items_.empty();
  }
  QueueStatus status() const {
    const std::lock_guard lock(mutex_);
    return {.name = name_, .size = size_, .capacity = capacity_, .dropped = dropped_};
  }

 private:
  const std::string name_;
  const std::uint64_t capacity_;
  mutable std::mutex mutex_;
  std::condition_variable filled_, drained_;
  std::deque<std::pair<T, std::uint64_t>> items_;
  std::uint64_t size_ = 0, dropped_ = 0;
  bool closed_ = false;
};

}  // namespace weir
