// There is one list of elements for each question.
#include "decode/element_use.hpp"

#include <algorithm>
#include <bit>
#include <span>
#include <vector>

#include "decode/element_map.hpp"
#include "flow/port_table.hpp"
#include "flow/record_target.hpp"

namespace weir {

namespace {
bool contains(std::span<const ElementTarget> targets, ElementTarget target) {
  return std::find(targets.begin(), targets.end(), target) != targets.end();
}
}  // namespace

bool is_address(ElementTarget t) {
  const auto kind = record_target(t).kind;
  return kind == RecordTarget::Kind::kAddress || kind == RecordTarget::Kind::kEnd ||
         t == ElementTarget::kOriginalExporter || t == ElementTarget::kStation;
}

bool is_extra(ElementTarget t) {
  static constexpr ElementTarget kExtras[] = {ElementTarget::kFlowId,         ElementTarget::kOriginalExporter,
                                              ElementTarget::kStation,        ElementTarget::kStationMac,
                                              ElementTarget::kAccessPointMac, ElementTarget::kFrameSection,
                                              ElementTarget::kPacketSection,  ElementTarget::kFrameSize,
                                              ElementTarget::kFrameType,      ElementTarget::kSectionOffset};
  return contains(kExtras, t);
}

bool is_counter(ElementTarget t) {
  return t == ElementTarget::kOctets || t == ElementTarget::kPackets || t == ElementTarget::kReverseOctets ||
         t == ElementTarget::kReversePackets;
}

bool is_of_two_ends(ElementTarget t) {
  static constexpr ElementTarget kOfTwoEnds[] = {ElementTarget::kInitiatorOctets, ElementTarget::kResponderOctets,
                                                 ElementTarget::kInitiatorPackets, ElementTarget::kResponderPackets};
  return contains(kOfTwoEnds, t);
}

bool is_of_header(ElementTarget t) {
  static constexpr ElementTarget kOfHeaders[] = {
      ElementTarget::kSrc,      ElementTarget::kDst,      ElementTarget::kSrcPort,
      ElementTarget::kDstPort,  ElementTarget::kProtocol, ElementTarget::kTos,
      ElementTarget::kTcpFlags, ElementTarget::kSrcMask,  ElementTarget::kDstMask};
  return contains(kOfHeaders, t);
}

std::uint8_t protocol_hint(std::uint16_t ie) {
  switch (ie) {
    case 180:
    case 181:
    case 205: return kHintUdp;
    case 182:
    case 183:
    case 184:
    case 185:
    case 186:
    case 187:
    case 188:
    case 218:
    case 219:
    case 220:
    case 221:
    case 222:
    case 223: return kHintTcp;
    case 32:
    case 139:
    case 176:
    case 177:
    case 178:
    case 179: return kHintIcmp;
    case 33: return kHintIgmp;
    case 6: return kHintTcpFlags;
    default: return 0;
  }
}

std::uint8_t implied_protocol(std::uint8_t in_template, std::uint8_t not_zero, const FlowRecord& flow) {
  std::uint8_t hints = std::has_single_bit(in_template) ? in_template : std::uint8_t{0};
  if (not_zero != 0) hints = not_zero;
  // What says nothing, in a template for several protocols: an echo reply is type 0 and code 0.
  if (hints == 0 && (flow.src_port | flow.dst_port) == 0) hints = in_template & kHintIcmp;
  if ((hints & kHintIcmp) != 0 && (hints & (kHintTcp | kHintUdp)) == 0) {
    return flow.src.is_unset() || flow.src.is_v4() ? kIpProtocolIcmp : kIpProtocolIcmpV6;
  }
  if ((hints & kHintUdp) != 0 && (hints & kHintTcp) == 0) return kIpProtocolUdp;
  if ((hints & kHintTcp) != 0 || (hints == kHintTcpFlags && flow.tcp_flags != 0)) return kIpProtocolTcp;
  return (hints & kHintIgmp) != 0 ? kIpProtocolIgmp : std::uint8_t{0};
}

bool usable_length(ElementTarget target, std::uint16_t length) {
  static constexpr ElementTarget kNtpStamps[] = {ElementTarget::kStartNtp, ElementTarget::kEndNtp,
                                                 ElementTarget::kObservationNtp};
  static constexpr ElementTarget kLong[] = {ElementTarget::kFrameSection, ElementTarget::kPacketSection,
                                            ElementTarget::kApplication};
  if (length == kVariableLength) return true;
  if (is_address(target)) return length == 4 || length == 16;
  if (contains(kNtpStamps, target)) return length == 8;
  if (target == ElementTarget::kSamplingProbability) return length == 4 || length == 8;
  return length >= 1 && (length <= 8 || contains(kLong, target));
}

std::size_t begin_of_inner_header(const TemplateRecord& record) {
  const auto is_protocol = [](const FieldSpecifier& f) { return f.pen == 0 && f.ie == kProtocolIdentifier; };
  if (std::count_if(record.fields.begin(), record.fields.end(), is_protocol) < 2) return record.fields.size();
  std::vector<ElementTarget> seen;
  for (std::size_t i = 0; i < record.fields.size(); ++i) {
    const auto* element = find_element(record.fields[i].pen, record.fields[i].ie);
    if (element == nullptr || element->rank != 0 || !is_of_header(element->target)) continue;
    if (std::find(seen.begin(), seen.end(), element->target) != seen.end()) return i;
    seen.push_back(element->target);
  }
  return record.fields.size();
}

bool is_stored(ElementTarget target) {
  if (record_target(target).kind != RecordTarget::Kind::kNone) return target != ElementTarget::kEndReason;
  static constexpr ElementTarget kBecomesStored[] = {ElementTarget::kIcmpType,      ElementTarget::kFrameSection,
                                                     ElementTarget::kPacketSection, ElementTarget::kStation,
                                                     ElementTarget::kStationMac,    ElementTarget::kOriginalExporter,
                                                     ElementTarget::kDscp};
  return is_of_two_ends(target) || contains(kBecomesStored, target);
}

void complete_ends(FlowRecord& flow) {
  const auto complete = [](IpAddress& end, const IpAddress& other) {
    if (end.is_unset() && !other.is_unset()) end = other.is_v4() ? IpAddress::from_v4(0) : IpAddress::any_v6();
  };
  complete(flow.src, flow.dst);
  complete(flow.dst, flow.src);
}

std::uint32_t application_id(std::span<const std::uint8_t> bytes) {
  ByteCursor c(bytes);
  const std::uint32_t engine = c.u8();
  return engine << 24 | static_cast<std::uint32_t>(c.uint_sized(c.remaining()) & 0xffffff);
}

}  // namespace weir
