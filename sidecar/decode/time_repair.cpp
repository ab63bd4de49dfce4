// Time repair: which stamps to believe, and what to put in place of those that cannot be.
#include "decode/time_repair.hpp"

#include <algorithm>
#include <cstdlib>

namespace weir {

namespace {

constexpr std::int64_t kUptimeRange = std::int64_t{1} << 32;  // 49.7 days
constexpr std::int64_t kNtpToEpochSeconds = 2'208'988'800;    // 1900 to 1970 (RFC 5905 6)
constexpr std::int64_t kNtpEraSeconds = std::int64_t{1} << 32;
// v9 and IPFIX stamp their export in whole seconds, and datagrams queue: within this a shift is kept as it is.
constexpr std::int64_t kSkewJitterMs = 2'000;
// A stamp this much past the export is rounding, not a mistake.
constexpr std::int64_t kRoundingMs = 1'500;

struct Span {
  std::int64_t start = 0, end = 0;
};

bool plausible(std::int64_t end, std::int64_t reference, const TimeLimits& limits) {
  const std::int64_t lag = reference - end;
  return lag >= -limits.max_clock_skew_ms && lag <= limits.max_flow_duration_ms;
}

// Both in the exporter's clock; 32-bit differences survive the wrap.
Span from_uptime(std::uint32_t first, std::uint32_t last, const MessageTime& message, const TimeLimits& limits, bool& repaired) {
  std::int64_t lag = static_cast<std::int32_t>(message.uptime_ms - last);
  if (lag < 0) {
    repaired |= lag < -kRoundingMs;
    lag = 0;
  } else if (lag > limits.max_flow_duration_ms) {
    repaired = true;
    lag = 0;
  }
  const std::int64_t end = message.export_ms - lag;
  const std::int64_t duration = static_cast<std::int32_t>(last - first);
  return {.start = end - duration, .end = end};
}

// An absolute instant from an uptime that may have wrapped since boot: the latest that is not after the export. Flows
// older than the boot wrap below zero (softflowd-r-v10 reads a capture).
std::int64_t from_boot(std::int64_t boot, std::uint32_t uptime, std::int64_t export_ms) {
  const std::int64_t at = boot + uptime;
  const std::int64_t latest = export_ms + kRoundingMs;
  if (at > latest) return at - kUptimeRange;
  return at + (latest - at) / kUptimeRange * kUptimeRange;
}

}  // namespace

std::int64_t ClockSkew::shift_for(std::int64_t arrival_ms, std::int64_t export_ms, std::int64_t max_skew_ms) {
  const std::int64_t skew = arrival_ms - export_ms;
  // Half the limit ends a correction, so that a clock near the limit does not flap.
  const std::int64_t limit = shifting_ ? max_skew_ms / 2 : max_skew_ms;
  if (std::llabs(skew) <= limit) {
    shifting_ = false;
    return 0;
  }
  // The least skew seen is the nearest to the clock's own: delay and rounding only add.
  if (!shifting_ || skew < kept_ms_ || skew > kept_ms_ + kSkewJitterMs) kept_ms_ = skew;
  shifting_ = true;
  return kept_ms_;
}

void BootTime::observe(std::int64_t export_ms, std::uint32_t uptime_ms, std::int64_t max_lag_ms) {
  const std::int64_t bound = export_ms - uptime_ms;
  // Earlier bounds are closer. A bound far later than the estimate means that the uptime wrapped or began anew.
  if (estimated_ms_ == 0 || bound < estimated_ms_ || bound > estimated_ms_ + max_lag_ms) estimated_ms_ = bound;
}

std::int64_t ntp_to_ms(std::uint64_t ntp) {
  if (ntp == 0) return 0;
  std::int64_t seconds = static_cast<std::int64_t>(ntp >> 32) - kNtpToEpochSeconds;
  if (seconds < 0) seconds += kNtpEraSeconds;  // era 1 begins in 2036
  return seconds * 1000 + static_cast<std::int64_t>(((ntp & 0xffffffffu) * 1000) >> 32);
}

bool resolve_times(const FlowTimes& times, const MessageTime& message, const TimeLimits& limits, FlowRecord& record) {
  using T = FlowTimes;
  bool repaired = message.shift_ms != 0;
  Span span;
  bool absolute = false;  // stamps that do not hang on the header's clock
  const std::int64_t boot = times.has(T::kInit) ? times.init_ms : message.boot_ms;

  if ((times.given & (T::kStart | T::kEnd)) != 0) {
    absolute = true;
    span = {.start = times.start_ms, .end = times.end_ms};
    if (!times.has(T::kEnd)) {
      span.end = times.has(T::kDuration) ? span.start + times.duration_ms
                 : times.has(T::kObservation) ? times.observation_ms : span.start;
    }
    if (!times.has(T::kStart)) span.start = span.end - (times.has(T::kDuration) ? times.duration_ms : 0);
  } else if ((times.given & (T::kStartUptime | T::kEndUptime)) != 0 && (message.has_uptime || boot != 0)) {
    const std::uint32_t last = times.has(T::kEndUptime) ? times.end_uptime_ms : times.start_uptime_ms;
    const std::uint32_t first = times.has(T::kStartUptime) ? times.start_uptime_ms : last;
    if (message.has_uptime) {
      span = from_uptime(first, last, message, limits, repaired);
    } else {
      absolute = true;
      span.end = from_boot(boot, last, message.export_ms);
      span.start = span.end - static_cast<std::int32_t>(last - first);
    }
  } else if ((times.given & (T::kStartDelta | T::kEndDelta)) != 0) {
    const auto before = [&](std::uint32_t us) { return message.export_ms - us / 1000; };
    span.end = before(times.has(T::kEndDelta) ? times.end_delta_us : times.start_delta_us);
    span.start = times.has(T::kStartDelta) ? before(times.start_delta_us) : span.end;
  } else if (times.has(T::kObservation)) {
    absolute = true;
    span = {.start = times.observation_ms, .end = times.observation_ms};
  } else {
    span.end = message.export_ms;
    span.start = span.end - (times.has(T::kDuration) ? times.duration_ms : 0);
  }

  std::int64_t duration = span.end - span.start;
  if (duration < 0 || duration > limits.max_flow_duration_ms) {
    repaired = true;
    duration = duration < 0 ? 0 : limits.max_flow_duration_ms;
  }
  if (absolute && !plausible(span.end, message.export_ms, limits)) {
    // The header's clock and the flow's disagree. The flow's is kept if it agrees with ours.
    if (plausible(span.end, message.arrival_ms, limits)) {
      repaired = repaired && message.shift_ms == 0;
    } else {
      repaired = true;
      span.end = message.export_ms + message.shift_ms;
    }
  } else {
    span.end += message.shift_ms;
  }
  if (span.end > message.arrival_ms + limits.max_clock_skew_ms) {
    repaired = true;
    span.end = message.arrival_ms;
  }
  record.end_ms = std::max<std::int64_t>(span.end, 0);
  record.start_ms = std::max<std::int64_t>(record.end_ms - duration, 0);
  if (repaired) record.quality |= kQualityTimeRepaired;
  return repaired;
}

}  // namespace weir
