// One writer function per shape.
#include "api/query_json.hpp"

#include <algorithm>

#include "api/json_writer.hpp"
#include "flow/port_table.hpp"
#include "flow/protocols.hpp"
#include "flow/quality.hpp"
#include "flow/session_object.hpp"
#include "query/coded_text.hpp"
#include "query/group_plan.hpp"

namespace weir {
namespace {

void write_labels(JsonWriter& w, const Query& query, const ResultRow& row, const KeyNames& names) {
  bool begun = false;
  for (std::size_t i = 0; i < query.by.size(); ++i) {
    auto label = key_label(query, row, i, names);
    if (label.empty() && !row.told_labels.empty()) label = row.told_labels[i];
    if (label.empty()) continue;
    if (!begun) w.key("label").begin_object();
    begun = true;
    w.key(field_info(query.by[i]).word).text(label);
  }
  if (begun) w.end_object();
}

void write_ways(JsonWriter& w, const ResultRow& row) {
  w.key("octets_in").number(row.octets_in).key("octets_out").number(row.octets_out);
  w.key("octets_client").number(row.octets_client).key("octets_server").number(row.octets_server);
}

void write_rows(JsonWriter& w, const Query& query, const QueryResult& result, const KeyNames& names) {
  const bool ends = keys_are_ends(query.by);
  w.key("rows").begin_array();
  for (const auto& row : result.rows) {
    w.begin_object().key("key");
    write_key(w, query.by, row.key);
    write_measures(w, row.measures);
    if (ends) write_ways(w, row);
    if (row.once) {
      w.key("once").begin_object();
      write_measures(w, *row.once);
      w.end_object();
    }
    write_labels(w, query, row, names);
    w.end_object();
  }
  w.end_array();
  w.key("other").begin_object();
  write_measures(w, result.other.measures);
  if (ends) write_ways(w, result.other);
  w.key("keys").number(result.other_keys);
  if (result.more_other_keys) w.key("more_keys").boolean(true);
  w.end_object();
}

void write_series(JsonWriter& w, const Query& query, const QueryResult& result) {
  w.key("series").begin_array();
  for (std::size_t i = 0; i < result.series.size(); ++i) {
    w.begin_object().key("key");
    if (i < result.rows.size()) write_key(w, query.by, result.rows[i].key);
    else w.begin_object().end_object().key("other").boolean(true);
    w.key("octets").numbers(result.series[i].octets).key("packets").numbers(result.series[i].packets);
    if (result.series[i].saturated) w.key("saturated").boolean(true);
    w.end_object();
  }
  w.end_array();

  const auto span = result.range.to_ms - result.range.from_ms;
  w.key("buckets").begin_object();
  w.key("from_ms")
      .number(result.range.from_ms)
      .key("to_ms")
      .number(result.range.to_ms)
      .key("count")
      .number(result.buckets);
  w.key("width_ms");
  if (result.buckets == 0) w.number(0);
  else if (span % result.buckets == 0) w.number(span / result.buckets);
  else w.number(static_cast<double>(span) / result.buckets);
  w.end_object();
}

struct CarriedWriter {
  JsonWriter& w;
  void text_or_null(std::string_view name, const std::string& text) const {
    text.empty() ? w.key(name).null() : w.key(name).text(text);
  }
  void number(std::string_view name, std::uint64_t value) const { w.key(name).number(value); }
  void address(std::string_view name, const IpAddress& value) const {
    text_or_null(name, value.is_unset() ? "" : value.text());
  }
  void coded(std::string_view name, FieldType type, std::uint64_t code) const {
    text_or_null(name, coded_text(type, code));
  }
};

void write_session(JsonWriter& w, const SessionRow& row, const KeyNames& names) {
  const Session& s = row.session;
  const auto& to_server = s.halves[kToServer];
  const auto& to_client = s.halves[kToClient];
  // What the client's packets show; those of the server where only they were reported.
  const bool client_seen = to_server.reported();
  const auto& seen = client_seen ? to_server : to_client;

  w.begin_object();
  w.key("client").text(key_text(s.client)).key("server").text(key_text(s.server));
  w.key("client_port")
      .number(s.client_port)
      .key("server_port")
      .number(s.server_port)
      .key("protocol")
      .number(s.protocol);
  const auto service = names.service ? names.service(s.protocol, s.server_port) : std::string{};
  service.empty() ? w.key("service").null() : w.key("service").text(service);
  w.key("octets").number(row.octets).key("packets").number(row.packets);
  w.key("octets_to_server")
      .number(row.halves[kToServer].octets)
      .key("octets_to_client")
      .number(row.halves[kToClient].octets);
  w.key("packets_to_server")
      .number(row.halves[kToServer].packets)
      .key("packets_to_client")
      .number(row.halves[kToClient].packets);
  if (row.saturated) w.key("saturated").boolean(true);
  w.key("flows")
      .number(to_server.flow_count() + to_client.flow_count())
      .key("start_ms")
      .number(s.start_ms)
      .key("end_ms")
      .number(s.end_ms);
  w.key("exporter").text(key_text(row.exporter));
  w.key("tcp_flags")
      .number(to_server.tcp_flags | to_client.tcp_flags)
      .key("src_as")
      .number(s.client_as)
      .key("dst_as")
      .number(s.server_as);
  show_carried(s, CarriedWriter{w});
  if (s.protocol == kIpProtocolIcmp || s.protocol == kIpProtocolIcmpV6)
    w.key("icmp_type").number(seen.icmp >> 8).key("icmp_code").number(seen.icmp & 0xff);
  w.key("sampling").number(row.rate).key("reason").text(server_reason_name(s.reason));
  const auto application = names.derived.names
                               ? names.derived.names->applications.code_of(s.protocol, s.server_port, s.server,
                                                                           s.client, s.server_as, s.application)
                               : s.application;
  if (!row.told_application.empty()) w.key("application").text(row.told_application);
  else if (application == 0) w.key("application").null();
  else if (const auto* name = names.derived.names ? names.derived.names->application_name(application) : nullptr)
    w.key("application").text(*name);
  else w.key("application").number(application);
  const auto network = [&](std::string_view key, const IpAddress& address) {
    const auto* label = names.derived.names ? &names.derived.names->networks.label_of(address) : nullptr;
    if (label != nullptr && !label->empty()) w.key(key).text(*label);
  };
  network("client_network", s.client);
  network("server_network", s.server);
  w.key("quality").begin_array();
  for (const auto* word : quality_words(s.quality)) w.text(word);
  w.end_array().end_object();
}

}  // namespace

void write_range(JsonWriter& w, const TimeRange& range) {
  w.begin_object().key("from_ms").number(range.from_ms).key("to_ms").number(range.to_ms).end_object();
}

void write_measures(JsonWriter& w, const Measures& m) {
  w.key("octets")
      .number(m.octets)
      .key("packets")
      .number(m.packets)
      .key("flows")
      .number(m.flows)
      .key("sessions")
      .number(m.sessions);
  if (m.saturated) w.key("saturated").boolean(true);
}

void write_key(JsonWriter& w, const std::vector<FieldId>& by, const std::vector<KeyValue>& key) {
  w.begin_object();
  for (std::size_t i = 0; i < by.size(); ++i) {
    w.key(field_info(by[i]).word);
    if (const auto* number = std::get_if<std::uint64_t>(&key[i])) w.number(*number);
    else w.text(to_valid_utf8(key_text(key[i])));
  }
  w.end_object();
}

void write_warnings(JsonWriter& w, const std::vector<std::string>& warnings) {
  if (warnings.empty()) return;
  w.key("warnings").begin_array();
  for (const auto& warning : warnings) w.text(to_valid_utf8(warning));
  w.end_array();
}

void write_unknown_names(JsonWriter& w, const std::vector<Error>& names) {
  if (names.empty()) return;
  w.key("unknown_names").begin_array();
  for (const auto& name : names)
    w.begin_object().key("column").number(name.column).key("message").text(to_valid_utf8(name.message)).end_object();
  w.end_array();
}

void write_work(JsonWriter& w, const QueryWork& work) {
  w.key("explain").begin_object().key("segments").number(work.segments).key("ruled_out").number(work.ruled_out);
  w.key("unreadable").number(work.unreadable).key("read").number(work.read).key("spared").number(work.spared);
  w.key("sums").number(work.sums);
  if (!work.without_sums.empty()) w.key("without_sums").text(work.without_sums);
  w.key("passes").number(work.passes);
  w.key("threads").number(work.threads).key("column_bytes").number(work.column_bytes).key("columns").begin_array();
  for (std::size_t i = 0; i < work.columns.size(); ++i) {
    if (work.columns[i]) w.text(kColumns[i].name);
  }
  w.end_array().end_object();
}

bool keys_are_ends(const std::vector<FieldId>& by) { return std::any_of(by.begin(), by.end(), is_end); }

std::string query_result_json(const Query& query, const QueryResult& result, const ResultContext& context,
                              const KeyNames& names) {
  JsonWriter w;
  w.begin_object().key("range");
  write_range(w, result.range);
  w.key("totals").begin_object();
  write_measures(w, result.totals);
  w.end_object();
  write_rows(w, query, result, names);
  write_series(w, query, result);

  write_quality(w, result.quality, result.range, context, names);
  w.key("took_ms").number(context.took_ms).key("sessions_scanned").number(result.sessions_scanned);
  w.key("unscaled").boolean(query.unscaled);
  if (query.tell_work) write_work(w, result.work);
  write_warnings(w, result.warnings);
  write_unknown_names(w, result.unknown_names);
  return w.end_object().take();
}

std::string session_result_json(const SessionResult& result, const ResultContext& context, const KeyNames& names) {
  JsonWriter w;
  w.begin_object().key("range");
  write_range(w, result.range);
  w.key("totals").begin_object();
  write_measures(w, result.totals);
  w.end_object().key("total_sessions").number(result.total_sessions);
  w.key("sessions").begin_array();
  for (const auto& row : result.sessions) write_session(w, row, names);
  w.end_array();
  write_quality(w, result.quality, result.range, context, names);
  w.key("took_ms").number(context.took_ms);
  write_warnings(w, result.warnings);
  write_unknown_names(w, result.unknown_names);
  return w.end_object().take();
}

std::string totals_json(const QueryResult& result, const ResultContext& context, const KeyNames& names) {
  JsonWriter w;
  w.begin_object().key("range");
  write_range(w, result.range);
  w.key("totals").begin_object();
  write_measures(w, result.totals);
  w.end_object();
  write_quality(w, result.quality, result.range, context, names);
  write_warnings(w, result.warnings);
  write_unknown_names(w, result.unknown_names);
  return w.end_object().take();
}

}  // namespace weir
