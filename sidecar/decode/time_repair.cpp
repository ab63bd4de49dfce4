// Decides which times of a record to believe, and what to put in place of impossible ones.
#include "decode/time_repair.hpp"

#include <algorithm>
#include <cstdlib>

#include "core/durations.hpp"

namespace weir {

namespace {

constexpr std::int64_t kUptimeRange = std::int64_t{1} << 32;  // 49.7 days
constexpr std::int64_t kNtpToEpochSeconds = 2'208'988'800;    // 1900 to 1970 (RFC 5905 6)
constexpr std::int64_t kNtpEraSeconds = std::int64_t{1} << 32;
// v9 and IPFIX stamp their export in whole seconds, and datagrams queue: within this a shift is kept as it is.
constexpr std::int64_t kSkewJitterMs = 2'000;
// A stamp this much past the export is rounding, not a mistake.
constexpr std::int64_t kRoundingMs = 1'500;
// An uptime of 0 is a stamp that was not set, unless the exporter started so short a time ago.
constexpr std::int64_t kJustStartedMs = 120'000;
// The latest flow of a message ends sooner before its export: caches are emptied of idle flows within ten minutes.
constexpr std::int64_t kLatestLagMs = 900'000;
// Zones differ by whole quarters of an hour, and by no more than this (RFC 3339 5.6 with today's zones: -12:00 to
// +14:00).
constexpr std::int64_t kQuarterMs = 900'000, kFarthestZoneMs = 14 * kHourMs;
// Within this after a whole quarter, a stamp is one of local time.
constexpr std::int64_t kZoneSlackMs = 300'000;
// A flow whose stamps are not sound is not spread over more.
constexpr std::int64_t kLongestRepairedMs = 24 * kHourMs;

struct Span {
  std::int64_t start = 0, end = 0;
};

bool plausible(std::int64_t end, std::int64_t reference, const TimeLimits& limits) {
  const std::int64_t lag = reference - end;
  return lag >= -limits.max_clock_skew_ms && lag <= limits.max_export_delay_ms;
}

// The end of a flow that was stamped in the exporter's local time: as far after a whole quarter of an hour as it was
// exported. 0: it is not such a stamp.
std::int64_t end_without_zone(std::int64_t end, std::int64_t reference) {
  const std::int64_t lag = reference - end;
  if (std::llabs(lag) > kFarthestZoneMs + kQuarterMs) return 0;
  const std::int64_t rest = ((lag + kRoundingMs) % kQuarterMs + kQuarterMs) % kQuarterMs - kRoundingMs;
  return rest <= kZoneSlackMs ? reference - std::max<std::int64_t>(rest, 0) : 0;
}

// Both in the exporter's clock; 32-bit differences survive the wrap.
Span from_uptime(std::uint32_t first, std::uint32_t last, const MessageTime& message, const TimeLimits& limits,
                 bool& repaired) {
  std::int64_t lag = static_cast<std::int32_t>(message.uptime_ms - last);
  if (lag < 0) {
    repaired |= lag < -kRoundingMs;
    lag = 0;
  } else if (lag > limits.max_export_delay_ms) {
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

void BootTime::bound(std::int64_t export_ms, std::int64_t boot_ms) {
  // Only bounds of the last hours count, so that neither a drift of the clocks nor one wrong stamp stays.
  const std::int64_t hour = export_ms / kHourMs;
  if (hour != hour_) {
    earlier_ms_ = hour == hour_ + 1 ? earliest_ms_ : 0;
    earliest_ms_ = 0;
    hour_ = hour;
  }
  if (earliest_ms_ == 0 || boot_ms < earliest_ms_) earliest_ms_ = boot_ms;
}

void BootTime::observe(std::int64_t export_ms, std::uint32_t uptime_ms, std::int64_t announced_elsewhere_ms) {
  const std::int64_t boot = export_ms - uptime_ms;
  const std::int64_t known = value_ms_;
  const bool fell = uptime_ms < highest_ms_;
  // Later by more than a flow waits: the uptime began anew, or wrapped.
  if (known != 0 && boot - known > kLatestLagMs) earliest_ms_ = earlier_ms_ = 0;
  if (earliest_ms_ == 0 && earlier_ms_ == 0) highest_ms_ = 0;
  highest_ms_ = std::max(highest_ms_, uptime_ms);
  bound(export_ms, boot);
  value_ms_ = earlier_ms_ != 0 ? std::min(earliest_ms_, earlier_ms_) : earliest_ms_;
  doubtful_ = fell && boot - value_ms_ > kJustStartedMs;

  const std::int64_t announced = announced_ms_ != 0 ? announced_ms_ : announced_elsewhere_ms;
  if (announced == 0) return;
  const std::int64_t lag = export_ms - from_boot(announced, uptime_ms, export_ms);
  if (lag <= kLatestLagMs) {
    value_ms_ = announced;
    doubtful_ = fell && lag > kJustStartedMs;
  } else {
    doubtful_ = true;  // started again since it was announced
  }
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
  bool stamped = false;   // dates, which may be those of a time zone
  const std::int64_t boot = times.has(T::kInit) ? times.init_ms : message.boot_ms;

  if ((times.given & (T::kStart | T::kEnd)) != 0) {
    absolute = stamped = true;
    span = {.start = times.start_ms, .end = times.end_ms};
    if (!times.has(T::kEnd)) {
      span.end = times.has(T::kDuration)      ? span.start + times.duration_ms
                 : times.has(T::kObservation) ? times.observation_ms
                                              : span.start;
    }
    if (!times.has(T::kStart)) span.start = span.end - (times.has(T::kDuration) ? times.duration_ms : 0);
  } else if ((times.given & (T::kStartUptime | T::kEndUptime)) != 0 && (message.has_uptime || boot != 0)) {
    std::uint32_t last = times.has(T::kEndUptime) ? times.end_uptime_ms : times.start_uptime_ms;
    std::uint32_t first = times.has(T::kStartUptime) ? times.start_uptime_ms : last;
    const std::int64_t uptime = message.has_uptime ? message.uptime_ms : message.export_ms - boot;
    const bool no_last = last == 0 && uptime > kJustStartedMs;
    const bool no_first = first == 0 && (no_last ? uptime : last) > kJustStartedMs;
    if (no_last || no_first) {
      repaired = true;
      if (no_last) last = static_cast<std::uint32_t>(uptime);
      if (no_first) first = last;
    }
    if (message.has_uptime) {
      span = from_uptime(first, last, message, limits, repaired);
    } else {
      absolute = true;
      repaired |= message.boot_doubtful && !times.has(T::kInit);
      span.end = from_boot(boot, last, message.export_ms);
      span.start = span.end - static_cast<std::int32_t>(last - first);
    }
  } else if ((times.given & (T::kStartDelta | T::kEndDelta)) != 0) {
    const auto before = [&](std::uint32_t us) { return message.export_ms - us / 1000; };
    span.end = before(times.has(T::kEndDelta) ? times.end_delta_us : times.start_delta_us);
    span.start = times.has(T::kStartDelta) ? before(times.start_delta_us) : span.end;
  } else if (times.has(T::kObservation)) {
    absolute = stamped = true;
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
      const std::int64_t in_zone = stamped ? end_without_zone(span.end, message.export_ms) : 0;
      span.end = (in_zone != 0 ? in_zone : message.export_ms) + message.shift_ms;
    }
  } else {
    span.end += message.shift_ms;
  }
  if (span.end > message.arrival_ms + limits.max_clock_skew_ms) {
    repaired = true;
    span.end = message.arrival_ms;
  }
  if (repaired) duration = std::min(duration, kLongestRepairedMs);
  record.end_ms = std::max<std::int64_t>(span.end, 0);
  record.start_ms = std::max<std::int64_t>(record.end_ms - duration, 0);
  if (repaired) record.quality |= kQualityTimeRepaired;
  return repaired;
}

}  // namespace weir
