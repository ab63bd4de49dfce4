// Params as schemas/shapes/query_params.json has them.
#include "peers/peer_question.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>

#include "api/json_writer.hpp"
#include "api/query_json.hpp"
#include "core/time_zone.hpp"
#include "query/prefix_column.hpp"

namespace weir {

namespace {

void begin_call(JsonWriter& w, std::string_view method) {
  w.begin_object()
      .key("jsonrpc")
      .text("2.0")
      .key("id")
      .number(1)
      .key("method")
      .text(method)
      .key("params")
      .begin_object();
}

// Of the zone that times in the filter are in, now; "" for UTC.
std::string offset_text(const QueryControl& control) {
  if (control.zone == nullptr || control.zone->is_utc()) return {};
  const auto minutes = control.zone->offset_ms(control.now_ms.value_or(0)) / 60'000;
  char text[16];
  std::snprintf(text, sizeof text, "%c%02d:%02d", minutes < 0 ? '-' : '+',
                static_cast<int>(std::abs(minutes) / 60) % 100, static_cast<int>(std::abs(minutes) % 60));
  return text;
}

template <class Question>
void write_scope(JsonWriter& w, const Question& query, const QueryControl& control) {
  if (query.range) {
    w.key("range");
    write_range(w, *query.range);
  }
  w.key("filter")
      .text(query.filter)
      .key("unscaled")
      .boolean(query.unscaled)
      .key("foreign_names")
      .boolean(query.foreign_names);
  w.key("peers").boolean(false);  // two that ask each other would never end
  if (control.now_ms) w.key("now_ms").number(*control.now_ms);
  if (const auto offset = offset_text(control); !offset.empty()) w.key("utc_offset").text(offset);
  if (!query.allowed_exporters) return;
  w.key("exporters").begin_array();
  for (const auto& address : *query.allowed_exporters) w.text(address.text());
  w.end_array();
}

std::string field_word(FieldId field, const PrefixLengths& prefix) {
  const auto& info = field_info(field);
  std::string word(info.word);
  return info.derived == DerivedId::kPrefix ? word + "/" + std::to_string(prefix.v4) + "/" + std::to_string(prefix.v6)
                                            : word;
}

// Position in kRankWords; the reverse of rank_by().
std::size_t rank_word(const Query& query) {
  return query.rank == RankBy::kMeasure ? static_cast<std::size_t>(query.measure)
                                        : kMeasureWords.size() + static_cast<std::size_t>(query.rank) - 1;
}

}  // namespace

Query asked_of_peer(Query query) {
  // flows.top has at least one field and one row, unless it names the rows.
  if (query.by.empty() || query.limit == 0) query.keys = query.keys.value_or(std::vector<std::vector<KeyValue>>{});
  if (query.by.empty()) query.by = {FieldId::kExporter};
  query.limit = std::max(1u, query.limit);
  return query;
}

std::string top_call(const Query& query, const QueryControl& control) {
  constexpr std::array<std::string_view, 3> kDirections{"both", "talkers", "listeners"};
  JsonWriter w;
  begin_call(w, "flows.top");
  write_scope(w, query, control);
  w.key("by").begin_array();
  for (const auto field : query.by) w.text(field_word(field, query.prefix));
  w.end_array();
  w.key("direction").text(kDirections[static_cast<std::size_t>(query.direction)]);
  w.key("measure").text(kRankWords[rank_word(query)]).key("order").text(query.ascending ? "asc" : "desc");
  w.key("limit").number(query.limit).key("buckets").number(query.buckets);
  w.key("once").boolean(query.once).key("at_least").number(query.at_least);
  if (query.keys) {
    w.key("keys").begin_array();
    for (const auto& key : *query.keys) write_key(w, query.by, key);
    w.end_array();
  }
  w.end_object().end_object();
  return w.take();
}

std::string sessions_call(const SessionQuery& query, const QueryControl& control) {
  JsonWriter w;
  begin_call(w, "flows.sessions");
  write_scope(w, query, control);
  w.key("sort")
      .text(kSessionOrderWords[static_cast<std::size_t>(query.order)])
      .key("order")
      .text(query.ascending ? "asc" : "desc");
  w.key("limit").number(std::max(1u, query.limit)).key("offset").number(query.offset);
  w.end_object().end_object();
  return w.take();
}

}  // namespace weir
