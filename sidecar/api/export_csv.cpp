// Writes the header and the rows of a result as lines of CSV.
#include "api/export_csv.hpp"

#include <algorithm>

#include "api/key_names.hpp"
#include "api/query_json.hpp"

namespace weir {
namespace {

// A line of CSV, field by field.
class Line {
 public:
  explicit Line(std::string& out) : out_(out) {}
  ~Line() { out_ += "\r\n"; }
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;
  Line& text(std::string_view field) {
    if (!first_) out_ += ',';
    first_ = false;
    out_ += csv_field(field);
    return *this;
  }
  Line& number(std::uint64_t value) { return text(std::to_string(value)); }
  Line& measures(const Measures& m) { return number(m.octets).number(m.packets).number(m.flows).number(m.sessions); }
  // Those of `row`, or of the sum of what is left out.
  Line& keys(const Query& query, const ResultRow* row) {
    for (std::size_t i = 0; i < query.by.size(); ++i)
      text(row != nullptr ? key_text(row->key[i]) : i == 0 ? "other" : "");
    return *this;
  }

 private:
  std::string& out_;
  bool first_ = true;
};

void append_buckets(std::string& out, const Query& query, const QueryResult& result, const TimeZone& zone) {
  const auto span = result.range.to_ms - result.range.from_ms;
  const auto rows = query.by.empty() ? 0 : result.rows.size();
  for (std::size_t i = 0; i < result.series.size(); ++i) {
    if (i == rows && rows != 0 && result.other_keys == 0) continue;
    for (std::uint32_t bucket = 0; bucket < result.buckets; ++bucket) {
      Line line(out);
      line.text(zone.text(result.range.from_ms + span * bucket / result.buckets))
          .keys(query, i < rows ? &result.rows[i] : nullptr);
      line.number(result.series[i].octets[bucket]).number(result.series[i].packets[bucket]);
      if (result.totals.saturated) line.number(result.series[i].saturated ? 1 : 0);
    }
  }
}

}  // namespace

std::string csv_field(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

std::string query_result_csv(const Query& query, const QueryResult& result, const TimeZone& zone) {
  std::string out;
  const bool ends = keys_are_ends(query.by) && result.buckets == 0;
  // Each octet at both of its ends adds up to twice the wire: what adds up stands beside it.
  const bool once = query.once && std::any_of(result.rows.begin(), result.rows.end(),
                                              [](const auto& row) { return row.once.has_value(); });
  const bool saturated = result.totals.saturated;  // then a last column says where
  {
    Line heads(out);
    if (result.buckets != 0) heads.text("time");
    for (const auto field : query.by) heads.text(field_info(field).word);
    heads.text("octets").text("packets");
    if (result.buckets == 0) heads.text("flows").text("sessions");
    if (ends) heads.text("octets_in").text("octets_out").text("octets_client").text("octets_server");
    if (once && result.buckets == 0) heads.text("octets_once").text("packets_once");
    if (saturated) heads.text("saturated");
  }
  if (result.buckets != 0) {
    append_buckets(out, query, result, zone);
    return out;
  }
  if (query.by.empty()) {
    Line line(out);
    line.measures(result.totals);
    if (saturated) line.number(1);
    return out;
  }
  const auto append_row = [&](const ResultRow& row, bool other) {
    Line line(out);
    line.keys(query, other ? nullptr : &row).measures(row.measures);
    for (const auto value : {row.octets_in, row.octets_out, row.octets_client, row.octets_server}) {
      if (ends) other ? line.text("") : line.number(value);
    }
    if (once)
      line.number((row.once ? *row.once : row.measures).octets).number((row.once ? *row.once : row.measures).packets);
    if (saturated) line.number(row.measures.saturated ? 1 : 0);
  };
  for (const auto& row : result.rows) append_row(row, false);
  if (result.other_keys != 0) append_row(result.other, true);
  return out;
}

}  // namespace weir
