// The table of protocols. To add a protocol, add a row.
#include "decode/protocol_table.hpp"

#include "decode/ipfix.hpp"
#include "decode/message.hpp"
#include "decode/netflow_v5.hpp"
#include "decode/netflow_v8.hpp"
#include "decode/netflow_v9.hpp"
#include "decode/sflow.hpp"
#include "decode/trace_sflow.hpp"

namespace weir {

namespace {

// NetFlow and IPFIX have a version of 16 bits, sFlow has one of 32: none of theirs is 0.
constexpr std::uint32_t kShort = 0xffff0000, kLong = 0xffffffff;
constexpr std::uint32_t netflow(std::uint32_t version) { return version << 16; }

constexpr Protocol kProtocols[] = {
    {.name = "NetFlow v1",
     .word = netflow(1),
     .mask = kShort,
     .bit = kProtocolV1,
     .check = check_netflow_v1,
     .decode = decode_netflow_v1,
     .trace = trace_netflow_v1},
    {.name = "NetFlow v5",
     .word = netflow(5),
     .mask = kShort,
     .bit = kProtocolV5,
     .check = check_netflow_v5,
     .decode = decode_netflow_v5,
     .trace = trace_netflow_v5},
    {.name = "NetFlow v7",
     .word = netflow(7),
     .mask = kShort,
     .bit = kProtocolV7,
     .check = check_netflow_v7,
     .decode = decode_netflow_v7,
     .trace = trace_netflow_v7},
    {.name = "NetFlow v8",
     .word = netflow(8),
     .mask = kShort,
     .bit = kProtocolV8,
     .takes = is_known_netflow_v8,
     .check = check_netflow_v8,
     .decode = decode_netflow_v8,
     .trace = trace_netflow_v8},
    {.name = "NetFlow v9",
     .word = netflow(9),
     .mask = kShort,
     .bit = kProtocolV9,
     .check = check_netflow_v9,
     .decode = decode_netflow_v9,
     .trace = trace_netflow_v9},
    {.name = "IPFIX",
     .word = netflow(10),
     .mask = kShort,
     .bit = kProtocolIpfix,
     .check = check_ipfix,
     .decode = decode_ipfix,
     .trace = trace_ipfix},
    {.name = "sFlow v2",
     .word = 2,
     .mask = kLong,
     .bit = kProtocolSflow,
     .exporter_of = sflow_agent,
     .check = check_sflow,
     .decode = decode_sflow,
     .trace = trace_sflow},
    {.name = "sFlow v4",
     .word = 4,
     .mask = kLong,
     .bit = kProtocolSflow,
     .exporter_of = sflow_agent,
     .check = check_sflow,
     .decode = decode_sflow,
     .trace = trace_sflow},
    {.name = "sFlow v5",
     .word = 5,
     .mask = kLong,
     .bit = kProtocolSflow,
     .exporter_of = sflow_agent,
     .check = check_sflow,
     .decode = decode_sflow,
     .trace = trace_sflow},
};

}  // namespace

const Protocol* protocol_of(std::span<const std::uint8_t> payload) {
  if (payload.size() < 2) return nullptr;
  ByteCursor c(payload);
  // What ends inside a long version begins with none of them; two octets are enough for a short one.
  const std::uint32_t word = payload.size() >= 4 ? c.u32() : std::uint32_t{c.u16()} << 16;
  for (const auto& p : kProtocols) {
    if ((word & p.mask) == p.word) return p.takes == nullptr || p.takes(ByteCursor(payload)) ? &p : nullptr;
  }
  return nullptr;
}

std::string decoded_protocols() {
  std::string names;
  for (const auto& p : kProtocols) {
    if (&p != kProtocols) names += &p == std::end(kProtocols) - 1 ? " or " : ", ";
    names += p.name;
  }
  return names;
}

void name_exporter(Datagram& datagram, const Protocol* protocol) {
  if (protocol == nullptr || protocol->exporter_of == nullptr) return;
  const IpAddress named = protocol->exporter_of(ByteCursor(datagram.payload));
  if (named.is_unset() || named == datagram.source) return;
  datagram.via = datagram.source;
  datagram.source = named;
}

}  // namespace weir
