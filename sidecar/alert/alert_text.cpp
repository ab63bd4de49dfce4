// Templates, names and escapes of alert texts.
#include "alert/alert_text.hpp"

#include <openssl/sha.h>

#include <cstdio>

namespace weir {

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
    if (const auto measure = find_row_measure(name))
      value = row_value_text(row_value(row.figures, *measure, rule.window_ms, totals), row_measure_info(*measure).unit);
    text += value;
    at = close + 1;
  }
  return text;
}

std::string judged_value(const Rule& rule, const RowFigures& figures, const RowFigures& totals) {
  const auto measure = !rule.when.empty() ? rule.when.front().measure : rule.order;
  return row_value_text(row_value(figures, measure, rule.window_ms, totals), row_measure_info(measure).unit);
}

std::string incident_id(std::string_view rule, std::string_view key, std::int64_t since_ms) {
  const auto text = std::string(rule) + '\n' + std::string(key) + '\n' + std::to_string(since_ms);
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest);
  char hex[17];
  for (int i = 0; i < 8; ++i) std::snprintf(hex + 2 * i, 3, "%02x", digest[i]);
  return hex;
}

bool is_same_trouble(const std::string& a, const std::string& b) {
  const auto without_digits = [](std::string text) {
    std::erase_if(text, [](unsigned char c) { return c >= '0' && c <= '9'; });
    return text;
  };
  return without_digits(a) == without_digits(b);
}

std::string percent_encoded(std::string_view text) {
  std::string out;
  for (const unsigned char c : text) {
    // RFC 3986 2.3: unreserved characters.
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
        c == '_' || c == '~') {
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

}  // namespace weir
