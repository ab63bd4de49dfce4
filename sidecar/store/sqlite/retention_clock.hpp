// Whether the clock can be trusted to say what is too old. A clock that is set wrong for some seconds must not delete
// years of sessions: after a jump, and after a start at which the clock is far from what is stored, deletion by age
// waits. The writer's thread.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "core/clock.hpp"

namespace weir {

class RetentionClock {
 public:
  explicit RetentionClock(const Clock& clock) : clock_(clock) {}

  // Call it with each commit, before waits(). `newest_day`: the newest that is stored. What it noticed, for the log.
  std::optional<std::string> look(std::optional<std::int32_t> newest_day);
  bool waits() const { return clock_.steady_ms() < wait_until_ms_; }

 private:
  const Clock& clock_;
  std::optional<std::int64_t> offset_ms_;  // wall clock less steady clock
  std::int64_t wait_until_ms_ = 0;         // on the steady clock
};

}  // namespace weir
