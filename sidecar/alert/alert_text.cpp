// UTF-8 is checked by RFC 3629, byte by byte.
#include "alert/alert_text.hpp"

#include <openssl/sha.h>

#include <cstdio>
#include <ctime>

namespace weir {

namespace {

// Length of the well-formed sequence at `at`; 0: none.
std::size_t utf8_length(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  const auto tail = [&](std::size_t i) { return (byte(i) & 0xc0) == 0x80; };
  const unsigned b = byte(at);
  if (b < 0x80) return 1;
  if (b >= 0xc2 && b <= 0xdf) return tail(at + 1) ? 2 : 0;
  if (b >= 0xe0 && b <= 0xef) {
    const unsigned second = byte(at + 1);
    const bool good = tail(at + 1) && tail(at + 2) && !(b == 0xe0 && second < 0xa0) && !(b == 0xed && second > 0x9f);
    return good ? 3 : 0;
  }
  if (b >= 0xf0 && b <= 0xf4) {
    const unsigned second = byte(at + 1);
    const bool good = tail(at + 1) && tail(at + 2) && tail(at + 3) && !(b == 0xf0 && second < 0x90) && !(b == 0xf4 && second > 0x8f);
    return good ? 4 : 0;
  }
  return 0;
}

}  // namespace

std::string plain_line(std::string_view text, std::size_t max) {
  std::string line;
  for (std::size_t at = 0; at < text.size();) {
    const auto length = utf8_length(text, at);
    const auto c = static_cast<unsigned char>(text[at]);
    // C0, DEL, C1 controls, and the Unicode line and paragraph separators.
    const bool control = c < 0x20 || c == 0x7f || (c == 0xc2 && length == 2 && static_cast<unsigned char>(text[at + 1]) < 0xa0) ||
                         (length == 3 && (text.substr(at, 3) == "\u2028" || text.substr(at, 3) == "\u2029"));
    const auto piece = length == 0 ? std::string_view("?") : control ? std::string_view(" ") : text.substr(at, length);
    if (line.size() + piece.size() > max) break;
    line += piece;
    at += length == 0 ? 1 : length;
  }
  return line;
}

std::string fill_message(const Rule& rule, const RuleRow& row, const RowFigures& totals) {
  const auto title = row_key_title(rule.query.by, row.key);
  const std::string& form = rule.message;
  if (form.empty()) return rule.name + ": " + title;
  std::string text;
  for (std::size_t at = 0; at < form.size();) {
    const auto close = form[at] == '{' ? form.find('}', at) : std::string::npos;
    if (close == std::string::npos) {
      text += form[at++];
      continue;
    }
    const auto name = form.substr(at + 1, close - at - 1);
    std::string value = form.substr(at, close + 1 - at);
    if (name == "key") value = title;
    if (name == "rule") value = rule.name;
    for (std::size_t f = 0; f < row.key.size(); ++f) {
      if (field_info(rule.query.by[f]).word == name) value = row_key_text({row.key[f]});
    }
    if (const auto measure = find_row_measure(name)) value = row_value_text(row_value(row.figures, *measure, rule.window_ms, totals), row_measure_info(*measure).unit);
    text += value;
    at = close + 1;
  }
  return text;
}

std::string incident_id(std::string_view rule, std::string_view key, std::int64_t since_ms) {
  const auto text = std::string(rule) + '\n' + std::string(key) + '\n' + std::to_string(since_ms);
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest);
  char hex[17];
  for (int i = 0; i < 8; ++i) std::snprintf(hex + 2 * i, 3, "%02x", digest[i]);
  return hex;
}

std::string percent_encoded(std::string_view text) {
  std::string out;
  for (const unsigned char c : text) {
    // RFC 3986 2.3: unreserved characters.
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~') {
      out += static_cast<char>(c);
    } else {
      char hex[4];
      std::snprintf(hex, sizeof hex, "%%%02X", c);
      out += hex;
    }
  }
  return out;
}

std::string evidence_link(const std::string& window_url, const TimeRange& range, const std::string& filter) {
  if (window_url.empty()) return "";
  auto link = window_url + "#tab=hosts&from=" + std::to_string(range.from_ms) + "&to=" + std::to_string(range.to_ms);
  if (!filter.empty()) link += "&filter=" + percent_encoded(filter);
  return link;
}

std::string syslog_param(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\' || c == ']') out += '\\';
    out += c;
  }
  return out;
}

std::string utc_text(std::int64_t ms) {
  const std::time_t seconds = static_cast<std::time_t>(ms / 1000);
  std::tm tm{};
  gmtime_r(&seconds, &tm);
  char date[32], text[48];
  std::strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &tm);
  std::snprintf(text, sizeof text, "%s.%03dZ", date, static_cast<int>(ms % 1000));
  return text;
}

}  // namespace weir
