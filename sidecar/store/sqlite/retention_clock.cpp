// Jumps are seen against the steady clock, a wrong clock at the start against the stored days.
#include "store/sqlite/retention_clock.hpp"

#include <algorithm>
#include <cstdlib>

#include "core/durations.hpp"
#include "store/sqlite/day_handle.hpp"

namespace weir {

namespace {
constexpr std::int64_t kJumpMs = kMinuteMs;
constexpr std::int64_t kWaitAfterJumpMs = kHourMs, kWaitAfterGapMs = 24 * kHourMs;
// A collector that was off for so long is rarer than a clock that is wrong by as much.
constexpr std::int32_t kGapDays = 366;
constexpr std::int64_t kFarMs = 48 * kHourMs;
}  // namespace

std::optional<std::string> RetentionClock::look(std::optional<std::int32_t> newest_day) {
  const auto steady_ms = clock_.steady_ms(), now_ms = clock_.now_ms();
  const auto offset_ms = now_ms - steady_ms;
  if (!offset_ms_) {
    offset_ms_ = offset_ms;
    const auto gap = newest_day ? day_of(now_ms) - *newest_day : 0;
    if (gap <= kGapDays) return std::nullopt;
    wait_until_ms_ = steady_ms + kWaitAfterGapMs;
    return "the newest session is of " + day_name(*newest_day) + ", and the clock says " + day_name(day_of(now_ms)) +
           ": in case the clock is wrong, nothing is deleted by age for 24 hours";
  }
  const auto jump_ms = offset_ms - *offset_ms_;
  offset_ms_ = offset_ms;
  if (std::abs(jump_ms) < kJumpMs) return std::nullopt;
  const bool far = std::abs(jump_ms) > kFarMs;
  wait_until_ms_ = std::max(wait_until_ms_, steady_ms + (far ? kWaitAfterGapMs : kWaitAfterJumpMs));
  return "the clock was set " + std::string(jump_ms > 0 ? "forward" : "back") + " by " +
         std::to_string(std::abs(jump_ms) / 1000) + " s: nothing is deleted by age for " +
         (far ? "24 hours" : "an hour");
}

}  // namespace weir
