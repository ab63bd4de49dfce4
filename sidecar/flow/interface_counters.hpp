// What a device says of one of its interfaces (sFlow's if_counters, after RFC 2863's ifTable and ifXTable). A plain
// value.
#pragma once
#include <cstdint>

namespace weir {

struct InterfaceCounters {
  std::uint32_t exporter = 0;  // ExporterTable id
  std::int64_t at_ms = 0;      // when it arrived
  std::uint32_t if_index = 0, if_type = 0;
  std::uint64_t speed_bps = 0;
  bool admin_up = false, oper_up = false;
  // All since the device was started; those of 32 bits wrap. 2^64 - 1, or 2^32 - 1: not known.
  std::uint64_t in_octets = 0, out_octets = 0;
  std::uint32_t in_unicast = 0, in_multicast = 0, in_broadcast = 0, in_discards = 0, in_errors = 0;
  std::uint32_t out_unicast = 0, out_multicast = 0, out_broadcast = 0, out_discards = 0, out_errors = 0;
};

}  // namespace weir
