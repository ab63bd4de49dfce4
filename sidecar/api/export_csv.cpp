// Lines of CSV.
#include "api/export_csv.hpp"

#include "api/query_json.hpp"

namespace weir {
namespace {

void append_number(std::string& out, std::uint64_t value) {
  if (!out.empty() && out.back() != '\n') out += ',';
  out += std::to_string(value);
}

void append_measures(std::string& out, const Measures& m) {
  for (const auto value : {m.octets, m.packets, m.flows, m.sessions}) append_number(out, value);
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

std::string query_result_csv(const Query& query, const QueryResult& result) {
  std::string out;
  for (const auto field : query.by) out.append(field_info(field).word).append(",");
  out += "octets,packets,flows,sessions";
  const bool ends = keys_are_ends(query.by);
  if (ends) out += ",octets_in,octets_out,octets_client,octets_server";
  out += "\r\n";
  if (query.by.empty()) {
    append_measures(out, result.totals);
    out += "\r\n";
  }
  for (const auto& row : result.rows) {
    for (std::size_t i = 0; i < row.key.size(); ++i) out.append(i == 0 ? "" : ",").append(csv_field(key_text(row.key[i])));
    append_measures(out, row.measures);
    if (ends) {
      for (const auto value : {row.octets_in, row.octets_out, row.octets_client, row.octets_server}) append_number(out, value);
    }
    out += "\r\n";
  }
  return out;
}

}  // namespace weir
