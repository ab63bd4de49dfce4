// One pair of functions per type.
#include "query/coded_text.hpp"

#include <algorithm>

#include "core/hex_text.hpp"
#include "flow/session.hpp"
#include "query/filter_lexer.hpp"

namespace weir {

namespace {

// 02:00:00:00:00:05, 2:0:0:0:0:5, 02-00-00-00-00-05, 0200.0000.0005, 020000000005.
std::optional<std::uint64_t> parse_mac(std::string_view text) {
  const auto sign = text.find_first_of(":-.");
  const char separator = sign == std::string_view::npos ? ' ' : text[sign];
  const std::size_t groups = separator == ' ' ? 1 : separator == '.' ? 3 : 6, digits = 12 / groups;
  std::uint64_t mac = 0;
  std::size_t group = 0, length = 0;
  for (const char c : lower_case(text)) {
    if (c == separator) {
      if (length == 0 || (digits != 2 && length != digits) || ++group >= groups) return std::nullopt;
      length = 0;
      continue;
    }
    const auto value = std::string_view("0123456789abcdef").find(c);
    if (value == std::string_view::npos || ++length > digits) return std::nullopt;
    // A group of one digit has a zero before it.
    const std::uint64_t low = digits == 2 && length == 1 ? mac << 8 | value : mac << 4 | value;
    mac = digits == 2 && length == 2 ? (mac & ~std::uint64_t{0xff}) | (mac & 0xf) << 4 | value : low;
  }
  if (group + 1 != groups || length == 0 || (digits != 2 && length != digits)) return std::nullopt;
  return mac;
}

std::optional<std::uint64_t> parse_direction(std::string_view text) {
  static constexpr std::pair<std::string_view, std::uint64_t> kWords[] = {{"ingress", 0},
                                                                          {"in", 0},
                                                                          {"0", 0},
                                                                          {"egress", 1},
                                                                          {"out", 1},
                                                                          {"1", 1},
                                                                          {"unknown", kDirectionUnknown},
                                                                          {"", kDirectionUnknown},
                                                                          {"255", kDirectionUnknown}};
  const auto word = lower_case(text);
  const auto* found =
      std::find_if(std::begin(kWords), std::end(kWords), [&](const auto& w) { return w.first == word; });
  if (found == std::end(kWords)) return std::nullopt;
  return found->second;
}

std::optional<std::uint64_t> parse_reason(std::string_view text) {
  auto word = lower_case(text);
  std::replace_if(
      word.begin(), word.end(), [](char c) { return c == '_' || c == '-'; }, ' ');
  for (std::uint64_t code = 1; code <= static_cast<std::uint64_t>(ServerReason::kFirstSeen); ++code) {
    if (word == server_reason_name(static_cast<ServerReason>(code)) || word == std::to_string(code)) return code;
  }
  return std::nullopt;
}

}  // namespace

bool is_coded_text(FieldType type) {
  return type == FieldType::kMac || type == FieldType::kDirection || type == FieldType::kReason;
}

std::string coded_text(FieldType type, std::uint64_t code) {
  if (type == FieldType::kMac) return code == 0 ? "" : mac_text(code);
  if (type == FieldType::kDirection) return code == 0 ? "ingress" : code == 1 ? "egress" : "";
  return server_reason_name(static_cast<ServerReason>(code));
}

std::optional<std::uint64_t> code_of_text(FieldType type, std::string_view text) {
  if (type == FieldType::kMac) return text.empty() ? std::optional<std::uint64_t>(0) : parse_mac(text);
  if (type == FieldType::kDirection) return parse_direction(text);
  return parse_reason(text);
}

}  // namespace weir
