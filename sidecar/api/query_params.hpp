// QueryParams and the like as clients write them (JSON params, or the query string of /export.csv) to queries. Any
// thread.
#pragma once
#include <boost/json/fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/rpc_error.hpp"
#include "query/query.hpp"

namespace weir {

class ParamReader;

// The param `range`; nothing when it is absent, or bad (then reader.failed()).
std::optional<TimeRange> read_range(ParamReader& reader);
// The param `utc_offset`, such as "+02:00"; nothing when it is absent, or bad (then reader.failed()).
std::optional<std::string> read_offset(ParamReader& reader);
// Errors name the param. `prefix` stands before it, for params within params.
RpcResult<Query> parse_query_params(const boost::json::object& params, std::string prefix = {});
RpcResult<Query> parse_totals_params(const boost::json::object& params);
RpcResult<SessionQuery> parse_session_params(const boost::json::object& params);

// "by=host,port&from_ms=1&filter=proto%20tcp": the same params as text, but `limit` is kMaxLimit unless given. The
// param `token` is passed over.
RpcResult<Query> parse_query_string(std::string_view query_string);

// Names and values of application/x-www-form-urlencoded text, decoded. The error speaks of a bad escape.
Result<std::vector<std::pair<std::string, std::string>>> decode_query_string(std::string_view query_string);

}  // namespace weir
