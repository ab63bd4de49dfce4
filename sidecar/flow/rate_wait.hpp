// How long an exporter may take to say for the first time at which rate it samples. What it has sent until then may
// count too little. Any thread.
#pragma once
#include <algorithm>
#include <cstdint>

#include "flow/exporter_table.hpp"

namespace weir {

// By when it has said it, if it ever will; `since_ms`: since when the collector has listened without a pause, which may
// have missed it before. 0: the rate is known, or nothing of what the exporter sends tells one later.
inline std::int64_t first_rate_due_ms(const Exporter& exporter, std::int64_t since_ms) {
  const bool has_options = (exporter.protocols.load(std::memory_order_relaxed) & (kProtocolV9 | kProtocolIpfix)) != 0;
  const bool is_known = exporter.announced_sampling.load(std::memory_order_relaxed) != 0 ||
                        exporter.configured_sampling.load(std::memory_order_relaxed) != 0;
  if (!has_options || is_known) return 0;
  constexpr std::int64_t kWaitMs = kLongestTablePauseMs + kOneTableMs;
  const auto first_ms = exporter.first_seen_ms.load(std::memory_order_relaxed);
  return (since_ms < first_ms + kWaitMs ? std::max(first_ms, since_ms) : first_ms) + kWaitMs;
}

}  // namespace weir
