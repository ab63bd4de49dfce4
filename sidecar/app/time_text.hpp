// Times and durations as people type them on the command line. Pure functions.
#pragma once
#include <cstdint>
#include <string>

#include "core/result.hpp"

namespace weir {

// "now", "-1h" (before now), epoch milliseconds, or ISO 8601 in UTC or with an offset: 2026-11-23, 2026-11-23T02:55,
// 2026-11-23T02:55:10.250Z, 2026-11-23T02:55+01:00. Milliseconds UTC; the error says what is allowed.
Result<std::int64_t> parse_time(const std::string& text, std::int64_t now_ms);

// "90s", "15m", "1h", "7d", "250ms". Milliseconds.
Result<std::int64_t> parse_duration(const std::string& text);

}  // namespace weir
