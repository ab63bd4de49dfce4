// Results as JSON in the contract's shapes (schemas/shapes/query_result.json and flows.sessions), for the API and for
// `weir query --format json`. Any thread.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "api/json_writer.hpp"
#include "api/key_names.hpp"
#include "api/quality_json.hpp"
#include "query/query.hpp"

namespace weir {

void write_range(JsonWriter& w, const TimeRange& range);
// Into an object that has begun.
void write_measures(JsonWriter& w, const Measures& m);
void write_key(JsonWriter& w, const std::vector<FieldId>& by, const std::vector<KeyValue>& key);
// Into an object that has begun; nothing if there are none.
void write_warnings(JsonWriter& w, const std::vector<std::string>& warnings);
// The object "explain".
void write_work(JsonWriter& w, const QueryWork& work);

std::string query_result_json(const Query& query, const QueryResult& result, const ResultContext& context,
                              const KeyNames& names = {});
std::string session_result_json(const SessionResult& result, const ResultContext& context, const KeyNames& names = {});
std::string totals_json(const QueryResult& result, const ResultContext& context, const KeyNames& names = {});

// Whether rows grouped by these fields tell what each key received and sent.
bool keys_are_ends(const std::vector<FieldId>& by);

}  // namespace weir
