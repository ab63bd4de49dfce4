// The table of measures, and keys in their three spellings.
#include "alert/rule_row.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

#include "core/count_text.hpp"
#include "core/time_text.hpp"
#include "core/trimmed_text.hpp"
#include "query/derived_column.hpp"
#include "query/key_text.hpp"

namespace weir {

namespace {

using M = RowMeasure;
using U = RowUnit;
constexpr std::array<RowMeasureInfo, kRowMeasureCount> kMeasures{{
    {M::kOctets, "octets", U::kOctets, false},
    {M::kPackets, "packets", U::kCount, false},
    {M::kFlows, "flows", U::kCount, false},
    {M::kSessions, "sessions", U::kCount, false},
    {M::kOctetsIn, "octets_in", U::kOctets, false},
    {M::kOctetsOut, "octets_out", U::kOctets, false},
    {M::kOctetsClient, "octets_client", U::kOctets, false},
    {M::kOctetsServer, "octets_server", U::kOctets, false},
    {M::kDistinct, "distinct", U::kCount, false},
    {M::kOctetsPerS, "octets_per_s", U::kOctetsPerS, false},
    {M::kBitsPerS, "bits_per_s", U::kBitsPerS, false},
    {M::kBitsInPerS, "bits_in_per_s", U::kBitsPerS, false},
    {M::kBitsOutPerS, "bits_out_per_s", U::kBitsPerS, false},
    {M::kPacketsPerS, "packets_per_s", U::kPerS, false},
    {M::kFlowsPerS, "flows_per_s", U::kPerS, false},
    {M::kSessionsPerS, "sessions_per_s", U::kPerS, false},
    {M::kOctetsPerPacket, "octets_per_packet", U::kOctets, false},
    {M::kPercent, "percent", U::kPercent, false},
    {M::kSilentS, "silent_s", U::kSeconds, true},
    {M::kDatagrams, "datagrams", U::kCount, true},
    {M::kRecords, "records", U::kCount, true},
    {M::kRecordsPerS, "records_per_s", U::kPerS, true},
    {M::kLost, "lost", U::kCount, true},
    {M::kLostPercent, "lost_percent", U::kPercent, true},
    {M::kMalformed, "malformed", U::kCount, true},
    {M::kDrops, "drops", U::kCount, true},
}};

// A number with what row_value_text() writes behind it, or without.
Result<double> parse_threshold(std::string_view text, RowUnit unit) {
  switch (unit) {
    case RowUnit::kCount: return parse_amount(text);
    case RowUnit::kOctets: return parse_amount(text, {"B", "b", "octets", "bytes"});
    case RowUnit::kBitsPerS: return parse_amount(text, {"bit", "bit/s", "bits/s", "bps", "b/s"});
    case RowUnit::kOctetsPerS: return parse_amount(text, {"B", "B/s", "octets/s"});
    case RowUnit::kPerS: return parse_amount(text, {"/s"});
    case RowUnit::kPercent: return parse_amount(text, {"%"});
    case RowUnit::kSeconds: break;
  }
  if (!text.empty() && text.back() >= '0' && text.back() <= '9') return parse_amount(text);  // seconds
  const auto ms = parse_duration(text);
  if (!ms) return ms.error();
  return static_cast<double>(*ms) / 1000;
}

std::string how_to_write(RowUnit unit) {
  switch (unit) {
    case RowUnit::kCount: return "";
    case RowUnit::kOctets: return "; this counts octets: 1MB";
    case RowUnit::kBitsPerS: return "; this counts bits: 100M or 100Mbit/s";
    case RowUnit::kOctetsPerS: return "; this counts octets: 10M or 10MB/s";
    case RowUnit::kPerS: return "; this is a rate: 50 or 50/s";
    case RowUnit::kPercent: return "; this is a share: 50 or 50%";
    case RowUnit::kSeconds: return "; this is a time: 90 (seconds), 5min or 1h";
  }
  return "";
}

std::string scaled_text(double value, const char* unit) {
  static constexpr const char* kPrefixes[] = {"", "k", "M", "G", "T", "P"};
  std::size_t p = 0;
  while (std::fabs(value) >= 999.95 && p + 1 < std::size(kPrefixes)) {
    value /= 1000;
    ++p;
  }
  char text[48];
  std::snprintf(text, sizeof text, p == 0 && value == std::floor(value) ? "%.0f %s%s" : "%.1f %s%s", value,
                kPrefixes[p], unit);
  return text;
}

}  // namespace

const RowMeasureInfo& row_measure_info(RowMeasure measure) { return kMeasures[static_cast<std::size_t>(measure)]; }

std::optional<RowMeasure> find_row_measure(std::string_view name) {
  for (const auto& info : kMeasures) {
    if (info.name == name) return info.id;
  }
  return std::nullopt;
}

std::string row_measure_names(bool of_exporters) {
  std::string names;
  for (const auto& info : kMeasures) {
    if (info.of_exporters == of_exporters) names += (names.empty() ? "" : ", ") + std::string(info.name);
  }
  return names;
}

double row_value(const RowFigures& f, RowMeasure measure, std::int64_t window_ms, const RowFigures& totals) {
  const double seconds = static_cast<double>(window_ms) / 1000;
  const auto real = [](std::uint64_t n) { return static_cast<double>(n); };
  switch (measure) {
    case M::kOctets: return real(f.octets);
    case M::kPackets: return real(f.packets);
    case M::kFlows: return real(f.flows);
    case M::kSessions: return real(f.sessions);
    case M::kOctetsIn: return real(f.octets_in);
    case M::kOctetsOut: return real(f.octets_out);
    case M::kOctetsClient: return real(f.octets_client);
    case M::kOctetsServer: return real(f.octets_server);
    case M::kDistinct: return real(f.distinct);
    case M::kOctetsPerS: return real(f.octets) / seconds;
    case M::kBitsPerS: return real(f.octets) * 8 / seconds;
    case M::kBitsInPerS: return real(f.octets_in) * 8 / seconds;
    case M::kBitsOutPerS: return real(f.octets_out) * 8 / seconds;
    case M::kPacketsPerS: return real(f.packets) / seconds;
    case M::kFlowsPerS: return real(f.flows) / seconds;
    case M::kSessionsPerS: return real(f.sessions) / seconds;
    case M::kOctetsPerPacket: return f.packets == 0 ? 0 : real(f.octets) / real(f.packets);
    case M::kPercent: return totals.octets == 0 ? 0 : 100 * real(f.octets) / real(totals.octets);
    case M::kSilentS: return static_cast<double>(f.silent_ms) / 1000;
    case M::kDatagrams: return real(f.datagrams);
    case M::kRecords: return real(f.records);
    case M::kRecordsPerS: return real(f.records) / seconds;
    case M::kLost: return real(f.lost);
    case M::kLostPercent: return f.lost == 0 ? 0 : 100 * real(f.lost) / (real(f.lost) + real(f.records));
    case M::kMalformed: return real(f.malformed);
    case M::kDrops: return real(f.drops);
  }
  return 0;
}

std::string row_value_text(double value, RowUnit unit) {
  char text[48];
  switch (unit) {
    case RowUnit::kOctets: return scaled_text(value, "B");
    case RowUnit::kOctetsPerS: return scaled_text(value, "B/s");
    case RowUnit::kBitsPerS: return scaled_text(value, "bit/s");
    case RowUnit::kPerS: std::snprintf(text, sizeof text, "%.1f/s", value); return text;
    case RowUnit::kPercent: std::snprintf(text, sizeof text, "%.1f %%", value); return text;
    case RowUnit::kSeconds: std::snprintf(text, sizeof text, "%.0f s", value); return text;
    case RowUnit::kCount: break;
  }
  std::snprintf(text, sizeof text, "%.0f", value);
  return text;
}

bool RowCondition::holds(double value) const {
  switch (compare) {
    case Compare::kAbove: return value > threshold;
    case Compare::kAtLeast: return value >= threshold;
    case Compare::kBelow: return value < threshold;
    case Compare::kAtMost: return value <= threshold;
    case Compare::kEqual: return value == threshold;
  }
  return false;
}

Result<RowCondition> parse_row_condition(RowMeasure measure, std::string_view whole) {
  using C = RowCondition::Compare;
  static constexpr std::pair<std::string_view, C> kCompares[] = {
      {">=", C::kAtLeast}, {"<=", C::kAtMost}, {"==", C::kEqual}, {">", C::kAbove}, {"<", C::kBelow}, {"=", C::kEqual}};
  RowCondition condition{.measure = measure, .compare = C::kAtLeast};
  auto text = trimmed(whole);
  for (const auto& [sign, compare] : kCompares) {
    if (!text.starts_with(sign)) continue;
    condition.compare = compare;
    text = trimmed(text.substr(sign.size()));
    break;
  }
  const auto threshold = parse_threshold(text, row_measure_info(measure).unit);
  if (threshold && std::isfinite(*threshold)) {
    condition.threshold = *threshold;
    return condition;
  }
  return error("'" + std::string(whole.substr(0, 60)) +
               "' is not a condition such as \">100M\", \">= 1.5k\" or \"< 10\"" +
               how_to_write(row_measure_info(measure).unit));
}

bool all_hold(const std::vector<RowCondition>& conditions, const RowFigures& figures, std::int64_t window_ms,
              const RowFigures& totals) {
  return std::all_of(conditions.begin(), conditions.end(),
                     [&](const auto& c) { return c.holds(row_value(figures, c.measure, window_ms, totals)); });
}

std::string row_key_text(const RowKey& key) {
  if (key.empty()) return "all";
  std::string text;
  for (const auto& value : key) text += (text.empty() ? "" : ",") + key_text(value);
  return text;
}

std::optional<RowKey> parse_row_key(const std::vector<FieldId>& by, std::string_view text) {
  RowKey key;
  if (by.empty()) return text == "all" ? std::optional(key) : std::nullopt;
  for (std::size_t f = 0; f < by.size(); ++f) {
    const auto comma = text.find(',');
    if ((comma == std::string_view::npos) != (f + 1 == by.size())) return std::nullopt;
    const auto part = text.substr(0, comma);
    text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
    switch (field_info(by[f]).type) {
      case FieldType::kAddress:
      case FieldType::kExporter: {
        if (part.empty()) {  // no address
          key.emplace_back(IpAddress{});
          break;
        }
        if (derived_column_of(by[f]) != nullptr) {  // a prefix
          key.emplace_back(std::string(part));
          break;
        }
        const auto address = parse_ip_address(part);
        if (!address) return std::nullopt;
        key.emplace_back(*address);
        break;
      }
      case FieldType::kLabel:
      case FieldType::kMac:
      case FieldType::kDirection:
      case FieldType::kReason: key.emplace_back(std::string(part)); break;
      case FieldType::kNumber:
      case FieldType::kProtocol:
      case FieldType::kApplication:
      case FieldType::kFlags:
      case FieldType::kQuality:
      case FieldType::kDuration:
      case FieldType::kTime:
      case FieldType::kCounter: {
        std::uint64_t number = 0;
        const auto [end, code] = std::from_chars(part.data(), part.data() + part.size(), number);
        const bool whole = code == std::errc{} && end == part.data() + part.size();
        if (!whole && field_info(by[f]).type == FieldType::kApplication) {
          key.emplace_back(std::string(part));
          break;
        }
        if (code != std::errc{} || end != part.data() + part.size()) return std::nullopt;
        key.emplace_back(number);
      }
    }
  }
  return key;
}

std::optional<IpAddress> row_key_exporter(const std::vector<FieldId>& by, std::string_view text) {
  const auto field =
      std::find_if(by.begin(), by.end(), [](FieldId f) { return field_info(f).type == FieldType::kExporter; });
  if (field == by.end()) return std::nullopt;
  const auto key = parse_row_key(by, text);
  if (!key) return std::nullopt;
  return std::get<IpAddress>((*key)[static_cast<std::size_t>(field - by.begin())]);
}

std::string row_key_title(const std::vector<FieldId>& by, const RowKey& key) {
  if (key.size() == 1 && std::holds_alternative<IpAddress>(key[0])) return key_text(key[0]);
  std::string text;
  for (std::size_t f = 0; f < key.size(); ++f)
    text += (text.empty() ? "" : ", ") + std::string(field_info(by[f]).word) + " " + key_text(key[f]);
  return text.empty() ? "all traffic" : text;
}

std::string row_key_filter(const std::string& filter, const std::vector<FieldId>& by, const RowKey& key) {
  return both_filters(filter, key_filter(by, key));
}

}  // namespace weir
