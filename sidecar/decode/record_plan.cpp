// Compiling templates, and the loop that turns records of theirs into flow records.
#include "decode/record_plan.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstring>
#include <limits>
#include <type_traits>
#include <utility>

#include "decode/element_map.hpp"
#include "flow/port_table.hpp"

namespace weir {

namespace {

using Target = ElementTarget;

constexpr std::uint8_t kRankPost = 3;                            // of counters in schemas/fields.json
constexpr std::uint16_t kFirewallEvent = 233;                   // IANA
constexpr std::int64_t kLatestMs = 253'402'300'799'999;         // the end of the year 9999; past it a stamp is noise

inline std::uint64_t read_unsigned(std::span<const std::uint8_t> bytes) {
  ByteCursor c(bytes);
  switch (bytes.size()) {
    case 1: return c.u8();
    case 2: return c.u16();
    case 4: return c.u32();
    case 8: return c.u64();
    default: return c.uint_sized(bytes.size());
  }
}

std::uint32_t to_u32(std::uint64_t v) {
  return v > std::numeric_limits<std::uint32_t>::max() ? std::numeric_limits<std::uint32_t>::max() : static_cast<std::uint32_t>(v);
}

bool is_address(Target t) {
  return t == Target::kSrc || t == Target::kDst || t == Target::kNextHop || t == Target::kNatSrc || t == Target::kNatDst;
}

// Lengths that an element can have; others are stepped over (RFC 7011 6.2 allows shorter integers).
bool usable_length(Target target, std::uint16_t length) {
  if (length == kVariableLength) return true;
  if (is_address(target)) return length == 4 || length == 16;
  switch (target) {
    case Target::kStartNtp:
    case Target::kEndNtp:
    case Target::kObservationNtp: return length == 8;
    case Target::kSamplingProbability: return length == 4 || length == 8;
    case Target::kApplication: return length >= 1;
    default: return length >= 1 && length <= 8;
  }
}

// RFC 6759 4: one octet of classification engine, then a selector; of a long one the low three octets are kept.
std::uint32_t application_id(std::span<const std::uint8_t> bytes) {
  ByteCursor c(bytes);
  const std::uint32_t engine = c.u8();
  return engine << 24 | static_cast<std::uint32_t>(c.uint_sized(c.remaining()) & 0xffffff);
}

// Where in a FlowRecord a target's number lies, and how wide it is; width 0: it is no plain number.
struct Member {
  std::size_t offset = 0, width = 0;
};
static_assert(std::is_standard_layout_v<FlowRecord> && std::is_trivially_copyable_v<FlowRecord>);
#define WEIR_MEMBER(name) Member{.offset = offsetof(FlowRecord, name), .width = sizeof(FlowRecord::name)}
Member member_of(Target target) {
  switch (target) {
    case Target::kSrcPort: return WEIR_MEMBER(src_port);
    case Target::kDstPort: return WEIR_MEMBER(dst_port);
    case Target::kNatSrcPort: return WEIR_MEMBER(nat_src_port);
    case Target::kNatDstPort: return WEIR_MEMBER(nat_dst_port);
    case Target::kProtocol: return WEIR_MEMBER(protocol);
    case Target::kOctets: return WEIR_MEMBER(octets);
    case Target::kPackets: return WEIR_MEMBER(packets);
    case Target::kReverseOctets: return WEIR_MEMBER(reverse_octets);
    case Target::kReversePackets: return WEIR_MEMBER(reverse_packets);
    case Target::kTos: return WEIR_MEMBER(tos);
    case Target::kReverseTos: return WEIR_MEMBER(reverse_tos);
    case Target::kTcpFlags: return WEIR_MEMBER(tcp_flags);
    case Target::kReverseTcpFlags: return WEIR_MEMBER(reverse_tcp_flags);
    case Target::kInIf: return WEIR_MEMBER(in_if);
    case Target::kOutIf: return WEIR_MEMBER(out_if);
    case Target::kVlan: return WEIR_MEMBER(vlan);
    case Target::kOutVlan: return WEIR_MEMBER(out_vlan);
    case Target::kSrcAs: return WEIR_MEMBER(src_as);
    case Target::kDstAs: return WEIR_MEMBER(dst_as);
    case Target::kSrcMask: return WEIR_MEMBER(src_mask);
    case Target::kDstMask: return WEIR_MEMBER(dst_mask);
    case Target::kSrcMac: return WEIR_MEMBER(src_mac);
    case Target::kDstMac: return WEIR_MEMBER(dst_mac);
    case Target::kDirection: return WEIR_MEMBER(direction);
    case Target::kSrc: return {.offset = offsetof(FlowRecord, src)};
    case Target::kDst: return {.offset = offsetof(FlowRecord, dst)};
    default: return {};
  }
}
#undef WEIR_MEMBER

// Whether a flow is stored with it, other than when it was and how it was sampled.
bool is_stored(Target target) {
  if (is_address(target) || member_of(target).width != 0) return true;
  switch (target) {
    case Target::kInitiatorOctets:
    case Target::kResponderOctets:
    case Target::kInitiatorPackets:
    case Target::kResponderPackets:
    case Target::kApplication:
    case Target::kIcmp:
    case Target::kIcmpType:
    case Target::kDscp: return true;
    default: return false;
  }
}

template <class T>
void put(FlowRecord& flow, std::size_t member, T value) {
  std::memcpy(reinterpret_cast<std::byte*>(&flow) + member, &value, sizeof value);
}
template <class T>
T get(const FlowRecord& flow, std::size_t member) {
  T value;
  std::memcpy(&value, reinterpret_cast<const std::byte*>(&flow) + member, sizeof value);
  return value;
}

struct Candidate {
  std::uint16_t field = 0;
  Target target = Target::kSrc;
  std::uint8_t rank = 0;
};

}  // namespace

RecordPlan::RecordPlan(const TemplateRecord& record) : minimum_length_(record.minimum_length()), fixed_(record.fixed_length()) {
  std::vector<std::uint16_t> offsets(record.fields.size());
  std::vector<Candidate> candidates;
  bool firewall_event = false;
  std::uint32_t offset = 0;
  for (std::uint16_t i = 0; i < record.fields.size(); ++i) {
    const auto& f = record.fields[i];
    offsets[i] = static_cast<std::uint16_t>(offset);
    if (!fixed_) lengths_.push_back(f.length);
    if (f.length == kVariableLength) runs_.push_back(std::exchange(tail_, 0));
    else tail_ += f.length;
    offset += f.length == kVariableLength ? 1 : f.length;
    firewall_event |= f.pen == 0 && f.ie == kFirewallEvent;
    const auto* element = find_element(f.pen, f.ie);
    if (element != nullptr && usable_length(element->target, f.length)) {
      candidates.push_back({.field = i, .target = element->target, .rank = element->rank});
    }
  }
  std::stable_sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
    return a.target != b.target ? a.target < b.target : a.rank < b.rank;
  });

  const auto has = [&](Target t) { return std::any_of(candidates.begin(), candidates.end(), [&](auto& c) { return c.target == t; }); };
  // Initiator and responder counters hold where the record has no plain ones (v9-cisco-asa-graylog); a responder alone
  // is noise (v9-huawei-netstream).
  initiator_counters_ = has(Target::kInitiatorOctets) && !has(Target::kOctets);
  std::erase_if(candidates, [&](const Candidate& c) {
    switch (c.target) {
      case Target::kInitiatorOctets:
      case Target::kResponderOctets:
      case Target::kInitiatorPackets:
      case Target::kResponderPackets: return !initiator_counters_;
      default: return false;
    }
  });
  // Of several counters the best holds alone: delta, total, post (v9-fortigate-542, ovs-ipfix). Where a firewall event
  // comes with delta and total, the delta may be left empty (ipfix-barracuda).
  for (const auto target : {Target::kOctets, Target::kPackets, Target::kReverseOctets, Target::kReversePackets}) {
    std::uint8_t best = std::numeric_limits<std::uint8_t>::max();
    for (const auto& c : candidates) {
      if (c.target == target) best = std::min(best, c.rank);
    }
    std::erase_if(candidates, [&](const Candidate& c) {
      return c.target == target && c.rank != best && !(firewall_event && c.rank < kRankPost);
    });
  }
  reverse_counters_ = has(Target::kReverseOctets) || has(Target::kReversePackets);
  has_icmp_ = has(Target::kIcmp) || has(Target::kIcmpType);
  has_uptimes_ = has(Target::kStartUptime) || has(Target::kEndUptime);
  for (const auto t : {Target::kSampling, Target::kSamplingPacketInterval, Target::kSamplingSize, Target::kSamplingProbability, Target::kSamplingTimeInterval,
                       Target::kHashOutputMax, Target::kSamplingFlowInterval, Target::kSamplingFlowTimeInterval, Target::kSamplerId}) {
    has_sampling_ |= has(t);
  }

  says_something_ = std::any_of(candidates.begin(), candidates.end(), [](auto& c) { return is_stored(c.target); });

  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const auto& c = candidates[i];
    const bool follows = i > 0 && candidates[i - 1].target == c.target;
    const bool leads = i + 1 < candidates.size() && candidates[i + 1].target == c.target;
    mixed_families_ |= (follows || leads) && (c.target == Target::kSrc || c.target == Target::kDst);
    steps_.push_back({.field = c.field, .offset = offsets[c.field], .length = record.fields[c.field].length,
                      .target = c.target, .fallback = follows, .shared = follows || leads});
    choose_action(steps_.back());
    if (c.target == Target::kEndUptime && !follows && !has(Target::kInitMilliseconds)) end_uptime_ = steps_.back();
  }
  // Memory order; fallbacks stay behind what they back.
  if (fixed_ && std::none_of(steps_.begin(), steps_.end(), [](const Step& s) { return s.shared; })) {
    std::sort(steps_.begin(), steps_.end(), [](const Step& a, const Step& b) { return a.offset < b.offset; });
  }
}

