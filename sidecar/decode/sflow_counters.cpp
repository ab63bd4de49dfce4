// "sFlow Version 5", section 5.3, "Counter Data Types"; RFC 3176, section 4, "counters_type".
#include "decode/sflow_counters.hpp"

namespace weir {

namespace {

constexpr std::uint32_t kGeneric = 1;  // if_counters
constexpr std::size_t kGenericOctets = 88;
// What v2 and v4 put behind the generic counters, by type: none, generic, ethernet, token ring, FDDI, 100VG, WAN. VLANs have no generic ones.
constexpr std::size_t kBehindGeneric[] = {0, 0, 52, 72, 0, 80, 0};
constexpr std::uint32_t kVlanV4 = 7;
constexpr std::size_t kVlanOctets = 28;

void decode_generic(ByteCursor& c, Message& message) {
  InterfaceCounters i{.exporter = message.from.exporter.id, .at_ms = message.time.arrival_ms};
  i.if_index = c.u32();
  i.if_type = c.u32();
  i.speed_bps = c.u64();
  c.skip(4);  // duplex
  const std::uint32_t status = c.u32();
  i.admin_up = (status & 1) != 0;
  i.oper_up = (status & 2) != 0;
  i.in_octets = c.u64();
  for (auto* counter : {&i.in_unicast, &i.in_multicast, &i.in_broadcast, &i.in_discards, &i.in_errors}) *counter = c.u32();
  c.skip(4);  // unknown protocols
  i.out_octets = c.u64();
  for (auto* counter : {&i.out_unicast, &i.out_multicast, &i.out_broadcast, &i.out_discards, &i.out_errors}) *counter = c.u32();
  c.skip(4);  // promiscuous mode
  if (!c.failed() && message.context.on_interface_counters) message.context.on_interface_counters(i);
}

}  // namespace

bool decode_counter_sample(ByteCursor c, bool expanded, Message& message) {
  c.skip(expanded ? 12 : 8);  // sequence, source
  std::uint32_t records = c.u32();
  if (c.failed()) return false;
  message.count_options_record();
  for (; records != 0; --records) {
    const std::uint32_t format = c.u32();
    const std::size_t length = c.u32();
    if (c.failed() || length > c.remaining()) return false;
    ByteCursor record = c.sub(length);
    if (format != kGeneric) continue;
    decode_generic(record, message);
    if (record.failed()) return false;
  }
  return true;
}

bool decode_counter_sample_v4(ByteCursor& c, Message& message) {
  c.skip(12);  // sequence, source, interval
  const std::uint32_t type = c.u32();
  if (c.failed()) return false;
  if (type == kVlanV4) {
    c.skip(kVlanOctets);
  } else if (type != 0 && type < std::size(kBehindGeneric)) {
    ByteCursor generic = c.sub(kGenericOctets);
    decode_generic(generic, message);
    c.skip(kBehindGeneric[type]);
  } else {
    return false;
  }
  if (c.failed()) return false;
  message.count_options_record();
  return true;
}

}  // namespace weir
