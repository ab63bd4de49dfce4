// Reduced-size encoding (RFC 7011 6.2) makes lengths no proof of a type: the name decides, the length must fit.
#include "decode/trace_value.hpp"

#include <algorithm>
#include <cstdio>
#include <ctime>

#include "core/byte_cursor.hpp"
#include "core/hex_text.hpp"
#include "decode/time_repair.hpp"

namespace weir {

namespace {

constexpr std::size_t kShownHex = 64, kShownText = 256;

bool is_named(std::string_view name, std::initializer_list<std::string_view> ends) {
  return std::any_of(ends.begin(), ends.end(), [&](auto end) { return name.ends_with(end); });
}

// RFC 3954 8 and RFC 7012: FIN is bit 0.
std::string flags_text(std::uint64_t flags) {
  static constexpr char kLetters[] = "FSRPAUEC";
  std::string text;
  for (int i = 0; i < 8; ++i) {
    if (flags >> i & 1) text += kLetters[i];
  }
  return std::to_string(flags) + (text.empty() ? "" : " (" + text + ")");
}

}  // namespace

std::string trace_time(std::int64_t ms) {
  const std::time_t seconds = static_cast<std::time_t>(ms < 0 ? (ms - 999) / 1000 : ms / 1000);
  std::tm tm{};
  if (gmtime_r(&seconds, &tm) == nullptr) return std::to_string(ms) + " ms";
  char date[64], text[96];
  std::strftime(date, sizeof date, "%Y-%m-%d %H:%M:%S", &tm);
  std::snprintf(text, sizeof text, "%s.%03d UTC", date,
                static_cast<int>(ms - static_cast<std::int64_t>(seconds) * 1000));
  return text;
}

std::string trace_hex(std::span<const std::uint8_t> bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const auto b : bytes.first(std::min(bytes.size(), kShownHex))) {
    if (!text.empty()) text += ' ';
    text += kDigits[b >> 4];
    text += kDigits[b & 15];
  }
  if (bytes.size() > kShownHex) text += " … (" + std::to_string(bytes.size()) + " octets)";
  return text.empty() ? "empty" : text;
}

std::string trace_value(std::string_view name, std::span<const std::uint8_t> bytes) {
  const auto size = bytes.size();
  if (size == 0) return "empty";
  ByteCursor cursor(bytes);
  if (size == 4 && is_named(name, {"IPv4Address", "IPv4Prefix", "ipv4RouterSc"})) return cursor.v4().text();
  if (size == 16 && is_named(name, {"IPv6Address", "IPv6Prefix"})) return cursor.v6().text();
  if (size == 6 && is_named(name, {"MacAddress"})) return mac_text(ByteCursor(bytes).uint_sized(size));
  if (is_named(name, {"Name", "Description", "VRFname", "wlanSSID", "Technology", "httpRequestHost",
                      "httpRequestTarget", "httpUserAgent", "httpRequestMethod"})) {
    // Fixed lengths are filled up with zeros.
    std::string_view text(reinterpret_cast<const char*>(bytes.data()), size);
    text = text.substr(0, std::min(text.find_last_not_of('\0') + 1, kShownText));
    return "\"" + std::string(text) + "\"";
  }
  if (size > 8 || is_named(name, {"mplsTopLabelStackSection", "applicationId", "paddingOctets"}))
    return trace_hex(bytes);
  const auto number = cursor.uint_sized(size);
  if (is_named(name, {"tcpControlBits"})) return flags_text(number);
  const bool duration = name.find("Duration") != std::string_view::npos || name.find("Delta") != std::string_view::npos;
  if (!duration && size == 8 && is_named(name, {"Milliseconds"}) && number < std::uint64_t{1} << 48)
    return trace_time(static_cast<std::int64_t>(number));
  if (!duration && size == 8 && is_named(name, {"Microseconds", "Nanoseconds"})) return trace_time(ntp_to_ms(number));
  if (!duration && size == 4 && is_named(name, {"Seconds"}))
    return trace_time(static_cast<std::int64_t>(number) * 1000);
  return std::to_string(number);
}

}  // namespace weir
