// The table of readers, and the functions that they share.
#include "decode/element_readers.hpp"

#include <algorithm>
#include <bit>
#include <type_traits>

#include "decode/element_use.hpp"
#include "decode/read_unsigned.hpp"
#include "flow/record_target.hpp"

namespace weir {

namespace {

using Target = ElementTarget;
using Octets = std::span<const std::uint8_t>;

constexpr std::int64_t kLatestMs = 253'402'300'799'999;  // the end of the year 9999; past it a stamp is noise

template <class T>
void take_number(Octets bytes, bool only_if_empty, T& member) {
  if (!only_if_empty || member == 0) member = static_cast<T>(read_unsigned(bytes));
}

void stamp(FlowTimes& times, std::int64_t FlowTimes::*member, FlowTimes::Given given, std::uint64_t ms) {
  if (ms == 0 || ms > static_cast<std::uint64_t>(kLatestMs) || times.has(given)) return;
  times.*member = static_cast<std::int64_t>(ms);
  times.given |= given;
}
template <std::int64_t FlowTimes::*kMember, FlowTimes::Given kGiven>
void read_ms(Octets bytes, bool, FlowRecord&, RecordNotes& notes) {
  stamp(notes.times, kMember, kGiven, read_unsigned(bytes));
}
template <std::int64_t FlowTimes::*kMember, FlowTimes::Given kGiven>
void read_us(Octets bytes, bool, FlowRecord&, RecordNotes& notes) {
  stamp(notes.times, kMember, kGiven, read_unsigned(bytes) / 1000);
}
template <std::int64_t FlowTimes::*kMember, FlowTimes::Given kGiven>
void read_seconds(Octets bytes, bool, FlowRecord&, RecordNotes& notes) {
  const auto seconds = read_unsigned(bytes);
  stamp(notes.times, kMember, kGiven, seconds <= std::uint64_t{kLatestMs} / 1000 ? seconds * 1000 : 0);
}
template <std::int64_t FlowTimes::*kMember, FlowTimes::Given kGiven>
void read_ntp(Octets bytes, bool, FlowRecord&, RecordNotes& notes) {
  stamp(notes.times, kMember, kGiven, static_cast<std::uint64_t>(ntp_to_ms(read_unsigned(bytes))));
}
template <std::uint32_t FlowTimes::*kMember, FlowTimes::Given kGiven>
void read_elapsed(Octets bytes, bool, FlowRecord&, RecordNotes& notes) {
  notes.times.*kMember = static_cast<std::uint32_t>(read_unsigned(bytes));
  notes.times.given |= kGiven;
}
template <auto kMember>
void read_note(Octets bytes, bool only_if_empty, FlowRecord&, RecordNotes& notes) {
  take_number(bytes, only_if_empty, notes.*kMember);
}
template <std::uint32_t SamplingElements::*kMember>
void read_rate(Octets bytes, bool, FlowRecord&, RecordNotes& notes) {
  notes.sampling.*kMember = to_u32(read_unsigned(bytes));
}
template <std::uint64_t SamplingElements::*kMember>
void read_hash(Octets bytes, bool, FlowRecord&, RecordNotes& notes) {
  notes.sampling.*kMember = read_unsigned(bytes);
}
template <auto kMember>
void read_extra(Octets bytes, bool only_if_empty, FlowRecord&, RecordNotes& notes) {
  if (notes.extras != nullptr) take_number(bytes, only_if_empty, notes.extras->*kMember);
}
template <IpAddress RecordExtras::*kMember>
void read_extra_address(Octets bytes, bool, FlowRecord&, RecordNotes& notes) {
  if (notes.extras == nullptr || !(notes.extras->*kMember).is_unset()) return;
  ByteCursor c(bytes);
  if (bytes.size() == 16) {
    notes.extras->*kMember = c.v6();
  } else if (const std::uint32_t v4 = c.u32(); v4 != 0) {
    notes.extras->*kMember = IpAddress::from_v4(v4);
  }
}
template <Octets RecordExtras::*kMember>
void read_section(Octets bytes, bool, FlowRecord&, RecordNotes& notes) {
  if (notes.extras != nullptr && (notes.extras->*kMember).empty()) notes.extras->*kMember = bytes;
}
template <std::uint64_t FlowRecord::*kMember>
void read_total(Octets bytes, bool, FlowRecord& flow, RecordNotes& notes) {
  if (flow.*kMember != 0) return;
  flow.*kMember = read_unsigned(bytes);
  notes.from_totals |= flow.*kMember != 0;
}

struct Entry {
  Target target;
  ElementReader reader;
};

using S = SamplingElements;
using T = FlowTimes;
using X = RecordExtras;
constexpr Entry kReaders[] = {
    {Target::kInitiatorOctets, read_note<&RecordNotes::initiator_octets>},
    {Target::kResponderOctets, read_note<&RecordNotes::responder_octets>},
    {Target::kInitiatorPackets, read_note<&RecordNotes::initiator_packets>},
    {Target::kResponderPackets, read_note<&RecordNotes::responder_packets>},
    {Target::kBiflowDirection, read_note<&RecordNotes::biflow_direction>},
    {Target::kDscp,  // six bits, the upper ones of the octet (RFC 2474 3)
     [](Octets bytes, bool, FlowRecord& flow, RecordNotes&) {
       if (flow.tos == 0) flow.tos = static_cast<std::uint8_t>(read_unsigned(bytes) << 2);
     }},
    {Target::kApplication,
     [](Octets bytes, bool, FlowRecord& flow, RecordNotes&) { flow.application = application_id(bytes); }},
    {Target::kMplsLabel,  // label, class, bottom of stack (RFC 3032 2.1); a fourth octet would be the TTL
     [](Octets bytes, bool only_if_empty, FlowRecord& flow, RecordNotes&) {
       if (!only_if_empty || flow.mpls_label == 0)
         flow.mpls_label = static_cast<std::uint32_t>(read_unsigned(bytes) >> (bytes.size() > 3 ? 12 : 4)) & 0xf'ffff;
     }},
    {Target::kIcmp, read_note<&RecordNotes::icmp>},
    {Target::kIcmpType,
     [](Octets bytes, bool, FlowRecord&, RecordNotes& notes) {
       notes.icmp |= static_cast<std::uint16_t>(read_unsigned(bytes) << 8);
     }},
    {Target::kIcmpCode, [](Octets bytes, bool, FlowRecord&,
                           RecordNotes& notes) { notes.icmp |= static_cast<std::uint8_t>(read_unsigned(bytes)); }},
    {Target::kStartUptime, read_elapsed<&T::start_uptime_ms, T::kStartUptime>},
    {Target::kEndUptime, read_elapsed<&T::end_uptime_ms, T::kEndUptime>},
    {Target::kStartMilliseconds, read_ms<&T::start_ms, T::kStart>},
    {Target::kEndMilliseconds, read_ms<&T::end_ms, T::kEnd>},
    {Target::kStartNtp, read_ntp<&T::start_ms, T::kStart>},
    {Target::kEndNtp, read_ntp<&T::end_ms, T::kEnd>},
    {Target::kStartSeconds, read_seconds<&T::start_ms, T::kStart>},
    {Target::kEndSeconds, read_seconds<&T::end_ms, T::kEnd>},
    {Target::kStartDeltaMicros, read_elapsed<&T::start_delta_us, T::kStartDelta>},
    {Target::kEndDeltaMicros, read_elapsed<&T::end_delta_us, T::kEndDelta>},
    {Target::kInitMilliseconds, read_ms<&T::init_ms, T::kInit>},
    {Target::kDurationMilliseconds, read_ms<&T::duration_ms, T::kDuration>},
    {Target::kDurationMicroseconds, read_us<&T::duration_ms, T::kDuration>},
    {Target::kObservationMilliseconds, read_ms<&T::observation_ms, T::kObservation>},
    {Target::kObservationNtp, read_ntp<&T::observation_ms, T::kObservation>},
    {Target::kObservationSeconds, read_seconds<&T::observation_ms, T::kObservation>},
    {Target::kSampling,
     [](Octets bytes, bool, FlowRecord&, RecordNotes& notes) {
       if (notes.sampling.interval == 0) notes.sampling.interval = to_u32(read_unsigned(bytes));
     }},
    {Target::kSamplingPacketInterval, read_rate<&S::packet_interval>},
    {Target::kSamplingPacketSpace,
     [](Octets bytes, bool, FlowRecord&, RecordNotes& notes) {
       notes.sampling.packet_space = to_u32(read_unsigned(bytes));
       notes.sampling.has_packet_space = true;
     }},
    {Target::kSamplingTimeInterval, read_rate<&S::time_interval>},
    {Target::kSamplingTimeSpace, read_rate<&S::time_space>},
    {Target::kHashOutputMin, read_hash<&S::hash_output_min>},
    {Target::kHashOutputMax, read_hash<&S::hash_output_max>},
    {Target::kHashSelectedMin, read_hash<&S::hash_selected_min>},
    {Target::kHashSelectedMax, read_hash<&S::hash_selected_max>},
    {Target::kSamplingFlowInterval, read_rate<&S::flow_interval>},
    {Target::kSamplingFlowSpace, read_rate<&S::flow_space>},
    {Target::kSamplingFlowTimeInterval, read_rate<&S::flow_time_interval>},
    {Target::kSamplingFlowTimeSpace, read_rate<&S::flow_time_space>},
    {Target::kSamplingSize, read_rate<&S::size>},
    {Target::kSamplingPopulation, read_rate<&S::population>},
    {Target::kSamplingProbability,  // IEEE 754, like float64 of RFC 7011 6.1.5
     [](Octets bytes, bool, FlowRecord&, RecordNotes& notes) {
       notes.sampling.probability = bytes.size() == 8
                                        ? std::bit_cast<double>(read_unsigned(bytes))
                                        : static_cast<double>(std::bit_cast<float>(to_u32(read_unsigned(bytes))));
     }},
    {Target::kSamplingAlgorithm,
     [](Octets bytes, bool, FlowRecord&, RecordNotes& notes) {
       notes.sampling.algorithm = static_cast<std::uint8_t>(read_unsigned(bytes));
     }},
    {Target::kSamplerId,
     [](Octets bytes, bool, FlowRecord&, RecordNotes& notes) {
       auto& selector = notes.sampling.selector;
       if (!selector || *selector == 0) selector = read_unsigned(bytes);
     }},
    {Target::kFlowId, read_extra<&X::flow_id>},
    {Target::kOriginalExporter, read_extra_address<&X::original_exporter>},
    {Target::kStation, read_extra_address<&X::station>},
    {Target::kStationMac, read_extra<&X::station_mac>},
    {Target::kAccessPointMac, read_extra<&X::access_point_mac>},
    {Target::kFrameSection, read_section<&X::frame>},
    {Target::kPacketSection, read_section<&X::packet>},
    {Target::kFrameSize, read_extra<&X::frame_size>},
    {Target::kFrameType, read_extra<&X::frame_type>},
    {Target::kSectionOffset, read_extra<&X::section_offset>},
};
constexpr Entry kTotalReaders[] = {
    {Target::kOctets, read_total<&FlowRecord::octets>},
    {Target::kPackets, read_total<&FlowRecord::packets>},
    {Target::kReverseOctets, read_total<&FlowRecord::reverse_octets>},
    {Target::kReversePackets, read_total<&FlowRecord::reverse_packets>},
};

constexpr ElementReader reader_in(std::span<const Entry> entries, Target target) {
  const auto at = std::find_if(entries.begin(), entries.end(), [&](const Entry& e) { return e.target == target; });
  return at == entries.end() ? nullptr : at->reader;
}

// A target without a member of FlowRecord needs a reader.
static_assert(std::all_of(kElements.begin(), kElements.end(), [](const ElementInfo& e) {
  const auto kind = record_target(e.target).kind;
  return (kind != RecordTarget::Kind::kNone && kind != RecordTarget::Kind::kOwn) ||
         std::any_of(std::begin(kReaders), std::end(kReaders),
                     [&](const Entry& row) { return row.target == e.target; });
}));

}  // namespace

ElementReader element_reader(ElementTarget target) { return reader_in(kReaders, target); }
ElementReader total_reader(ElementTarget target) { return reader_in(kTotalReaders, target); }

}  // namespace weir
