// Time as a parameter: the wall clock for stamps, a steady one for intervals. SystemClock in production, ManualClock in
// tests. Any thread.
#pragma once
#include <atomic>
#include <chrono>
#include <cstdint>

namespace weir {

class Clock {
 public:
  virtual ~Clock() = default;
  // Epoch milliseconds UTC, for stamps. It can be set back or forward at any moment.
  virtual std::int64_t now_ms() const = 0;
  // Milliseconds since some moment, for intervals. It never goes back and nobody sets it.
  virtual std::int64_t steady_ms() const = 0;
};

class SystemClock final : public Clock {
 public:
  std::int64_t now_ms() const override {
    using namespace std::chrono;
    return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
  }
  std::int64_t steady_ms() const override {
    using namespace std::chrono;
    return duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
  }
};

class ManualClock final : public Clock {
 public:
  explicit ManualClock(std::int64_t now_ms) : now_ms_(now_ms) {}
  std::int64_t now_ms() const override { return now_ms_.load(); }
  std::int64_t steady_ms() const override { return steady_ms_.load(); }
  // Time goes on.
  void advance(std::int64_t ms) {
    now_ms_ += ms;
    steady_ms_ += ms;
  }
  // Time goes on until `now_ms`; an earlier moment is a step back.
  void set(std::int64_t now_ms) {
    const auto before = now_ms_.exchange(now_ms);
    if (now_ms > before) steady_ms_ += now_ms - before;
  }
  // Somebody sets the wall clock.
  void step(std::int64_t ms) { now_ms_ += ms; }

 private:
  std::atomic<std::int64_t> now_ms_;
  std::atomic<std::int64_t> steady_ms_{0};
};

}  // namespace weir