void RecordPlan::choose_action(Step& step) {
  const Member member = member_of(step.target);
  step.member = static_cast<std::uint16_t>(member.offset);
  switch (member.width) {
    case 1: step.action = Action::kCopy8; break;
    case 2: step.action = Action::kCopy16; break;
    case 4: step.action = Action::kCopy32; break;
    case 8: step.action = Action::kCopy64; break;
    default: break;
  }
  if ((step.target == Target::kSrc || step.target == Target::kDst) && step.length == 4 && !step.shared) step.action = Action::kIpv4;
  if (step.target == Target::kStartUptime) step.action = Action::kStartUptime;
  if (step.target == Target::kEndUptime) step.action = Action::kEndUptime;
}

inline void RecordPlan::run(const Step& step, std::span<const std::uint8_t> bytes, FlowRecord& flow, RecordNotes& notes) const {
  const auto number = [&]<class T>(T) {
    if (!step.fallback || get<T>(flow, step.member) == 0) put<T>(flow, step.member, static_cast<T>(read_unsigned(bytes)));
  };
  switch (step.action) {
    case Action::kCopy8: number(std::uint8_t{}); break;
    case Action::kCopy16: number(std::uint16_t{}); break;
    case Action::kCopy32: number(std::uint32_t{}); break;
    case Action::kCopy64: number(std::uint64_t{}); break;
    case Action::kIpv4: put(flow, step.member, ByteCursor(bytes).v4()); break;
    case Action::kStartUptime:
      notes.times.start_uptime_ms = static_cast<std::uint32_t>(read_unsigned(bytes));
      notes.times.given |= FlowTimes::kStartUptime;
      break;
    case Action::kEndUptime:
      notes.times.end_uptime_ms = static_cast<std::uint32_t>(read_unsigned(bytes));
      notes.times.given |= FlowTimes::kEndUptime;
      break;
    case Action::kApply: apply(step, bytes, flow, notes); break;
  }
}

