// Texts of alerts: templates filled in, and whatever came from the network made harmless for where it goes. Pure
// functions; any thread.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "alert/rule.hpp"
#include "core/plain_line.hpp"

namespace weir {

inline constexpr std::size_t kMaxMessageLength = 1000;  // bytes

// "{key} sends {bits_per_s}": names of key fields, measures, key, rule; unknown names stay as they are.
std::string fill_message(const Rule& rule, const RuleRow& row, const RowFigures& totals);

// What a row is judged by, for people: "412 Mbit/s" of the first condition's measure, or of the one that orders the
// rows.
std::string judged_value(const Rule& rule, const RowFigures& figures, const RowFigures& totals);

// A stable name of an incident: 16 hexadecimal digits of the rule, the key and its start.
std::string incident_id(std::string_view rule, std::string_view key, std::int64_t since_ms);

// Opens the Flows window on the range and filter. "" when `window_url` is.
std::string evidence_link(const std::string& window_url, const TimeRange& range, const std::string& filter);

// The same text with other numbers is told once.
bool is_same_trouble(const std::string& a, const std::string& b);

std::string percent_encoded(std::string_view text);
// RFC 5424 6.3.3: '"', '\' and ']' are escaped.
std::string syslog_param(std::string_view text);

}  // namespace weir
