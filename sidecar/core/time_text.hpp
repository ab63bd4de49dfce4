// Durations and times as people write them: the one grammar of filters, rules, the command line, the console and the
// API. Pure functions; any thread.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/result.hpp"

namespace weir {

class TimeZone;

// What a written time goes by.
struct TimeBasis {
  TimeBasis(std::nullopt_t = std::nullopt) {}
  TimeBasis(std::int64_t now, const TimeZone* of = nullptr) : now_ms(now), zone(of) {}
  TimeBasis(std::optional<std::int64_t> now, const TimeZone* of = nullptr) : now_ms(now), zone(of) {}
  std::optional<std::int64_t> now_ms;  // of "now" and "-1h"; absent: they are errors
  const TimeZone* zone = nullptr;      // of times that have none; nullptr: UTC
};

// Milliseconds of "250ms", "90s", "5min" (or "5m"), "1.5h", "2d", "1w", or several with the largest first: "1h30min",
// "5 min 3 s". Units in either case, but for "M", which could be a month. A number needs its unit; only 0 has none.
Result<std::int64_t> parse_duration(std::string_view text);

// Milliseconds since 1970 UTC of
//   2026-03-10, 2026-03-10T11:00, 2026-03-10 11:00:00, 2026-03-10T11:00:00.250, each with a zone behind the time of day
//   (Z, UTC, +01:00, -0530) or without: that of `basis`;
//   1773140400 (10 digits: epoch seconds, a fraction is allowed), 1773140400000 (13 digits: epoch milliseconds), 0;
//   now, -1h, now-1h: only with a `now_ms`.
// The error says what is allowed.
Result<std::int64_t> parse_time(std::string_view text, const TimeBasis& basis);

}  // namespace weir
