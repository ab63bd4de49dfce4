// A value that can only be reached while its lock is held.
#pragma once
#include <mutex>
#include <utility>

namespace weir {

template <class T>
class Guarded {
 public:
  template <class... A>
  explicit Guarded(A&&... a) : value_(std::forward<A>(a)...) {}

  // Runs `f(value)` under the lock and returns what it returns. Do not let a reference escape.
  template <class F>
  decltype(auto) with(F&& f) {
    const std::lock_guard lock(mutex_);
    return std::forward<F>(f)(value_);
  }
  template <class F>
  decltype(auto) with(F&& f) const {
    const std::lock_guard lock(mutex_);
    return std::forward<F>(f)(value_);
  }

 private:
  mutable std::mutex mutex_;
  T value_;
};

}  // namespace weir
