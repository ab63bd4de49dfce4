// How long the monitor is left alone after failures in a row. Any thread.
#pragma once
#include <algorithm>
#include <cstdint>

#include "core/durations.hpp"

namespace weir {

// Twice as long after each of them, up to `most_ms`. `failures`: before this one.
constexpr std::int64_t retry_delay_ms(std::uint32_t failures, std::int64_t most_ms) {
  return std::min(most_ms, kSecondMs << std::min<std::uint32_t>(failures, 20));
}

}  // namespace weir
