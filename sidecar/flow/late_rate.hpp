// A stretch of time whose sessions an exporter sent without a sampling rate, and announced the rate afterwards. Plain
// value; any thread.
#pragma once
#include <cstddef>
#include <cstdint>

namespace weir {

// Of the sessions that have no rate of their own and touch [from_ms, until_ms].
struct LateRate {
  std::int64_t from_ms = 0, until_ms = 0;
  std::uint32_t rate = 0;  // 1 in N; 0: they may have been sampled, and it cannot be told at which rate
  friend bool operator==(const LateRate&, const LateRate&) = default;
  bool touches(std::int64_t start_ms, std::int64_t end_ms) const { return end_ms >= from_ms && start_ms <= until_ms; }
};

// Tables of options come every 10 to 30 minutes; one may take several datagrams, within a minute.
inline constexpr std::int64_t kLongestTablePauseMs = 1'800'000, kOneTableMs = 60'000;
// Who has sent for so long without one does not announce rates, or none that held then.
inline constexpr std::int64_t kLongestRateWaitMs = 3'600'000;

// Of one exporter.
inline constexpr std::size_t kMaxLateRates = 64;

}  // namespace weir
