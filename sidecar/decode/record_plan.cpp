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
#include "decode/element_use.hpp"
#include "flow/port_table.hpp"
#include "flow/record_target.hpp"

namespace weir {

namespace {

using Target = ElementTarget;

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
  std::uint8_t header = 0;  // of is_of_header(): 1 for what belongs to the inner one
};

}  // namespace

RecordPlan::RecordPlan(const TemplateRecord& record) : minimum_length_(record.minimum_length()), fixed_(record.fixed_length()) {
  std::vector<std::uint16_t> offsets(record.fields.size());
  std::vector<Candidate> candidates;
  const std::size_t inner = begin_of_inner_header(record);
  bool has_protocol = false;
  std::uint8_t hints = 0;
  std::uint32_t offset = 0;
  for (std::uint16_t i = 0; i < record.fields.size(); ++i) {
    const auto& f = record.fields[i];
    offsets[i] = static_cast<std::uint16_t>(offset);
    if (!fixed_) lengths_.push_back(f.length);
    if (f.length == kVariableLength) runs_.push_back(std::exchange(tail_, 0));
    else tail_ += f.length;
    offset += f.length == kVariableLength ? 1 : f.length;
    if (f.pen == 0) {
      has_protocol |= f.ie == kProtocolIdentifier;
      hints |= protocol_hint(f.ie);
    }
    const auto* element = find_element(f.pen, f.ie);
    if (element != nullptr && usable_length(element->target, f.length)) {
      const bool is_inner = i >= inner && is_of_header(element->target);
      candidates.push_back({.field = i, .target = element->target, .rank = element->rank, .header = static_cast<std::uint8_t>(is_inner ? 1 : 0)});
    }
  }
  // Of two headers the inner one is the flow's, where a record has it.
  std::stable_sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
    if (a.target != b.target) return a.target < b.target;
    return a.header != b.header ? a.header > b.header : a.rank < b.rank;
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
  // Of several deltas one holds, the first that is not empty: as it came in, as it left, with its frame (v9-fortigate-542,
  // ovs-ipfix; pfSense leaves the first empty on egress). Totals hold where there is no delta. Where a firewall event comes
  // with both, the delta may be left empty (ipfix-barracuda).
  const bool firewall_event = has(Target::kFirewallEvent);
  event_counters_ = firewall_event && initiator_counters_;
  for (const auto target : {Target::kOctets, Target::kPackets, Target::kReverseOctets, Target::kReversePackets}) {
    bool deltas = false;
    std::uint8_t best_total = kRankPostTotal;
    for (const auto& c : candidates) {
      if (c.target != target) continue;
      if (!is_total(c.rank)) deltas = true;
      if (is_total(c.rank)) best_total = std::min(best_total, c.rank);
    }
    const bool beside = deltas && firewall_event;
    std::erase_if(candidates, [&](const Candidate& c) {
      return c.target == target && is_total(c.rank) && (c.rank != best_total || (deltas && !beside));
    });
    const bool left = std::any_of(candidates.begin(), candidates.end(), [&](auto& c) { return c.target == target && is_total(c.rank); });
    totals_ |= left && !deltas;
    event_counters_ |= left && firewall_event;
  }
  has_counters_ = initiator_counters_;
  for (const auto target : {Target::kOctets, Target::kPackets, Target::kReverseOctets, Target::kReversePackets}) has_counters_ |= has(target);
  if (!event_counters_) {
    std::erase_if(candidates, [&](const Candidate& c) {
      return c.target == Target::kFirewallEvent || (c.target == Target::kFlowId && !totals_);
    });
  }
  hints_ = has_protocol ? 0 : hints;
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
                      .target = c.target, .fallback = follows, .shared = follows || leads,
                      .total = follows && is_counter(c.target) && is_total(c.rank)});
    choose_action(steps_.back());
    has_extras_ |= is_extra(c.target);
    if (c.target == Target::kEndUptime && !follows && !has(Target::kInitMilliseconds)) end_uptime_ = steps_.back();
  }
  // With one hint the template itself tells the protocol.
  if (!std::has_single_bit(hints_) || hints_ == kHintTcpFlags) {
    for (std::uint16_t i = 0; hints_ != 0 && i < record.fields.size(); ++i) {
      const auto& f = record.fields[i];
      const std::uint8_t hint = f.pen == 0 ? protocol_hint(f.ie) : std::uint8_t{0};
      if (hint == 0 || f.length > 8) continue;
      has_extras_ = true;
      steps_.push_back({.field = i, .offset = offsets[i], .length = f.length, .shared = true, .hint = hint});
    }
  }
  // Memory order; fallbacks stay behind what they back.
  if (fixed_ && std::none_of(steps_.begin(), steps_.end(), [](const Step& s) { return s.shared; })) {
    std::sort(steps_.begin(), steps_.end(), [](const Step& a, const Step& b) { return a.offset < b.offset; });
  }
}

