// The header:
//   version u16, count u16, uptime ms u32, epoch seconds u32, nanoseconds u32, flow sequence u32, engine type u8,
//   engine id u8, scheme u8, version of the scheme u8, reserved u32
// and a table of the schemes' records. How many flows a record adds up is not stored: it counts as one.
#include "decode/netflow_v8.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "decode/trace_lines.hpp"
#include "decode/trace_value.hpp"
#include "flow/port_table.hpp"

namespace weir {

namespace {

constexpr std::size_t kHeaderV8 = 28;

enum class PartV8 : std::uint8_t {
  kSkipped,
  kPackets,
  kOctets,
  kFirst,
  kLast,
  kSrc,
  kDst,
  kSrcMask,
  kDstMask,
  kSrcAs,
  kDstAs,
  kIn,
  kOut,
  kProtocol,
  kTos,
  kSrcPort,
  kDstPort
};
constexpr std::array<std::string_view, 17> kPartNames = {"-",
                                                         "packetDeltaCount",
                                                         "octetDeltaCount",
                                                         "flowStartSysUpTime",
                                                         "flowEndSysUpTime",
                                                         "sourceIPv4Address",
                                                         "destinationIPv4Address",
                                                         "sourceIPv4PrefixLength",
                                                         "destinationIPv4PrefixLength",
                                                         "bgpSourceAsNumber",
                                                         "bgpDestinationAsNumber",
                                                         "ingressInterface",
                                                         "egressInterface",
                                                         "protocolIdentifier",
                                                         "ipClassOfService",
                                                         "sourceTransportPort",
                                                         "destinationTransportPort"};

struct FieldV8 {
  PartV8 part;
  std::uint8_t size;
};
constexpr FieldV8 skipped(std::uint8_t size) { return {PartV8::kSkipped, size}; }
constexpr FieldV8 kPackets{PartV8::kPackets, 4}, kOctets{PartV8::kOctets, 4}, kFirst{PartV8::kFirst, 4},
    kLast{PartV8::kLast, 4}, kSrc{PartV8::kSrc, 4}, kDst{PartV8::kDst, 4}, kSrcMask{PartV8::kSrcMask, 1},
    kDstMask{PartV8::kDstMask, 1}, kSrcAs{PartV8::kSrcAs, 2}, kDstAs{PartV8::kDstAs, 2}, kIn{PartV8::kIn, 2},
    kOut{PartV8::kOut, 2}, kProtocol{PartV8::kProtocol, 1}, kTos{PartV8::kTos, 1}, kSrcPort{PartV8::kSrcPort, 2},
    kDstPort{PartV8::kDstPort, 2}, kFlows = skipped(4);

constexpr FieldV8 kAs[] = {kFlows, kPackets, kOctets, kFirst, kLast, kSrcAs, kDstAs, kIn, kOut};
constexpr FieldV8 kProtocolPort[] = {kFlows,    kPackets,   kOctets,  kFirst,  kLast,
                                     kProtocol, skipped(3), kSrcPort, kDstPort};
constexpr FieldV8 kSourcePrefix[] = {kFlows,   kPackets,   kOctets, kFirst, kLast,     kSrc,
                                     kSrcMask, skipped(1), kSrcAs,  kIn,    skipped(2)};
constexpr FieldV8 kDestinationPrefix[] = {kFlows,   kPackets,   kOctets, kFirst, kLast,     kDst,
                                          kDstMask, skipped(1), kDstAs,  kOut,   skipped(2)};
constexpr FieldV8 kPrefix[] = {kFlows,   kPackets, kOctets,    kFirst, kLast,  kSrc, kDst,
                               kSrcMask, kDstMask, skipped(2), kSrcAs, kDstAs, kIn,  kOut};
constexpr FieldV8 kDestination[] = {kDst, kPackets, kOctets, kFirst, kLast, kOut, kTos, skipped(9)};
constexpr FieldV8 kEnds[] = {kDst, kSrc, kPackets, kOctets, kFirst, kLast, kOut, kIn, kTos, skipped(11)};
constexpr FieldV8 kFullFlow[] = {kDst,  kSrc, kDstPort, kSrcPort, kPackets,  kOctets,    kFirst,
                                 kLast, kOut, kIn,      kTos,     kProtocol, skipped(10)};
constexpr FieldV8 kAsTos[] = {kFlows, kPackets, kOctets, kFirst, kLast, kSrcAs, kDstAs, kIn, kOut, kTos, skipped(3)};
constexpr FieldV8 kProtocolPortTos[] = {kFlows, kPackets,   kOctets,  kFirst,   kLast, kProtocol,
                                        kTos,   skipped(2), kSrcPort, kDstPort, kIn,   kOut};
constexpr FieldV8 kSourcePrefixTos[] = {kFlows,   kPackets, kOctets, kFirst, kLast,     kSrc,
                                        kSrcMask, kTos,     kSrcAs,  kIn,    skipped(2)};
constexpr FieldV8 kDestinationPrefixTos[] = {kFlows,   kPackets, kOctets, kFirst, kLast,     kDst,
                                             kDstMask, kTos,     kDstAs,  kOut,   skipped(2)};
constexpr FieldV8 kPrefixTos[] = {kFlows,   kPackets, kOctets,    kFirst, kLast,  kSrc, kDst, kSrcMask,
                                  kDstMask, kTos,     skipped(1), kSrcAs, kDstAs, kIn,  kOut};
constexpr FieldV8 kPrefixPort[] = {kFlows,   kPackets, kOctets,   kFirst,   kLast,    kSrc, kDst, kSrcMask,
                                   kDstMask, kTos,     kProtocol, kSrcPort, kDstPort, kIn,  kOut};

constexpr std::size_t size_of(std::span<const FieldV8> fields) {
  std::size_t size = 0;
  for (const auto& f : fields) size += f.size;
  return size;
}

struct SchemeV8 {
  std::uint8_t number;
  std::string_view name;
  std::span<const FieldV8> fields;
};
constexpr SchemeV8 kSchemes[] = {
    {1, "AS", kAs},
    {2, "protocol and port", kProtocolPort},
    {3, "source prefix", kSourcePrefix},
    {4, "destination prefix", kDestinationPrefix},
    {5, "prefix", kPrefix},
    {6, "destination", kDestination},
    {7, "source and destination", kEnds},
    {8, "full flow", kFullFlow},
    {9, "AS and ToS", kAsTos},
    {10, "protocol, port and ToS", kProtocolPortTos},
    {11, "source prefix and ToS", kSourcePrefixTos},
    {12, "destination prefix and ToS", kDestinationPrefixTos},
    {13, "prefix and ToS", kPrefixTos},
    {14, "prefix and port", kPrefixPort},
};
static_assert(size_of(kAs) == 28 && size_of(kProtocolPort) == 28 && size_of(kSourcePrefix) == 32 &&
              size_of(kDestinationPrefix) == 32 && size_of(kPrefix) == 40);
static_assert(size_of(kDestination) == 32 && size_of(kEnds) == 40 && size_of(kFullFlow) == 44);
static_assert(size_of(kAsTos) == 32 && size_of(kProtocolPortTos) == 32 && size_of(kSourcePrefixTos) == 32 &&
              size_of(kDestinationPrefixTos) == 32 && size_of(kPrefixTos) == 40 && size_of(kPrefixPort) == 40);

const SchemeV8* scheme_of(std::uint8_t number) {
  const auto* at =
      std::find_if(std::begin(kSchemes), std::end(kSchemes), [&](const SchemeV8& s) { return s.number == number; });
  return at == std::end(kSchemes) ? nullptr : at;
}

struct HeaderV8 {
  std::uint16_t count = 0;
  std::uint32_t uptime_ms = 0, sequence = 0, engine = 0;
  std::int64_t export_ms = 0;
  std::uint8_t scheme = 0;
};

HeaderV8 decode_header_v8(ByteCursor& c) {
  HeaderV8 h;
  c.skip(2);
  h.count = c.u16();
  h.uptime_ms = c.u32();
  const std::int64_t seconds = c.u32();
  h.export_ms = seconds * 1000 + c.u32() / 1'000'000;
  h.sequence = c.u32();
  h.engine = c.u16();
  h.scheme = c.u8();
  c.skip(5);
  return h;
}

void read_part(PartV8 part, ByteCursor c, FlowRecord& r, FlowTimes& times) {
  switch (part) {
    case PartV8::kSkipped: break;
    case PartV8::kPackets: r.packets = c.u32(); break;
    case PartV8::kOctets: r.octets = c.u32(); break;
    case PartV8::kFirst: times.start_uptime_ms = c.u32(); break;
    case PartV8::kLast: times.end_uptime_ms = c.u32(); break;
    case PartV8::kSrc: r.src = c.v4(); break;
    case PartV8::kDst: r.dst = c.v4(); break;
    case PartV8::kSrcMask: r.src_mask = c.u8(); break;
    case PartV8::kDstMask: r.dst_mask = c.u8(); break;
    case PartV8::kSrcAs: r.src_as = c.u16(); break;
    case PartV8::kDstAs: r.dst_as = c.u16(); break;
    case PartV8::kIn: r.in_if = c.u16(); break;
    case PartV8::kOut: r.out_if = c.u16(); break;
    case PartV8::kProtocol: r.protocol = c.u8(); break;
    case PartV8::kTos: r.tos = c.u8(); break;
    case PartV8::kSrcPort: r.src_port = c.u16(); break;
    case PartV8::kDstPort: r.dst_port = c.u16(); break;
  }
}

}  // namespace

std::uint8_t netflow_v8_scheme(ByteCursor payload) { return decode_header_v8(payload).scheme; }

bool is_known_netflow_v8(ByteCursor payload) {
  const auto header = decode_header_v8(payload);
  return payload.failed() ||
         scheme_of(header.scheme) != nullptr;  // what ends inside the header has no scheme to be named
}

MessageCheck check_netflow_v8(ByteCursor payload) {
  const auto header = decode_header_v8(payload);
  const auto* scheme = scheme_of(header.scheme);
  return {.valid = !payload.failed() && header.count != 0 && scheme != nullptr &&
                   payload.remaining() >= size_of(scheme->fields)};
}

void decode_netflow_v8(ByteCursor payload, Message& message) {
  const auto header = decode_header_v8(payload);
  const auto* scheme = scheme_of(header.scheme);
  const std::size_t size = scheme == nullptr ? 1 : size_of(scheme->fields), there = payload.remaining() / size;
  if (payload.failed() || scheme == nullptr || header.count == 0 || header.count > there) {
    message.malformed([&] {
      return "NetFlow v8 header announces " + std::to_string(header.count) + " records of scheme " +
             std::to_string(header.scheme) + ", the datagram holds " + std::to_string(there);
    });
    if (payload.failed() || scheme == nullptr || header.count == 0) return;
  }
  // Each scheme has a cache, and a sequence, of its own.
  if (!message.enter(8, header.engine << 8 | header.scheme, header.export_ms)) return;
  message.set_uptime(header.uptime_ms, header.sequence);
  const auto count = static_cast<std::uint32_t>(std::min<std::size_t>(header.count, there));
  for (std::uint32_t i = 0; i < count; ++i) {
    ByteCursor c = payload.sub(size);
    auto& r = message.begin_record();
    FlowTimes times{.given = FlowTimes::kStartUptime | FlowTimes::kEndUptime};
    for (const auto& field : scheme->fields) read_part(field.part, c.sub(field.size), r, times);
    if (r.protocol == kIpProtocolIcmp || r.protocol == kIpProtocolIcmpV6) {
      r.icmp = r.dst_port;
      r.src_port = r.dst_port = 0;
    }
    if ((r.octets | r.packets) == 0) r.quality |= kQualityNoCounters;
    if (!message.stream->unrated.any()) message.stream->unrated.add({}, message.time.arrival_ms);
    message.finish_record(r, times, message.time);
  }
  message.follow_sequence({.sequence = header.sequence,
                           .units = count,
                           .known = !message.is_malformed(),
                           .absurd_jump = 1u << 24,
                           .reorder = 2048});
}

void trace_netflow_v8(ByteCursor c, const TraceTemplates&, TraceLines& out) {
  const auto header = decode_header_v8(c);
  const auto* scheme = scheme_of(header.scheme);
  if (c.failed() || scheme == nullptr)
    return out.line(1, "NetFlow v8: ends inside its header, or is of a scheme that is not decoded");
  out.line(1, "NetFlow v8 by " + std::string(scheme->name) + ": count " + std::to_string(header.count) + ", uptime " +
                  std::to_string(header.uptime_ms) + " ms, exported " + trace_time(header.export_ms) + ", sequence " +
                  std::to_string(header.sequence) + ", engine " + std::to_string(header.engine));
  const std::size_t size = size_of(scheme->fields);
  for (std::size_t number = 1; c.remaining() >= size && !out.full(); ++number) {
    out.line(1, "record " + std::to_string(number));
    for (const auto& field : scheme->fields) {
      const auto bytes = c.take(field.size);
      const auto name = kPartNames[static_cast<std::size_t>(field.part)];
      if (name != "-") out.field(2, std::string(name), trace_value(name, bytes));
    }
  }
  if (c.remaining() != 0)
    out.line(1, std::to_string(c.remaining()) + " octets left over: " + trace_hex(c.take(c.remaining())));
}

}  // namespace weir
