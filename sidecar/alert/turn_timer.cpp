// Flags of others are polled: whoever sets them knows nothing of this one.
#include "alert/turn_timer.hpp"

#include <algorithm>

namespace weir {

namespace {
constexpr auto kLookEvery = std::chrono::milliseconds(20);
}  // namespace

TurnTimer::TurnTimer() : thread_([this] { watch(); }) {}

TurnTimer::~TurnTimer() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  woken_.notify_all();
  thread_.join();
}

void TurnTimer::begin(std::int64_t milliseconds, std::vector<const std::atomic<bool>*> others) {
  {
    const std::lock_guard lock(mutex_);
    timed_out_ = milliseconds <= 0;
    until_ = std::chrono::steady_clock::now() + std::chrono::milliseconds(milliseconds);
    others_ = std::move(others);
    std::erase(others_, nullptr);
    over_ = timed_out_ || std::any_of(others_.begin(), others_.end(), [](const auto* flag) { return flag->load(); });
    working_ = true;
  }
  woken_.notify_all();
}

void TurnTimer::end() {
  const std::lock_guard lock(mutex_);
  working_ = false;
  others_.clear();
}

void TurnTimer::watch() {
  std::unique_lock lock(mutex_);
  while (!ending_) {
    if (!working_ || over_) {
      woken_.wait(lock, [this] { return ending_ || (working_ && !over_); });
      continue;
    }
    if (std::chrono::steady_clock::now() >= until_) timed_out_ = over_ = true;
    else if (std::any_of(others_.begin(), others_.end(), [](const auto* flag) { return flag->load(); })) over_ = true;
    else woken_.wait_for(lock, kLookEvery);
  }
}

}  // namespace weir
