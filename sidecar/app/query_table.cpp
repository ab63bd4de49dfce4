// Layout of results on the terminal.
#include "app/query_table.hpp"

#include <algorithm>
#include <cstdio>
#include <vector>

#include "api/query_json.hpp"
#include "core/rfc3339.hpp"
#include "flow/protocols.hpp"

namespace weir {

namespace {

std::string key_of(FieldId field, const KeyValue& value) {
  if (field == FieldId::kProtocol) {
    if (const auto name = protocol_name(std::get<std::uint64_t>(value)); !name.empty()) return std::string(name);
  }
  return key_text(value);
}

std::uint64_t measure_of(const Measures& m, Measure which) {
  switch (which) {
    case Measure::kOctets: return m.octets;
    case Measure::kPackets: return m.packets;
    case Measure::kFlows: return m.flows;
    case Measure::kSessions: return m.sessions;
  }
  return 0;
}

// One line of eight heights, at most 60 characters wide.
std::string spark_line(const std::vector<std::uint64_t>& values) {
  static constexpr const char* kBlocks[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  const std::size_t width = std::min<std::size_t>(60, values.size());
  std::vector<std::uint64_t> sums(width);
  for (std::size_t i = 0; i < values.size(); ++i) sums[i * width / values.size()] += values[i];
  const std::uint64_t top = std::max<std::uint64_t>(1, *std::max_element(sums.begin(), sums.end()));
  std::string line;
  for (const auto v : sums) line += kBlocks[v == 0 ? 0 : 1 + v * 7 / top];
  return line;
}

std::string padded(const std::string& text, std::size_t width, bool right) {
  const std::string pad(text.size() < width ? width - text.size() : 0, ' ');
  return right ? pad + text : text + pad;
}

std::string csv_cell(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

}  // namespace

std::string short_number(std::uint64_t value) {
  static constexpr const char* kUnits[] = {"", " k", " M", " G", " T", " P", " E"};
  double v = static_cast<double>(value);
  int unit = 0;
  for (; v >= (unit ? 1000.0 : 10'000.0) && unit < 6; ++unit) v /= 1000.0;
  char text[32];
  std::snprintf(text, sizeof text, unit ? "%.1f%s" : "%.0f%s", v, kUnits[unit]);
  return text;
}

std::string query_table(const Query& query, const QueryResult& result, std::int64_t took_ms) {
  std::string out = rfc3339_text(result.range.from_ms) + " to " + rfc3339_text(result.range.to_ms) + "\n";
  out += short_number(result.totals.octets) + " octets, " + short_number(result.totals.packets) + " packets, " + short_number(result.totals.flows) +
         " flows, " + short_number(result.totals.sessions) + " sessions (" + std::to_string(took_ms) + " ms)\n";
  if (result.quality.sampling_unknown) out += "Some exporters sample without saying how much: these figures are too small. Set the rate per exporter.\n";
  if (query.by.empty()) {
    if (!result.series.empty()) out += spark_line(result.series.back().octets) + "\n";
    return out;
  }

  std::vector<std::vector<std::string>> cells;
  std::vector<std::string> head;
  for (const auto f : query.by) head.emplace_back(field_info(f).word);
  for (const char* m : {"octets", "%", "packets", "flows", "sessions"}) head.emplace_back(m);
  if (!result.series.empty()) head.emplace_back("over time");
  cells.push_back(std::move(head));
  const double whole = static_cast<double>(std::max<std::uint64_t>(1, measure_of(result.totals, query.measure)));
  const auto add = [&](std::vector<std::string> keys, const Measures& m, std::size_t series) {
    char share[16];
    std::snprintf(share, sizeof share, "%.1f", 100.0 * static_cast<double>(measure_of(m, query.measure)) / whole);
    for (const auto& text : {short_number(m.octets), std::string(share), short_number(m.packets), short_number(m.flows), short_number(m.sessions)}) keys.push_back(text);
    if (!result.series.empty()) keys.push_back(spark_line(result.series[series].octets));
    cells.push_back(std::move(keys));
  };
  for (std::size_t i = 0; i < result.rows.size(); ++i) {
    std::vector<std::string> keys;
    for (std::size_t k = 0; k < query.by.size(); ++k) keys.push_back(key_of(query.by[k], result.rows[i].key[k]));
    add(std::move(keys), result.rows[i].measures, i);
  }
  if (result.other_keys) {
    std::vector<std::string> keys(query.by.size());
    keys[0] = "other (" + std::to_string(result.other_keys) + ")";
    add(std::move(keys), result.other.measures, result.rows.size());
  }

  std::vector<std::size_t> widths(cells[0].size());
  for (const auto& row : cells) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  const std::size_t numbers_end = query.by.size() + 5;
  for (const auto& row : cells) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const bool number = i >= query.by.size() && i < numbers_end;
      line += (i ? "  " : "") + (i >= numbers_end ? row[i] : padded(row[i], widths[i], number));
    }
    out += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  return out;
}

std::string query_csv(const Query& query, const QueryResult& result) {
  std::string out;
  for (const auto f : query.by) out += std::string(field_info(f).word) + ",";
  out += "octets,packets,flows,sessions\r\n";
  const auto add = [&](const std::vector<std::string>& keys, const Measures& m) {
    for (const auto& k : keys) out += csv_cell(k) + ",";
    out += std::to_string(m.octets) + "," + std::to_string(m.packets) + "," + std::to_string(m.flows) + "," + std::to_string(m.sessions) + "\r\n";
  };
  if (query.by.empty()) add({}, result.totals);
  for (const auto& row : result.rows) {
    std::vector<std::string> keys;
    for (const auto& k : row.key) keys.push_back(key_text(k));
    add(keys, row.measures);
  }
  if (result.other_keys) {
    std::vector<std::string> keys(query.by.size());
    keys[0] = "other";
    add(keys, result.other.measures);
  }
  return out;
}

}  // namespace weir
