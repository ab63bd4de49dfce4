// Each parser accepts the whole text or nothing.
#include "query/filter_values.hpp"

#include <charconv>
#include <chrono>
#include <optional>
#include <string>

#include "flow/protocols.hpp"
#include "query/filter_lexer.hpp"

namespace weir {

namespace {

std::string quoted(std::string_view text) { return "'" + std::string(text.substr(0, 60)) + "'"; }

std::optional<std::uint64_t> whole_number(std::string_view text) {
  int base = 10;
  if (text.size() > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
    text.remove_prefix(2);
    base = 16;
  }
  std::uint64_t value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (code != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// "12.5" times `unit`, rounded down; nothing when it is no such number or too large.
std::optional<std::uint64_t> decimal_times(std::string_view digits, std::uint64_t unit) {
  const auto dot = digits.find('.');
  const auto whole = whole_number(digits.substr(0, dot));
  if (!whole || digits.substr(0, dot).find_first_of("xX") != std::string_view::npos) return std::nullopt;
  Uint128 value = static_cast<Uint128>(*whole) * unit;
  if (dot != std::string_view::npos) {
    const auto fraction = digits.substr(dot + 1);
    if (fraction.empty() || fraction.size() > 9 || fraction.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
    std::uint64_t divisor = 1;
    for (std::size_t i = 0; i < fraction.size(); ++i) divisor *= 10;
    value += static_cast<Uint128>(*whole_number(fraction)) * unit / divisor;
  }
  if (value > kLargestNumber) return std::nullopt;
  return static_cast<std::uint64_t>(value);
}

std::size_t digits_at_front(std::string_view text) { return std::min(text.find_first_not_of("0123456789."), text.size()); }

}  // namespace

Result<std::uint64_t> parse_scaled_number(std::string_view text) {
  if (const auto plain = whole_number(text)) return *plain;
  static constexpr struct {
    std::string_view suffix;
    std::uint64_t unit;
  } kUnits[] = {{"", 1}, {"k", 1'000}, {"m", 1'000'000}, {"g", 1'000'000'000}, {"t", 1'000'000'000'000},
                {"ki", 1ull << 10}, {"mi", 1ull << 20}, {"gi", 1ull << 30}, {"ti", 1ull << 40}};
  const auto length = digits_at_front(text);
  auto suffix = lower_case(text.substr(length));
  if (!suffix.empty() && suffix.back() == 'b') suffix.pop_back();
  for (const auto& unit : kUnits) {
    if (unit.suffix != suffix) continue;
    if (const auto value = decimal_times(text.substr(0, length), unit.unit)) return *value;
  }
  return error("expected a number such as 1500, 10k, 1.5M or 2Gi, found " + quoted(text));
}

Result<std::uint64_t> parse_duration_ms(std::string_view text) {
  static constexpr struct {
    std::string_view suffix;
    std::uint64_t ms;
  } kUnits[] = {{"", 1}, {"ms", 1}, {"s", 1'000}, {"m", 60'000}, {"min", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}};
  const auto length = digits_at_front(text);
  const auto suffix = lower_case(text.substr(length));
  for (const auto& unit : kUnits) {
    if (unit.suffix != suffix) continue;
    if (const auto value = decimal_times(text.substr(0, length), unit.ms)) return *value;
  }
  return error("expected a duration such as 250ms, 90s, 5m or 2h, found " + quoted(text));
}

Result<std::uint64_t> parse_time_ms(std::string_view text) {
  if (const auto plain = whole_number(text)) return *plain;
  const auto failure = error("expected a time such as 2026-01-31T10:00:00Z or epoch milliseconds, found " + quoted(text));
  std::size_t at = 0;
  const auto number = [&](std::size_t digits) -> std::optional<int> {
    const auto part = text.substr(std::min(at, text.size()), digits);
    if (part.size() != digits || part.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
    at += digits;
    return static_cast<int>(*whole_number(part));
  };
  const auto skip = [&](std::string_view any_of) {
    if (at >= text.size() || any_of.find(text[at]) == std::string_view::npos) return false;
    ++at;
    return true;
  };
  const auto year = number(4);
  const auto month = year && skip("-") ? number(2) : std::nullopt;
  const auto day = month && skip("-") ? number(2) : std::nullopt;
  if (!day) return failure;
  const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return failure;
  std::int64_t ms = std::chrono::sys_days(date).time_since_epoch().count() * std::int64_t{86'400'000};
  if (skip("Tt")) {
    const auto hour = number(2);
    const auto minute = hour && skip(":") ? number(2) : std::nullopt;
    if (!minute || *hour > 23 || *minute > 59) return failure;
    ms += *hour * 3'600'000 + *minute * 60'000;
    if (skip(":")) {
      const auto second = number(2);
      if (!second || *second > 60) return failure;
      ms += *second * 1'000;
      if (skip(".,")) {
        int digits = 0, fraction = 0;
        while (at < text.size() && text[at] >= '0' && text[at] <= '9') {
          if (digits < 3) fraction = fraction * 10 + (text[at] - '0');
          ++digits;
          ++at;
        }
        if (digits == 0) return failure;
        for (; digits < 3; ++digits) fraction *= 10;
        ms += fraction;
      }
    }
    if (!skip("Zz") && at < text.size()) {
      const bool east = text[at] == '+';
      if (!skip("+-")) return failure;
      const auto hours = number(2);
      skip(":");
      const auto minutes = hours && at < text.size() ? number(2) : std::optional(0);
      if (!hours || !minutes || *hours > 23 || *minutes > 59) return failure;
      ms -= (east ? 1 : -1) * (*hours * 3'600'000 + *minutes * 60'000);
    }
  }
  if (at != text.size() || ms < 0) return failure;
  return static_cast<std::uint64_t>(ms);
}

Result<std::uint64_t> parse_tcp_flags(std::string_view text) {
  if (const auto plain = whole_number(text); plain && *plain <= 0xffff) return *plain;
  static constexpr std::string_view kLetters = "fsrpauec";  // bit 0 upwards
  std::uint64_t bits = 0;
  for (const char letter : lower_case(text)) {
    const auto bit = kLetters.find(letter);
    if (bit == std::string_view::npos) return error("expected TCP flags as letters of FSRPAUEC or a number up to 65535, found " + quoted(text));
    bits |= std::uint64_t{1} << bit;
  }
  if (text.empty()) return error("expected TCP flags as letters of FSRPAUEC or a number");
  return bits;
}

Result<AddressRange> parse_address_range(std::string_view text) {
  const auto dash = text.find('-');
  if (dash == std::string_view::npos) {
    const auto prefix = parse_ip_prefix(text);
    if (!prefix) return error("expected an address or prefix such as 10.0.0.0/8 or 2001:db8::/32: " + prefix.error().message.substr(0, 120));
    return AddressRange{.first = prefix->address, .last = prefix->last()};
  }
  const auto first = parse_ip_address(text.substr(0, dash)), last = parse_ip_address(text.substr(dash + 1));
  if (!first || !last || first->is_v4() != last->is_v4()) return error("expected two addresses of one family, first-last, found " + quoted(text));
  if (*last < *first) return error("the range " + quoted(text) + " ends before it starts");
  return AddressRange{.first = *first, .last = *last};
}

namespace {

Result<std::uint64_t> parse_one(FieldId field, std::string_view text) {
  const auto number = whole_number(text);
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
    case FieldId::kDstAs:
    case FieldId::kAs:
      if (lower_case(text.substr(0, 2)) == "as") return parse_one(field, text.substr(2));
      return bounded(0xffff'ffff, "an AS number such as 64500 or AS64500");
    case FieldId::kTos: return bounded(0xff, "a type of service up to 255");
    case FieldId::kVlan: return bounded(0xffff, "a VLAN up to 65535");
    default: break;
  }
  switch (field_info(field).type) {
    case FieldType::kProtocol:
      if (const auto protocol = parse_protocol(text)) return *protocol;
      return error("expected a protocol such as tcp, udp or a number up to 255, found " + quoted(text));
    case FieldType::kCountry:
      if (const auto code = country_code(text); code != kNoCountryCode) return code;
      return error("expected a country of two letters such as DE, found " + quoted(text));
    case FieldType::kApplication:
      if (const auto colon = text.find(':'); colon != std::string_view::npos) {
        // RFC 6759 4.1: engine in the first octet, selector in the others.
        const auto engine = whole_number(text.substr(0, colon)), selector = whole_number(text.substr(colon + 1));
        if (engine && selector && *engine <= 0xff && *selector <= 0xff'ffff) return *engine << 24 | *selector;
      }
      return bounded(0xffff'ffff, "an application as a number or engine:selector such as 13:453");
    case FieldType::kFlags: return parse_tcp_flags(text);
    case FieldType::kDuration: return parse_duration_ms(text);
    case FieldType::kTime: return parse_time_ms(text);
    case FieldType::kCounter: return parse_scaled_number(text);
    default: return bounded(0xffff'ffff, "a number");
  }
}

bool has_ranges(FieldType type) { return type == FieldType::kNumber || type == FieldType::kCounter || type == FieldType::kDuration; }

}  // namespace

Result<NumberRange> parse_number_range(FieldId field, std::string_view text) {
  auto one = parse_one(field, text);
  if (one) return NumberRange{.first = *one, .last = *one};
  const auto dash = text.find('-');
  if (!has_ranges(field_info(field).type) || dash == std::string_view::npos || dash == 0 || dash + 1 == text.size()) return one.error();
  const auto first = parse_one(field, text.substr(0, dash)), last = parse_one(field, text.substr(dash + 1));
  if (!first || !last) return first ? last.error() : first.error();
  if (*last < *first) return error("the range " + quoted(text) + " ends before it starts");
  return NumberRange{.first = *first, .last = *last};
}

std::uint64_t country_code(std::string_view two_letters) {
  if (two_letters.empty()) return 0;
  if (two_letters.size() != 2) return kNoCountryCode;
  std::uint64_t code = 0;
  for (const char letter : lower_case(two_letters)) {
    if (letter < 'a' || letter > 'z') return kNoCountryCode;
    code = code * 27 + static_cast<std::uint64_t>(letter - 'a' + 1);
  }
  return code;
}

std::string country_text(std::uint64_t code) {
  if (code == 0 || code >= kCountryCodes) return "";
  return {static_cast<char>('A' + code / 27 - 1), static_cast<char>('A' + code % 27 - 1)};
}

}  // namespace weir
