// Tells a restart (a 32-bit uptime that fell) from a wrap and from datagrams that come late.
#include "decode/uptime_watch.hpp"

#include <algorithm>

namespace weir {

namespace {

constexpr std::uint32_t kLateMs = 5'000;  // a datagram that was overtaken says a little less
constexpr std::uint32_t kHalfRange = std::uint32_t{1} << 31;
// An uptime that ran ahead of our clock by more than this has fallen by more than half of its range.
constexpr std::int64_t kAheadMs = 3'600'000;
constexpr std::uint32_t kFallsOfErratic = 4;  // within kFallsWithinMs
constexpr std::int64_t kFallsWithinMs = 600'000, kSoundAgainMs = 3'600'000;

}  // namespace

bool UptimeWatch::observe(std::uint32_t uptime_ms, std::int64_t export_ms, std::int64_t arrival_ms,
                          SequencePlace place) {
  const std::uint32_t ahead = uptime_ms - last_ms_, behind = last_ms_ - uptime_ms;
  const std::int64_t elapsed = std::max<std::int64_t>(arrival_ms - arrival_ms_, 0);
  const bool lags = ahead < kHalfRange && elapsed - ahead > std::int64_t{kLateMs};
  const std::int64_t booted_ms = export_ms - uptime_ms;
  const bool fell = known_ && !may_be_one_boot(booted_ms_, booted_ms, arrival_ms) &&
                    ((place == SequencePlace::kBack && lags) ||
                     (ahead >= kHalfRange ? behind > kLateMs : std::int64_t{ahead} > elapsed + kAheadMs));
  if (known_ && ahead >= kHalfRange && !fell) return false;  // late
  known_ = true;
  last_ms_ = uptime_ms;
  arrival_ms_ = arrival_ms;
  booted_ms_ = booted_ms;
  if (!fell) {
    if (erratic_ && arrival_ms - fell_ms_ > kSoundAgainMs) erratic_ = false;
    return false;
  }
  if (arrival_ms - counted_since_ms_ > kFallsWithinMs || arrival_ms < counted_since_ms_) {
    counted_since_ms_ = arrival_ms;
    falls_ = 0;
  }
  fell_ms_ = arrival_ms;
  if (++falls_ >= kFallsOfErratic) erratic_ = true;
  return !erratic_ && place != SequencePlace::kNext;
}

}  // namespace weir
