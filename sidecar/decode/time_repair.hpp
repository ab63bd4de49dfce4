// From an exporter's stamps (uptime, absolute, delta) to epoch milliseconds that can be trusted: 32-bit uptimes wrap,
// clocks are off, first and last come swapped or absurd. What had to be repaired is reported, never dropped.
// Owned by one decoder; one thread.
#pragma once
#include <cstdint>

#include "flow/flow_record.hpp"

namespace weir {

struct TimeLimits {
  std::int64_t max_clock_skew_ms = 0;
  std::int64_t max_export_delay_ms = 0;  // between a flow's last packet and its export
  std::int64_t max_flow_duration_ms = 0;
};

// How far an exporter's clock is from ours. Within the allowed skew nothing is shifted.
class ClockSkew {
 public:
  // Milliseconds to add to the exporter's stamps of a message that arrived at `arrival_ms` and says `export_ms`.
  std::int64_t shift_for(std::int64_t arrival_ms, std::int64_t export_ms, std::int64_t max_skew_ms);

 private:
  std::int64_t kept_ms_ = 0;
  bool shifting_ = false;
};

// When an IPFIX exporter that sends uptimes was started: announced (IE 160), or bounded by what it has sent, since no
// flow ends after its export. (ipfix-mikrotik: uptimes with neither IE 160 nor an uptime in the header.)
class BootTime {
 public:
  void announce(std::int64_t boot_ms) { announced_ms_ = boot_ms; }
  // A message of `export_ms` holds flows, the latest of which ended at `uptime_ms`. `announced_elsewhere_ms`: what
  // another domain of the exporter announced; 0: nothing.
  void observe(std::int64_t export_ms, std::uint32_t uptime_ms, std::int64_t announced_elsewhere_ms = 0);
  // 0: not known.
  std::int64_t value() const { return value_ms_ != 0 ? value_ms_ : announced_ms_; }
  // The uptimes of the last message began anew or contradict what was announced: their times are a guess.
  bool doubtful() const { return doubtful_; }

 private:
  void bound(std::int64_t export_ms, std::int64_t boot_ms);

  std::int64_t announced_ms_ = 0, value_ms_ = 0;
  std::int64_t earliest_ms_ = 0, earlier_ms_ = 0, hour_ = 0;  // bounds of this hour and of the one before; 0: none
  std::uint32_t highest_ms_ = 0;                              // uptime since the last start
  bool doubtful_ = false;
};

// What the header of a message says about time.
struct MessageTime {
  std::int64_t arrival_ms = 0;
  std::int64_t export_ms = 0;  // the exporter's clock
  std::int64_t shift_ms = 0;   // from ClockSkew
  std::int64_t boot_ms = 0;    // from BootTime, the exporter's clock; 0: not known
  bool boot_doubtful = false;
  std::uint32_t uptime_ms = 0;  // NetFlow 1 to 9
  bool has_uptime = false;
};

// What one record says about time, in the units of its elements.
struct FlowTimes {
  enum Given : std::uint16_t {
    kStartUptime = 1 << 0,
    kEndUptime = 1 << 1,
    kStart = 1 << 2,
    kEnd = 1 << 3,
    kStartDelta = 1 << 4,
    kEndDelta = 1 << 5,
    kDuration = 1 << 6,
    kObservation = 1 << 7,
    kInit = 1 << 8,
  };
  std::uint16_t given = 0;
  std::uint32_t start_uptime_ms = 0, end_uptime_ms = 0;
  std::uint32_t start_delta_us = 0, end_delta_us = 0;  // before the export time (RFC 5102 5.9.9)
  std::int64_t start_ms = 0, end_ms = 0;               // epoch
  std::int64_t duration_ms = 0, observation_ms = 0, init_ms = 0;
  bool has(std::uint16_t bits) const { return (given & bits) == bits; }
};

// NTP's 64-bit format as RFC 7011 6.1.9 uses it, to epoch milliseconds; 0 stays 0.
std::int64_t ntp_to_ms(std::uint64_t ntp);

// Sets start_ms and end_ms of the record, start <= end, and its quality bit when something was repaired (true then).
bool resolve_times(const FlowTimes& times, const MessageTime& message, const TimeLimits& limits, FlowRecord& record);

}  // namespace weir