bool RecordPlan::locate(ByteCursor& set, Parts& parts) const {
  parts.resize(lengths_.size());
  for (std::size_t i = 0; i < lengths_.size(); ++i) {
    std::size_t length = lengths_[i];
    if (length == kVariableLength) {
      length = set.u8();
      if (length == 255) length = set.u16();  // RFC 7011 7
    }
    parts[i] = set.take(length);
  }
  return !set.failed();
}

bool RecordPlan::step_over(ByteCursor& set) const {
  for (const auto run : runs_) {
    set.skip(run);
    std::size_t length = set.u8();
    if (length == 255) length = set.u16();  // RFC 7011 7
    set.skip(length);
  }
  set.skip(tail_);
  return !set.failed();
}

std::uint32_t RecordPlan::latest_end_uptime(ByteCursor set, Parts& parts) const {
  std::uint32_t latest = 0;
  if (!end_uptime_) return latest;
  while (set.remaining() >= minimum_length_) {
    if (fixed_) {
      latest = std::max(latest, to_u32(read_unsigned(set.take(minimum_length_).subspan(end_uptime_->offset, end_uptime_->length))));
    } else if (locate(set, parts)) {
      latest = std::max(latest, to_u32(read_unsigned(parts[end_uptime_->field])));
    }
  }
  return latest;
}

bool RecordPlan::decode(ByteCursor& set, FlowRecord& flow, RecordNotes& notes, Parts& parts) const {
  if (fixed_) {
    const auto record = set.take(minimum_length_);
    if (record.size() != minimum_length_) return false;
    for (const auto& step : steps_) run(step, record.subspan(step.offset, step.length), flow, notes);
    finish(flow, notes);
    return true;
  }
  if (!locate(set, parts)) return false;
  for (const auto& step : steps_) {
    const auto bytes = parts[step.field];
    if (step.length != kVariableLength || (!bytes.empty() && bytes.size() < kVariableLength &&
                                           usable_length(step.target, static_cast<std::uint16_t>(bytes.size())))) {
      run(step, bytes, flow, notes);
    }
  }
  finish(flow, notes);
  return true;
}