void RecordPlan::choose_action(Step& step) {
  const RecordTarget target = record_target(step.target);
  step.member = static_cast<std::uint16_t>(target.offset);
  if (target.kind == RecordTarget::Kind::kAddress) step.action = Action::kAddress;
  if (target.kind == RecordTarget::Kind::kEnd) step.action = Action::kEnd;
  switch (target.width) {  // of an address 16, of what has no member 0
    case 1: step.action = Action::kCopy8; break;
    case 2: step.action = Action::kCopy16; break;
    case 4: step.action = Action::kCopy32; break;
    case 8: step.action = Action::kCopy64; break;
  }
  if ((step.target == Target::kSrc || step.target == Target::kDst) && step.length == 4 && !step.shared) step.action = Action::kIpv4;
  if (step.target == Target::kStartUptime) step.action = Action::kStartUptime;
  if (step.target == Target::kEndUptime) step.action = Action::kEndUptime;
  if (step.total) step.action = Action::kApply;
}

inline void RecordPlan::run(const Step& step, std::span<const std::uint8_t> bytes, FlowRecord& flow, RecordNotes& notes) const {
  const auto number = [&]<class T>(T) {
    if (!step.fallback || get<T>(flow, step.member) == 0) put<T>(flow, step.member, static_cast<T>(read_unsigned(bytes)));
  };
  // An address of zeros gives way to another for the same end, and is no next hop.
  const auto address = [&](bool zero_is_unset) {
    auto member = get<IpAddress>(flow, step.member);
    if (step.fallback && !member.is_unset()) return;
    ByteCursor c(bytes);
    if (bytes.size() == 16) {
      member = c.v6();
      if (member.is_unset() && !zero_is_unset && !step.shared) member = IpAddress::any_v6();
    } else if (const std::uint32_t v4 = c.u32(); v4 != 0 || !(zero_is_unset || step.shared)) {
      member = IpAddress::from_v4(v4);
    }
    put(flow, step.member, member);
  };
  switch (step.action) {
    case Action::kCopy8: number(std::uint8_t{}); break;
    case Action::kCopy16: number(std::uint16_t{}); break;
    case Action::kCopy32: number(std::uint32_t{}); break;
    case Action::kCopy64: number(std::uint64_t{}); break;
    case Action::kIpv4: put(flow, step.member, ByteCursor(bytes).v4()); break;
    case Action::kAddress: address(true); break;
    case Action::kEnd: address(false); break;
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
  const auto total = [&](std::uint64_t& member) {
    if (member != 0) return;
    member = read_unsigned(bytes);
    notes.from_totals |= member != 0;
  };
  if (step.hint != 0) {
    if (notes.extras != nullptr && read_unsigned(bytes) != 0) notes.extras->protocols |= step.hint;
    return;
  }
  if (is_extra(step.target)) {
    if (notes.extras != nullptr) take_extra(step.target, step.fallback, bytes, *notes.extras);
    return;
  }

  switch (step.target) {
    case Target::kOctets: total(flow.octets); break;
    case Target::kPackets: total(flow.packets); break;
    case Target::kReverseOctets: total(flow.reverse_octets); break;
    case Target::kReversePackets: total(flow.reverse_packets); break;
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
  if (mixed_families_) complete_ends(flow);
  if (hints_ != 0 && flow.protocol == 0) flow.protocol = implied_protocol(hints_, notes.extras == nullptr ? std::uint8_t{0} : notes.extras->protocols, flow);
  if (flow.protocol == kIpProtocolIcmp || flow.protocol == kIpProtocolIcmpV6) {
    // Type and code in the destination port, as v5 has them, where no element gives them (v9-akv-icmp).
    flow.icmp = has_icmp_ && notes.icmp != 0 ? notes.icmp : flow.dst_port;
    flow.src_port = flow.dst_port = 0;
  }
  if (notes.extras != nullptr) complete_from_extras(*notes.extras, has_counters_, flow);
  if ((flow.octets | flow.packets | flow.reverse_octets | flow.reverse_packets) == 0) flow.quality |= kQualityNoCounters;
}

}  // namespace weir
