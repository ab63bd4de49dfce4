// Values to trapper items of a Zabbix server or proxy by the sender protocol (Zabbix manual, protocols): "ZBXD", flags
// 1, length of the data in eight little-endian bytes, JSON. One thread; blocks.
#pragma once
#include <cstdint>
#include <span>
#include <string>

#include "exchange/socket_exchange.hpp"

namespace weir {

// When a value was taken, as Zabbix counts it.
struct ValueStamp {
  std::int64_t clock_s = 0, ns = 0;
};

struct SenderValue {
  std::string host, key, value;
  ValueStamp stamp;
};

// Stamps that are each later than the one before: of two values with the same one Zabbix knows no order. Begins anew
// when the clock was set back by more than a minute.
class RisingStamps {
 public:
  explicit RisingStamps(std::int64_t last_ns = 0) : last_ns_(last_ns) {}
  ValueStamp next(std::int64_t now_ms);
  // For something that happened at `event_ms` and may be sent late: its own time, and never before what was sent
  // already.
  ValueStamp next_event(std::int64_t event_ms, std::int64_t now_ms);

 private:
  std::int64_t last_ns_;  // since the epoch
};

struct SenderAnswer {
  std::uint64_t processed = 0, failed = 0;  // failed: unknown host or item, or one that takes no values from here
};

std::string sender_request(std::span<const SenderValue> values);
// The error says why nothing was taken: not reached, or not understood.
Result<SenderAnswer> send_values(const HostPort& server, std::span<const SenderValue> values,
                                 const ExchangeLimit& limit);

}  // namespace weir