void RecordPlan::apply(const Step& step, std::span<const std::uint8_t> bytes, FlowRecord& flow, RecordNotes& notes) const {
  const auto number = [&](auto& member) {
    if (!step.fallback || member == 0) member = static_cast<std::remove_reference_t<decltype(member)>>(read_unsigned(bytes));
  };
  // An address of zeros gives way to another for the same end, and is no next hop.
  const auto address = [&](IpAddress& member, bool zero_is_unset) {
    if (step.fallback && !member.is_unset()) return;
    ByteCursor c(bytes);
    if (bytes.size() == 16) {
      member = c.v6();
    } else if (const std::uint32_t v4 = c.u32(); v4 != 0 || !(zero_is_unset || step.shared)) {
      member = IpAddress::from_v4(v4);
    }
  };
  auto& t = notes.times;
  const auto stamp = [&](std::int64_t& member, FlowTimes::Given given, std::uint64_t ms) {
    if (ms == 0 || ms > static_cast<std::uint64_t>(kLatestMs) || t.has(given)) return;
    member = static_cast<std::int64_t>(ms);
    t.given |= given;
  };
  const auto epoch_seconds = [&] { return read_unsigned(bytes) <= std::uint64_t{kLatestMs} / 1000 ? read_unsigned(bytes) * 1000 : 0; };
  const auto ntp = [&] { return static_cast<std::uint64_t>(ntp_to_ms(read_unsigned(bytes))); };
  const auto uptime = [&](std::uint32_t& member, FlowTimes::Given given) {
    member = static_cast<std::uint32_t>(read_unsigned(bytes));
    t.given |= given;
  };
  auto& s = notes.sampling;

  switch (step.target) {
    case Target::kSrc: address(flow.src, false); break;
    case Target::kDst: address(flow.dst, false); break;
    case Target::kNextHop: address(flow.next_hop, true); break;
    case Target::kNatSrc: address(flow.nat_src, true); break;
    case Target::kNatDst: address(flow.nat_dst, true); break;
    case Target::kInitiatorOctets: number(notes.initiator_octets); break;
    case Target::kResponderOctets: number(notes.responder_octets); break;
    case Target::kInitiatorPackets: number(notes.initiator_packets); break;
    case Target::kResponderPackets: number(notes.responder_packets); break;
    case Target::kBiflowDirection: number(notes.biflow_direction); break;
    case Target::kDscp:  // six bits, the upper ones of the octet (RFC 2474 3)
      if (flow.tos == 0) flow.tos = static_cast<std::uint8_t>(read_unsigned(bytes) << 2);
      break;
    case Target::kApplication: flow.application = application_id(bytes); break;
    case Target::kIcmp: number(notes.icmp); break;
    case Target::kIcmpType: notes.icmp |= static_cast<std::uint16_t>(read_unsigned(bytes) << 8); break;
    case Target::kIcmpCode: notes.icmp |= static_cast<std::uint8_t>(read_unsigned(bytes)); break;
    case Target::kStartMilliseconds: stamp(t.start_ms, FlowTimes::kStart, read_unsigned(bytes)); break;
    case Target::kEndMilliseconds: stamp(t.end_ms, FlowTimes::kEnd, read_unsigned(bytes)); break;
    case Target::kStartNtp: stamp(t.start_ms, FlowTimes::kStart, ntp()); break;
    case Target::kEndNtp: stamp(t.end_ms, FlowTimes::kEnd, ntp()); break;
    case Target::kStartSeconds: stamp(t.start_ms, FlowTimes::kStart, epoch_seconds()); break;
    case Target::kEndSeconds: stamp(t.end_ms, FlowTimes::kEnd, epoch_seconds()); break;
    case Target::kStartDeltaMicros: uptime(t.start_delta_us, FlowTimes::kStartDelta); break;
    case Target::kEndDeltaMicros: uptime(t.end_delta_us, FlowTimes::kEndDelta); break;
    case Target::kInitMilliseconds: stamp(t.init_ms, FlowTimes::kInit, read_unsigned(bytes)); break;
    case Target::kDurationMilliseconds: stamp(t.duration_ms, FlowTimes::kDuration, read_unsigned(bytes)); break;
    case Target::kDurationMicroseconds: stamp(t.duration_ms, FlowTimes::kDuration, read_unsigned(bytes) / 1000); break;
    case Target::kObservationMilliseconds: stamp(t.observation_ms, FlowTimes::kObservation, read_unsigned(bytes)); break;
    case Target::kObservationNtp: stamp(t.observation_ms, FlowTimes::kObservation, ntp()); break;
    case Target::kObservationSeconds: stamp(t.observation_ms, FlowTimes::kObservation, epoch_seconds()); break;
    case Target::kSampling:
      if (s.interval == 0) s.interval = to_u32(read_unsigned(bytes));
      break;
    case Target::kSamplingPacketInterval: s.packet_interval = to_u32(read_unsigned(bytes)); break;
    case Target::kSamplingPacketSpace:
      s.packet_space = to_u32(read_unsigned(bytes));
      s.has_packet_space = true;
      break;
    case Target::kSamplingTimeInterval: s.time_interval = to_u32(read_unsigned(bytes)); break;
    case Target::kSamplingTimeSpace: s.time_space = to_u32(read_unsigned(bytes)); break;
    case Target::kHashOutputMin: s.hash_output_min = read_unsigned(bytes); break;
    case Target::kHashOutputMax: s.hash_output_max = read_unsigned(bytes); break;
    case Target::kHashSelectedMin: s.hash_selected_min = read_unsigned(bytes); break;
    case Target::kHashSelectedMax: s.hash_selected_max = read_unsigned(bytes); break;
    case Target::kSamplingFlowInterval: s.flow_interval = to_u32(read_unsigned(bytes)); break;
    case Target::kSamplingFlowSpace: s.flow_space = to_u32(read_unsigned(bytes)); break;
    case Target::kSamplingFlowTimeInterval: s.flow_time_interval = to_u32(read_unsigned(bytes)); break;
    case Target::kSamplingFlowTimeSpace: s.flow_time_space = to_u32(read_unsigned(bytes)); break;
    case Target::kSamplingSize: s.size = to_u32(read_unsigned(bytes)); break;
    case Target::kSamplingPopulation: s.population = to_u32(read_unsigned(bytes)); break;
    case Target::kSamplingProbability:  // IEEE 754, like float64 of RFC 7011 6.1.5
      s.probability = bytes.size() == 8 ? std::bit_cast<double>(read_unsigned(bytes))
                                        : static_cast<double>(std::bit_cast<float>(to_u32(read_unsigned(bytes))));
      break;
    case Target::kSamplingAlgorithm: s.algorithm = static_cast<std::uint8_t>(read_unsigned(bytes)); break;
    case Target::kSamplerId:
      if (!s.selector || *s.selector == 0) s.selector = read_unsigned(bytes);
      break;
    default: break;  // plain numbers and uptimes: run() has them
  }
}

