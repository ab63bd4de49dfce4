// The fixed formats of Cisco's "NetFlow Export Datagram Format" (NetFlow Services Solutions Guide, appendix): tables
// B-1 to B-2 for v1, B-3 to B-4 for v5, B-5 to B-6 for v7.
//
// The header of all three:
//   version u16, count u16, uptime ms u32, epoch seconds u32, nanoseconds u32
// v5 adds flow sequence u32, engine type u8, engine id u8, sampling u16; v7 adds flow sequence u32, reserved u32.
#include "decode/netflow_v5.hpp"

#include <optional>

#include "flow/port_table.hpp"

namespace weir {

namespace {

constexpr std::size_t kRecordSizeV1 = 48;  // on the wire (v1-softflowd, fprobe-live-v1); Cisco's table shows 52
constexpr std::size_t kRecordSizeV5 = 48;
constexpr std::size_t kRecordSizeV7 = 52;
constexpr std::uint32_t kMaxCount = 65535 / kRecordSizeV5;
constexpr std::uint16_t kSamplingRateMask =
    0x3fff;  // the low 14 bits of the v5 header's field; the upper 2 are the mode
constexpr SequenceStep kFlowSequence{.absurd_jump = 1u << 24, .reorder = 2048};

struct Header {
  std::uint32_t count = 0, uptime_ms = 0;
  std::int64_t export_ms = 0;
};

Header decode_header(ByteCursor& c) {
  Header h;
  c.u16();  // version
  h.count = c.u16();
  h.uptime_ms = c.u32();
  const std::int64_t seconds = c.u32();
  h.export_ms = seconds * 1000 + c.u32() / 1'000'000;
  return h;
}

// How many records to read: what the header says, as far as it is there.
std::uint32_t whole_records(const ByteCursor& body, std::uint32_t count, std::size_t size, Message& message) {
  const std::size_t there = body.remaining() / size;
  if (!body.failed() && count != 0 && count <= there) return count;
  message.malformed([&] {
    return "NetFlow v1/v5/v7 header announces " + std::to_string(count) + " records, the datagram holds " +
           std::to_string(there) + "; is something on the way cutting it, or is it not NetFlow?";
  });
  // A count that no datagram can hold may still head whole records (v5-invalid01).
  if (body.failed() || (count > kMaxCount && body.remaining() % size != 0)) return 0;
  return count == 0 ? 0 : static_cast<std::uint32_t>(there);
}

void set_next_hop(FlowRecord& r, std::uint32_t v4) {
  if (v4 != 0) r.next_hop = IpAddress::from_v4(v4);
}

// Uptimes of a flow's first and last packet.
struct Uptimes {
  std::uint32_t first = 0, last = 0;
};

// What the records of all three begin with: up to the destination port.
Uptimes read_head(ByteCursor& c, FlowRecord& r) {
  r.src = c.v4();
  r.dst = c.v4();
  set_next_hop(r, c.u32());
  r.in_if = c.u16();
  r.out_if = c.u16();
  r.packets = c.u32();
  r.octets = c.u32();
  const std::uint32_t first = c.u32(), last = c.u32();
  r.src_port = c.u16();
  r.dst_port = c.u16();
  return {.first = first, .last = last};
}

// Reads the rest of a record: of v5 after the octet of padding, of v7 after the octet of flags.
void read_tail(ByteCursor& c, FlowRecord& r) {
  c.skip(1);
  r.tcp_flags = c.u8();
  r.protocol = c.u8();
  r.tos = c.u8();
  r.src_as = c.u16();
  r.dst_as = c.u16();
  r.src_mask = c.u8();
  r.dst_mask = c.u8();
}

// ICMP type and code lie in the destination port.
void finish(Message& message, FlowRecord& r, const Uptimes& at) {
  if (r.protocol == kIpProtocolIcmp || r.protocol == kIpProtocolIcmpV6) {
    r.icmp = r.dst_port;
    r.src_port = r.dst_port = 0;
  }
  if ((r.octets | r.packets) == 0) r.quality |= kQualityNoCounters;
  if (r.sampling == 0 && !message.stream->unrated.any()) message.stream->unrated.add({}, message.time.arrival_ms);
  const FlowTimes times{
      .given = FlowTimes::kStartUptime | FlowTimes::kEndUptime, .start_uptime_ms = at.first, .end_uptime_ms = at.last};
  message.finish_record(r, times, message.time);
}

void follow(Message& message, std::uint32_t sequence, std::uint32_t units) {
  SequenceStep step = kFlowSequence;
  step.sequence = sequence;
  step.units = units;
  step.known = !message.is_malformed();
  message.follow_sequence(step);
}

}  // namespace

void decode_netflow_v1(ByteCursor payload, Message& message) {
  const Header header = decode_header(payload);
  const std::uint32_t count = whole_records(payload, header.count, kRecordSizeV1, message);
  if (count == 0 || !message.enter(1, 0, header.export_ms)) return;
  message.set_uptime(header.uptime_ms, std::nullopt);
  for (std::uint32_t i = 0; i < count; ++i) {
    ByteCursor c = payload.sub(kRecordSizeV1);
    auto& r = message.begin_record();
    const Uptimes at = read_head(c, r);
    c.skip(2);
    r.protocol = c.u8();
    r.tos = c.u8();
    r.tcp_flags = c.u8();
    finish(message, r, at);
  }
}

void decode_netflow_v5(ByteCursor payload, Message& message) {
  const Header header = decode_header(payload);
  const std::uint32_t sequence = payload.u32();
  const std::uint32_t engine = payload.u16();
  const std::uint16_t sampling = payload.u16();
  const std::uint32_t count = whole_records(payload, header.count, kRecordSizeV5, message);
  if (count == 0 || !message.enter(5, engine, header.export_ms)) return;
  message.set_uptime(header.uptime_ms, sequence);
  const std::uint32_t rate = sampling & kSamplingRateMask;
  const std::uint16_t quality = rate == 0 && sampling != 0 ? kQualitySamplingUnknown : 0;  // a mode without a rate
  message.publish_sampling(rate);
  for (std::uint32_t i = 0; i < count; ++i) {
    ByteCursor c = payload.sub(kRecordSizeV5);
    auto& r = message.begin_record();
    const Uptimes at = read_head(c, r);
    read_tail(c, r);
    r.sampling = rate;
    r.quality = quality;
    finish(message, r, at);
  }
  follow(message, sequence, count);
}

void decode_netflow_v7(ByteCursor payload, Message& message) {
  const Header header = decode_header(payload);
  const std::uint32_t sequence = payload.u32();
  payload.skip(4);
  const std::uint32_t count = whole_records(payload, header.count, kRecordSizeV7, message);
  if (count == 0 || !message.enter(7, 0, header.export_ms)) return;
  message.set_uptime(header.uptime_ms, sequence);
  for (std::uint32_t i = 0; i < count; ++i) {
    ByteCursor c = payload.sub(kRecordSizeV7);
    auto& r = message.begin_record();
    const Uptimes at = read_head(c, r);
    read_tail(c, r);
    finish(message, r, at);
  }
  follow(message, sequence, count);
}

}  // namespace weir
