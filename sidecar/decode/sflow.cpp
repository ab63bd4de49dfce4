// "sFlow Version 5" (sflow.org, July 2004), section 5, and RFC 3176, section 4. The datagram of v5:
//   version u32, agent address, sub-agent u32, sequence u32, uptime ms u32, samples u32; each: format u32, length u32,
//   content
// v2 and v4 have no sub-agent, and no lengths.
#include "decode/sflow.hpp"

#include "decode/sampled_packet.hpp"
#include "decode/sflow_counters.hpp"
#include "decode/sflow_wire.hpp"

namespace weir {

namespace {

constexpr SequenceStep kDatagramSequence{.units = 1, .absurd_jump = 1u << 20, .reorder = 64};  // counts datagrams

// The head of a flow sample.
struct SampleOrigin {
  SampleHead head;
  SampleSourceKey source;
  SflowInterface in, out;
};

SampleOrigin decode_origin(ByteCursor& c, std::uint32_t version, bool expanded, std::uint32_t sub_agent) {
  SampleOrigin o{.source = {.domain = sub_agent}};
  o.head.sequence = c.u32();
  const SflowSource source = sflow_source(c, expanded);
  o.source.type = source.type;
  o.source.index = source.index;
  o.head.rate = c.u32();
  o.head.pool = c.u32();
  o.head.drops = c.u32();
  if (expanded) {
    const std::uint32_t in_format = c.u32(), in = c.u32(), out_format = c.u32(), out = c.u32();
    o.in = {.format = in_format, .value = in};
    o.out = {.format = out_format, .value = out};
  } else {
    const std::uint32_t in = c.u32(), out = c.u32();
    o.in = version < kSflowVersion5 ? SflowInterface{.value = in} : sflow_interface(in, version);
    o.out = sflow_interface(out, version);
  }
  return o;
}

// Where the packet was sampled (IE 61): at the interface where it came in, or where it left.
std::uint8_t direction_of(const SampleOrigin& o) {
  if (o.source.type != 0 || o.source.index == 0) return kDirectionUnknown;
  const bool came_in = o.source.index == o.in.if_index(), left = o.source.index == o.out.if_index();
  return came_in == left ? kDirectionUnknown : came_in ? 0 : 1;
}

void finish_sample(const SampleOrigin& o, SampledPacket& packet, FlowRecord& record, Message& message) {
  auto& sources = message.from.sources;
  const std::int64_t now_ms = message.time.arrival_ms;
  message.count_samples(sources.advance(o.source, o.head, now_ms, message.from.has_room_for_source()));
  record.direction = direction_of(o);
  if (record.direction == 0) sources.note_ingress(o.source, now_ms);
  if (!packet.is_one()) {
    message.drop_record();
    return message.refuse_empty(1);
  }
  packet.complete(message.context.limits.sampled_octets);
  record.sample = true;
  record.in_if = o.in.if_index();
  record.out_if = o.out.if_index();
  record.sampling = o.head.rate;
  if (o.head.rate == 0) record.quality |= kQualitySamplingUnknown;
  message.publish_sampling(o.head.rate);
  // A packet that was sampled where it left could as well have been where it came in: if that interface samples too,
  // its samples stand for all that comes in there, and those of the way out would count the same traffic again.
  if (record.direction == 1 && message.leaves_out_second() &&
      sources.samples_ingress({.domain = o.source.domain, .type = 0, .index = record.in_if}, now_ms)) {
    return message.leave_out_record();
  }
  message.finish_record(record, {}, message.time);
}

void malformed_sample(Message& message, const char* what) {
  message.malformed([&] { return std::string("an sFlow ") + what + " ends too soon; what was whole of it is used"; });
}

void decode_flow_sample(ByteCursor c, bool expanded, Message& message) {
  const SampleOrigin origin = decode_origin(c, kSflowVersion5, expanded, message.domain->id);
  std::uint32_t records = c.u32();
  if (c.failed()) return malformed_sample(message, "flow sample");
  auto& record = message.begin_record();
  SampledPacket packet(record);
  for (; records != 0; --records) {
    const std::uint32_t format = c.u32();
    const std::size_t length = c.u32();
    const bool is_whole = !c.failed() && length <= c.remaining();
    const bool is_read = !c.failed() && packet.read(format, c.sub(std::min(length, c.remaining())));
    if (!is_whole || !is_read) malformed_sample(message, "flow record");
    if (!is_whole) break;
  }
  finish_sample(origin, packet, record, message);
}

// False: it is of a kind that is not decoded, as a vendor's.
bool decode_sample(std::uint32_t format, ByteCursor sample, Message& message) {
  switch (static_cast<SflowSample>(format)) {
    case SflowSample::kFlow: decode_flow_sample(sample, false, message); return true;
    case SflowSample::kExpandedFlow: decode_flow_sample(sample, true, message); return true;
    case SflowSample::kCounters:
    case SflowSample::kExpandedCounters:
      if (!decode_counter_sample(sample, static_cast<SflowSample>(format) == SflowSample::kExpandedCounters, message))
        malformed_sample(message, "counter sample");
      return true;
    case SflowSample::kDrop: return false;
  }
  return false;
}

void decode_samples(ByteCursor c, std::uint32_t count, Message& message) {
  for (; count != 0; --count) {
    const std::uint32_t format = c.u32();
    const std::size_t length = c.u32();
    if (c.failed()) return malformed_sample(message, "datagram");
    const bool is_whole = length <= c.remaining();
    if (!decode_sample(format, c.sub(std::min(length, c.remaining())), message)) message.count_skipped_sample();
    if (!is_whole) return malformed_sample(message, "sample");
  }
}

// False: what follows cannot be read.
bool decode_flow_sample_v4(ByteCursor& c, std::uint32_t version, Message& message) {
  const SampleOrigin origin = decode_origin(c, version, false, message.domain->id);
  if (c.failed()) return false;
  auto& record = message.begin_record();
  SampledPacket packet(record);
  bool is_whole = packet.read_packet_v4(c);
  if (is_whole) {
    for (std::uint32_t extensions = c.u32(); extensions != 0 && is_whole; --extensions)
      is_whole = packet.read_extension_v4(c, version);
    is_whole &= !c.failed();
  }
  finish_sample(origin, packet, record, message);
  return is_whole;
}

void decode_samples_v4(ByteCursor c, const SflowHeader& header, Message& message) {
  for (std::uint32_t count = header.samples; count != 0; --count) {
    const auto type = static_cast<SflowSample>(c.u32());
    bool is_whole = !c.failed();
    if (is_whole && type == SflowSample::kFlow) is_whole = decode_flow_sample_v4(c, header.version, message);
    else if (is_whole && type == SflowSample::kCounters) is_whole = decode_counter_sample_v4(c, message);
    else is_whole = false;
    if (!is_whole)
      return message.malformed([] {
        return std::string(
            "an sFlow v2 or v4 datagram holds a sample that ends too soon or is of a kind that they do not have");
      });
  }
}

}  // namespace

IpAddress sflow_agent(ByteCursor payload) {
  payload.skip(4);
  const IpAddress agent = sflow_address(payload);
  if (agent.is_v4()) {
    const std::uint32_t network = agent.v4() >> 24;
    return network == 0 || network == 127 || network >= 224 ? IpAddress{} : agent;
  }
  const bool is_loopback = agent == IpAddress{.bytes = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};
  return is_loopback || agent.bytes[0] == 0xff ? IpAddress{} : agent;
}

MessageCheck check_sflow(ByteCursor payload) {
  const SflowHeader header = decode_sflow_header(payload);
  ByteCursor sample = payload;
  sample.skip(4);
  const std::uint32_t length = sample.u32();
  return {.valid = !sample.failed() && header.samples != 0 &&
                   (header.version < kSflowVersion5 || length <= sample.remaining())};
}

void decode_sflow(ByteCursor payload, Message& message) {
  const SflowHeader header = decode_sflow_header(payload);
  if (payload.failed()) return message.malformed([] { return std::string("sFlow datagram ends inside its header"); });
  // There is no clock in it but the uptime: what it samples came as it arrived.
  if (!message.enter(kVersionSflow, header.sub_agent, message.datagram.arrival_ms)) return;
  message.set_uptime(header.uptime_ms, header.sequence);
  if (message.is_of_restarted()) message.from.sources.clear();
  if (header.version >= kSflowVersion5) decode_samples(payload, header.samples, message);
  else decode_samples_v4(payload, header, message);
  SequenceStep step = kDatagramSequence;
  step.sequence = header.sequence;
  message.follow_sequence(step);
}

}  // namespace weir