void RecordPlan::finish(FlowRecord& flow, const RecordNotes& notes) const {
  if (initiator_counters_) {
    flow.octets = notes.initiator_octets;
    flow.packets = flow.packets != 0 ? flow.packets : notes.initiator_packets;
    flow.reverse_octets = notes.responder_octets;
    flow.reverse_packets = notes.responder_packets;
  }
  if (initiator_counters_ || reverse_counters_) {
    flow.has_reverse = (flow.reverse_octets | flow.reverse_packets) != 0;
    // RFC 5103 6.3: 1 the source is the initiator, 2 the destination; 0 arbitrary, 3 a perimeter.
    flow.initiator = notes.biflow_direction == 1   ? Initiator::kSource
                     : notes.biflow_direction == 2 ? Initiator::kDestination
                                                   : Initiator::kUnknown;
  }
  if (flow.protocol == kIpProtocolIcmp || flow.protocol == kIpProtocolIcmpV6) {
    // Type and code in the destination port, as v5 has them, where no element gives them (v9-akv-icmp).
    flow.icmp = has_icmp_ && notes.icmp != 0 ? notes.icmp : flow.dst_port;
    flow.src_port = flow.dst_port = 0;
  }
  // Both families in the template and one end all zeros: 0.0.0.0 after all, if the other end is IPv4.
  if (mixed_families_) {
    if (flow.src.is_unset() && flow.dst.is_v4()) flow.src = IpAddress::from_v4(0);
    if (flow.dst.is_unset() && flow.src.is_v4()) flow.dst = IpAddress::from_v4(0);
  }
  if ((flow.octets | flow.packets | flow.reverse_octets | flow.reverse_packets) == 0) flow.quality |= kQualityNoCounters;
}

}  // namespace weir
