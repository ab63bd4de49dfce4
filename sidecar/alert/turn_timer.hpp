// Ends work that takes too long: a flag that the work looks at becomes true when its time is over, or when one of the
// flags does that were given. A thread of its own looks at the time. Any thread may read the flag; one works.
#pragma once
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

namespace weir {

class TurnTimer {
 public:
  TurnTimer();
  ~TurnTimer();
  TurnTimer(const TurnTimer&) = delete;
  TurnTimer& operator=(const TurnTimer&) = delete;

  // Work begins. `others` may be null, and are borrowed until end().
  void begin(std::int64_t milliseconds, std::vector<const std::atomic<bool>*> others);
  void end();
  // Stays where it is.
  const std::atomic<bool>* flag() const { return &over_; }
  // Whether it was the time; also after end().
  bool is_timed_out() const { return timed_out_; }

 private:
  void watch();

  std::atomic<bool> over_{false}, timed_out_{false};
  std::mutex mutex_;
  std::condition_variable woken_;
  bool working_ = false, ending_ = false;
  std::chrono::steady_clock::time_point until_;
  std::vector<const std::atomic<bool>*> others_;
  std::thread thread_;
};

}  // namespace weir
