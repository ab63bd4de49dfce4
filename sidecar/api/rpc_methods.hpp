// The table of methods: what there is, who may call it, and where it runs. A method gets checked params and returns
// the JSON text of its result. Constant: any thread reads it.
#pragma once
#include <array>
#include <boost/json/fwd.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/quality_json.hpp"
#include "api/rpc_error.hpp"
#include "api/rpc_method_heads.hpp"
#include "api/token.hpp"
#include "query/query.hpp"

namespace weir {

struct ApiServices;
class RpcSession;
struct TokenClaims;

// One call under way.
struct RpcCall {
  ApiServices& services;
  const TokenClaims& claims;
  const boost::json::object& params;
  RpcSession* session = nullptr;  // of methods on the API thread
  QueryControl control{};         // of methods on a query thread
};

using RpcHandler = RpcResult<std::string> (*)(const RpcCall& call);

struct RpcMethod : RpcMethodHead {
  RpcHandler handler;
};

extern const std::array<RpcMethod, kRpcMethodCount> kRpcMethods;  // in the order of their names
const RpcMethod* find_rpc_method(std::string_view name);

// The only one that needs no token before it.
inline constexpr std::string_view kLoginMethod = "auth.login";
// The only one that a token of the console is for.
inline constexpr std::string_view kConsoleMethod = "console.run";

// Fails when the call has params.
std::optional<RpcError> refuse_params(const RpcCall& call);
// The exporters that the claims let their holder see; none: all.
std::optional<std::vector<IpAddress>> allowed_exporters(const TokenClaims& claims);
// Of the exporters that somebody asks for, those that the claims let their holder see; none: all.
void restrict_exporters(std::optional<std::vector<IpAddress>>& asked, const TokenClaims& claims);
// Why a query has no answer, for its caller.
RpcError query_error(const Error& error, const QueryControl& control);
// For the answer's JSON: what is missing in it, and how long it took.
ResultContext result_context(ApiServices& services, AnswerGaps&& gaps, std::int64_t started_ms);
// Runs `query` over what the claims let their holder see.
RpcResult<Answer<QueryResult>> run_allowed_query(ApiServices& services, const TokenClaims& claims, Query& query,
                                                 const QueryControl& control);
// The JSON text of flows.top for `query`. Subscriptions and flows.top share it.
RpcResult<std::string> answer_top_query(ApiServices& services, const TokenClaims& claims, Query query,
                                        const QueryControl& control);

}  // namespace weir
