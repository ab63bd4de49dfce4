// "sFlow Version 5", section 5.3, "Counter Data Types"; RFC 3176, section 4, "counters_type".
#include "decode/sflow_counters.hpp"

#include <array>

#include "decode/sflow_wire.hpp"
#include "decode/told_texts.hpp"

namespace weir {

namespace {

constexpr std::uint32_t kGeneric = 1;  // if_counters
constexpr std::size_t kGenericOctets = 88;
constexpr std::uint32_t kPortName = 1005;         // sFlow Port Structures, port_name
constexpr std::uint32_t kHostDescription = 2000;  // sFlow Host Structures, host_descr
// os_name there, by its numbers.
constexpr std::array<std::string_view, 13> kSystems = {"",        "",    "Linux",     "Windows", "Darwin",
                                                       "HP-UX",   "AIX", "DragonFly", "FreeBSD", "NetBSD",
                                                       "OpenBSD", "OSF", "Solaris"};
// What v2 and v4 put behind the generic counters, by type: none, generic, ethernet, token ring, FDDI, 100VG, WAN. VLANs
// have no generic ones.
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
  for (auto* counter : {&i.in_unicast, &i.in_multicast, &i.in_broadcast, &i.in_discards, &i.in_errors})
    *counter = c.u32();
  c.skip(4);  // unknown protocols
  i.out_octets = c.u64();
  for (auto* counter : {&i.out_unicast, &i.out_multicast, &i.out_broadcast, &i.out_discards, &i.out_errors})
    *counter = c.u32();
  c.skip(4);  // promiscuous mode
  if (c.failed()) return;
  if (i.if_index != 0 && i.speed_bps != 0)
    learn_told_name(ToldKind::kInterfaceSpeed, i.if_index, std::to_string(i.speed_bps), message);
  if (message.context.on_interface_counters) message.context.on_interface_counters(i);
}

// string<>: a length, and octets up to the next multiple of four.
std::string_view read_text(ByteCursor& c) {
  const std::size_t length = c.u32();
  const auto bytes = c.take(length);
  if (!c.failed()) c.skip((4 - length % 4) % 4);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

void decode_host(ByteCursor& c, Message& message) {
  const auto name = read_text(c);
  c.skip(16 + 4);  // UUID, machine
  const std::uint32_t system = c.u32();
  const auto release = read_text(c);
  if (c.failed()) return;
  learn_told_name(ToldKind::kDevice, 0, name, message);
  auto runs = std::string(system < kSystems.size() ? kSystems[system] : "");
  if (!release.empty()) runs += (runs.empty() ? "" : " ") + std::string(release);
  learn_told_name(ToldKind::kDevice, 1, runs, message);
}

}  // namespace

bool decode_counter_sample(ByteCursor c, bool expanded, Message& message) {
  c.skip(4);  // sequence
  const SflowSource source = sflow_source(c, expanded);
  std::uint32_t records = c.u32();
  if (c.failed()) return false;
  message.count_options_record();
  for (; records != 0; --records) {
    const std::uint32_t format = c.u32();
    const std::size_t length = c.u32();
    if (c.failed() || length > c.remaining()) return false;
    ByteCursor record = c.sub(length);
    switch (format) {
      case kGeneric:
        decode_generic(record, message);
        if (record.failed()) return false;
        break;
      case kPortName:
        if (source.type == 0 && source.index != 0)
          learn_told_name(ToldKind::kInterfaceName, source.index, read_text(record), message);
        break;
      case kHostDescription: decode_host(record, message); break;
    }
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
