// Each parser accepts the whole text or nothing.
#include "query/filter_values.hpp"

#include <algorithm>
#include <bit>
#include <optional>
#include <string>

#include "core/count_text.hpp"
#include "core/time_text.hpp"
#include "flow/protocols.hpp"
#include "flow/quality.hpp"
#include "query/coded_text.hpp"
#include "query/filter_lexer.hpp"
#include "query/packet_part_column.hpp"

namespace weir {

namespace {

std::string quoted(std::string_view text) { return "'" + std::string(text.substr(0, 60)) + "'"; }

}  // namespace

Result<std::uint64_t> parse_tcp_flags(std::string_view text) {
  if (const auto plain = parse_whole_number(text); plain && *plain <= 0xffff) return *plain;
  static constexpr std::string_view kLetters = "fsrpauec";  // bit 0 upwards
  std::uint64_t bits = 0;
  for (const char letter : lower_case(text)) {
    const auto bit = kLetters.find(letter);
    if (bit == std::string_view::npos)
      return error("expected TCP flags as letters of FSRPAUEC or a number up to 65535, found " + quoted(text));
    bits |= std::uint64_t{1} << bit;
  }
  if (text.empty()) return error("expected TCP flags as letters of FSRPAUEC or a number");
  return bits;
}

Result<std::uint64_t> parse_quality(std::string_view text) {
  if (const auto plain = parse_whole_number(text); plain && *plain <= 0xffff) return *plain;
  auto word = lower_case(text);
  std::replace_if(
      word.begin(), word.end(), [](char c) { return c == '_' || c == '-'; }, ' ');
  std::string known;
  for (std::uint16_t bit = 1; bit != 0; bit = static_cast<std::uint16_t>(bit << 1)) {
    for (const auto* name : quality_words(bit)) {
      if (word == name) return bit;
      known += "'" + std::string(name) + "', ";
    }
  }
  return error("expected " + known + "or the bits as a number, found " + quoted(text));
}

std::optional<int> parse_netmask(const IpAddress& mask) {
  if (!mask.is_v4()) return std::nullopt;
  const auto bits = mask.v4(), inverted = ~bits;
  // 0.0.0.0 could be either kind.
  if (bits == 0) return std::nullopt;
  if ((inverted & (inverted + 1)) == 0) return std::countl_one(bits);
  if ((bits & (bits + 1)) == 0) return std::countl_zero(bits);
  return std::nullopt;
}

namespace {

// "198.51.100/24": the octets that are not written are zero.
std::string full_prefix(std::string_view text) {
  const auto slash = text.find('/');
  const auto address = text.substr(0, slash);
  const auto dots = std::count(address.begin(), address.end(), '.');
  if (slash == std::string_view::npos || address.empty() || dots > 2 ||
      address.find_first_not_of("0123456789.") != std::string_view::npos)
    return std::string(text);
  std::string full(address);
  for (auto dot = dots; dot < 3; ++dot) full += ".0";
  return full + std::string(text.substr(slash));
}

// What is probably meant by a part of an address.
std::string suggested_prefix(std::string_view text) {
  if (text.find_first_not_of("0123456789.") != std::string_view::npos) return {};
  const auto dots = std::count(text.begin(), text.end(), '.');
  const auto suggested = full_prefix(std::string(text) + "/" + std::to_string((dots + 1) * 8));
  return dots < 1 || dots > 2 || !parse_ip_prefix(suggested) ? "" : "; for the network write " + suggested;
}

}  // namespace

Result<AddressRange> parse_address_range(std::string_view text) {
  if (text == "none") return AddressRange{};  // the record gave no address
  const auto dash = text.find('-');
  if (dash == std::string_view::npos) {
    if (const auto zone = text.find('%'); zone != std::string_view::npos && parse_ip_address(text.substr(0, zone))) {
      return error("expected an address or prefix such as 10.0.0.0/8 or 2001:db8::/32: a zone (" +
                   quoted(text.substr(zone)) + ") is not stored with addresses; leave it out");
    }
    const auto prefix = parse_ip_prefix(full_prefix(text));
    if (!prefix)
      return error("expected an address or prefix such as 10.0.0.0/8 or 2001:db8::/32: " +
                   prefix.error().message.substr(0, 120) + suggested_prefix(text));
    AddressRange range{.first = prefix->address, .last = prefix->last()};
    if (range.first.is_unset()) range.first.bytes[15] = 1;  // from the lowest address on, which is more than none
    return range;
  }
  const auto first = parse_ip_address(text.substr(0, dash)), last = parse_ip_address(text.substr(dash + 1));
  if (!first || !last || first->is_v4() != last->is_v4())
    return error("expected two addresses of one family, first-last, found " + quoted(text));
  if (*last < *first) return error("the range " + quoted(text) + " ends before it starts");
  return AddressRange{.first = *first, .last = *last};
}

namespace {

Result<std::uint64_t> unsigned_of(Result<std::int64_t> value) {
  if (!value) return value.error();
  return static_cast<std::uint64_t>(*value);
}

Result<std::uint64_t> parse_one(FieldId field, std::string_view text, const TimeBasis& basis) {
  const auto number = parse_whole_number(text);
  const auto bounded = [&](std::uint64_t most, const char* expected) -> Result<std::uint64_t> {
    if (number && *number <= most) return *number;
    return error(std::string("expected ") + expected + ", found " + quoted(text));
  };
  switch (field) {
    case FieldId::kPort:
    case FieldId::kClientPort:
    case FieldId::kServerPort:
      if (const auto service = parse_service_port(text)) return *service;
      return bounded(0xffff, "a port number up to 65535 or a service name such as https");
    case FieldId::kSrcAs:
    case FieldId::kClientAs:
    case FieldId::kServerAs:
    case FieldId::kDstAs:
    case FieldId::kAs:
      if (lower_case(text.substr(0, 2)) == "as") return parse_one(field, text.substr(2), basis);
      return bounded(0xffff'ffff, "an AS number such as 64500 or AS64500");
    case FieldId::kTos: return bounded(0xff, "a type of service up to 255");
    case FieldId::kVlan:
    case FieldId::kInVlan:
    case FieldId::kOutVlan: return bounded(0xffff, "a VLAN up to 65535");
    case FieldId::kDscp:
      if (const auto dscp = parse_dscp(text)) return *dscp;
      return error("expected a DSCP up to 63, or a name such as ef, af41 or cs3, found " + quoted(text));
    case FieldId::kIcmpType: return bounded(0xff, "an ICMP type up to 255");
    case FieldId::kIcmpCode: return bounded(0xff, "an ICMP code up to 255");
    case FieldId::kIcmp: return bounded(0xffff, "ICMP type * 256 + code; for the type alone write icmp_type");
    case FieldId::kMask:
    case FieldId::kClientMask:
    case FieldId::kServerMask: return bounded(128, "the length of a prefix, up to 128");
    case FieldId::kNatPort:
    case FieldId::kClientNatPort:
    case FieldId::kServerNatPort: return parse_one(FieldId::kPort, text, basis);
    default: break;
  }
  switch (field_info(field).type) {
    case FieldType::kProtocol:
      if (const auto protocol = parse_protocol(text)) return *protocol;
      return error("expected a protocol such as tcp, udp or a number up to 255, found " + quoted(text));
    case FieldType::kMac:
      if (const auto code = code_of_text(FieldType::kMac, text)) return *code;
      return error("expected a MAC address such as 02:00:5e:10:00:01, found " + quoted(text));
    case FieldType::kDirection:
      if (const auto code = code_of_text(FieldType::kDirection, text)) return *code;
      return error("expected ingress, egress or unknown, found " + quoted(text));
    case FieldType::kReason:
      if (const auto code = code_of_text(FieldType::kReason, text)) return *code;
      return error("expected biflow, syn, 'port list', 'first packet', 'lower port' or 'first seen', found " +
                   quoted(text));
    case FieldType::kQuality: return parse_quality(text);
    case FieldType::kApplication:
      if (const auto colon = text.find(':'); colon != std::string_view::npos) {
        // RFC 6759 4.1: engine in the first octet, selector in the others.
        const auto engine = parse_whole_number(text.substr(0, colon)),
                   selector = parse_whole_number(text.substr(colon + 1));
        if (engine && selector && *engine <= 0xff && *selector <= 0xff'ffff) return *engine << 24 | *selector;
      }
      return bounded(0xffff'ffff, "an application as a number or engine:selector such as 13:453");
    case FieldType::kFlags: return parse_tcp_flags(text);
    case FieldType::kDuration:
      // Without a unit: in the field's own, as nfdump has it.
      if (number) return *number;
      return unsigned_of(parse_duration(text));
    case FieldType::kTime: return unsigned_of(parse_time(text, basis));
    case FieldType::kCounter:
      return parse_count(text,
                         field == FieldId::kOctets ? UnitNames{"B", "b", "octets", "bytes"} : UnitNames{"packets"});
    case FieldType::kNumber:
    case FieldType::kAddress:
    case FieldType::kExporter:
    case FieldType::kLabel: break;
  }
  return bounded(0xffff'ffff, "a number");
}

bool has_ranges(FieldType type) {
  return type == FieldType::kNumber || type == FieldType::kCounter || type == FieldType::kDuration;
}

}  // namespace

Result<NumberRange> parse_number_range(FieldId field, std::string_view text, const TimeBasis& basis) {
  auto one = parse_one(field, text, basis);
  if (one) return NumberRange{.first = *one, .last = *one};
  const auto dash = text.find('-');
  if (!has_ranges(field_info(field).type) || dash == std::string_view::npos || dash == 0 || dash + 1 == text.size())
    return one.error();
  const auto first = parse_one(field, text.substr(0, dash), basis),
             last = parse_one(field, text.substr(dash + 1), basis);
  if (!first || !last) return first ? last.error() : first.error();
  if (*last < *first) return error("the range " + quoted(text) + " ends before it starts");
  return NumberRange{.first = *first, .last = *last};
}

bool reads_as_value(std::string_view text) {
  if (text.empty()) return false;
  return (text[0] >= '0' && text[0] <= '9') ||
         (text.find(':') != std::string_view::npos && parse_address_range(text).has_value());
}

}  // namespace weir
