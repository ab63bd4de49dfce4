// Results as JSON in the contract's shapes (schemas/shapes/query_result.json and flows.sessions), for the API and for
// `weir query --format json`. Any thread.
#pragma once
#include <cstdint>
#include <functional>
#include <string>

#include "api/key_names.hpp"
#include "query/query.hpp"

namespace weir {

// What the asker knows beside the result.
struct ResultContext {
  std::int64_t took_ms = 0;
  std::uint64_t lost = 0;     // flow records lost by sequence
  std::int64_t late_ms = 0;   // how far the newest stored data is behind the end of the range
};

std::string query_result_json(const Query& query, const QueryResult& result, const ResultContext& context, const KeyNames& names = {});
// `exporter_address` gives the address of an exporter's id.
std::string session_result_json(const SessionResult& result, std::int64_t took_ms,
                                const std::function<IpAddress(std::uint32_t)>& exporter_address, const KeyNames& names = {});
std::string totals_json(const QueryResult& result);

// Whether rows grouped by these fields tell what each key received and sent.
bool keys_are_ends(const std::vector<FieldId>& by);

}  // namespace weir
