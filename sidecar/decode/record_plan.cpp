// Compiling templates, and the loop that turns records of theirs into flow records.
#include "decode/record_plan.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstring>
#include <utility>

#include "decode/element_map.hpp"
#include "decode/element_use.hpp"
#include "decode/read_unsigned.hpp"
#include "flow/port_table.hpp"
#include "flow/record_target.hpp"

namespace weir {

namespace {

using Target = ElementTarget;

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

RecordPlan::RecordPlan(const TemplateRecord& record)
    : minimum_length_(record.minimum_length()), fixed_(record.fixed_length()) {
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
      candidates.push_back({.field = i,
                            .target = element->target,
                            .rank = element->rank,
                            .header = static_cast<std::uint8_t>(is_inner ? 1 : 0)});
    }
  }
  // Of two headers the inner one is the flow's, where a record has it.
  std::stable_sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
    if (a.target != b.target) return a.target < b.target;
    return a.header != b.header ? a.header > b.header : a.rank < b.rank;
  });

  const auto has = [&](Target t) {
    return std::any_of(candidates.begin(), candidates.end(), [&](auto& c) { return c.target == t; });
  };
  // Initiator and responder counters hold where the record has no plain ones (v9-cisco-asa-graylog); a responder alone
  // is noise (v9-huawei-netstream).
  initiator_counters_ = has(Target::kInitiatorOctets) && !has(Target::kOctets);
  if (!initiator_counters_) std::erase_if(candidates, [](const Candidate& c) { return is_of_two_ends(c.target); });
  // Of several deltas one holds, the first that is not empty: as it came in, as it left, with its frame
  // (v9-fortigate-542, ovs-ipfix; pfSense leaves the first empty on egress). Totals hold where there is no delta. Where
  // a firewall event comes with both, the delta may be left empty (ipfix-barracuda).
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
    const bool left = std::any_of(candidates.begin(), candidates.end(),
                                  [&](auto& c) { return c.target == target && is_total(c.rank); });
    totals_ |= left && !deltas;
    event_counters_ |= left && firewall_event;
  }
  has_counters_ = initiator_counters_;
  for (const auto target : {Target::kOctets, Target::kPackets, Target::kReverseOctets, Target::kReversePackets})
    has_counters_ |= has(target);
  if (!event_counters_) {
    std::erase_if(candidates, [&](const Candidate& c) { return c.target == Target::kFlowId && !totals_; });
  }
  hints_ = has_protocol ? 0 : hints;
  reverse_counters_ = has(Target::kReverseOctets) || has(Target::kReversePackets);
  has_icmp_ = has(Target::kIcmp) || has(Target::kIcmpType);
  has_uptimes_ = has(Target::kStartUptime) || has(Target::kEndUptime);
  for (const auto t : {Target::kSampling, Target::kSamplingPacketInterval, Target::kSamplingSize,
                       Target::kSamplingProbability, Target::kSamplingTimeInterval, Target::kHashOutputMax,
                       Target::kSamplingFlowInterval, Target::kSamplingFlowTimeInterval, Target::kSamplerId}) {
    has_sampling_ |= has(t);
  }

  says_something_ = std::any_of(candidates.begin(), candidates.end(), [](auto& c) { return is_stored(c.target); });

  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const auto& c = candidates[i];
    const bool follows = i > 0 && candidates[i - 1].target == c.target;
    const bool leads = i + 1 < candidates.size() && candidates[i + 1].target == c.target;
    mixed_families_ |= (follows || leads) && (c.target == Target::kSrc || c.target == Target::kDst);
    steps_.push_back({.field = c.field,
                      .offset = offsets[c.field],
                      .length = record.fields[c.field].length,
                      .target = c.target,
                      .fallback = follows,
                      .shared = follows || leads,
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
      steps_.push_back({.field = i,
                        .offset = offsets[i],
                        .length = f.length,
                        .action = Action::kHint,
                        .shared = true,
                        .hint = hint});
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
  if ((step.target == Target::kSrc || step.target == Target::kDst) && step.length == 4 && !step.shared)
    step.action = Action::kIpv4;
  if (step.target == Target::kStartUptime) step.action = Action::kStartUptime;
  if (step.target == Target::kEndUptime) step.action = Action::kEndUptime;
  step.reader = step.total ? total_reader(step.target) : element_reader(step.target);
  if (step.total) step.action = Action::kReader;
}

inline void RecordPlan::run(const Step& step, std::span<const std::uint8_t> bytes, FlowRecord& flow,
                            RecordNotes& notes) const {
  const auto number = [&]<class T>(T) {
    if (!step.fallback || get<T>(flow, step.member) == 0)
      put<T>(flow, step.member, static_cast<T>(read_unsigned(bytes)));
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
    case Action::kHint:
      if (notes.extras != nullptr && read_unsigned(bytes) != 0) notes.extras->protocols |= step.hint;
      break;
    case Action::kReader: step.reader(bytes, step.fallback, flow, notes); break;
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
      latest = std::max(
          latest, to_u32(read_unsigned(set.take(minimum_length_).subspan(end_uptime_->offset, end_uptime_->length))));
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
  if (hints_ != 0 && flow.protocol == 0)
    flow.protocol = implied_protocol(hints_, notes.extras == nullptr ? std::uint8_t{0} : notes.extras->protocols, flow);
  if (flow.protocol == kIpProtocolIcmp || flow.protocol == kIpProtocolIcmpV6) {
    // Type and code in the destination port, as v5 has them, where no element gives them (v9-akv-icmp).
    flow.icmp = has_icmp_ && notes.icmp != 0 ? notes.icmp : flow.dst_port;
    flow.src_port = flow.dst_port = 0;
  }
  if (notes.extras != nullptr) complete_from_extras(*notes.extras, has_counters_, flow);
  if ((flow.octets | flow.packets | flow.reverse_octets | flow.reverse_packets) == 0)
    flow.quality |= kQualityNoCounters;
}

}  // namespace weir
