// Lengths of time in milliseconds.
#pragma once
#include <cstdint>

namespace weir {

inline constexpr std::int64_t kSecondMs = 1000, kMinuteMs = 60 * kSecondMs, kHourMs = 60 * kMinuteMs,
                              kDayMs = 24 * kHourMs;

}  // namespace weir
