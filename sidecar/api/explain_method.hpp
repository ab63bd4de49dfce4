// flows.explain: why a stretch differs from others. On a query thread; what a token may see is enforced in its queries.
#pragma once
#include <string>

#include "api/backend.hpp"
#include "api/rpc_methods.hpp"
#include "query/explain.hpp"

namespace weir {

RpcResult<std::string> flows_explain(const RpcCall& call);
// As explain(); says so when other collectors have flows that it does not look at.
Result<Explanation> explain_own(ApiBackend& backend, const ExplainQuery& query, const QueryControl& control);

}  // namespace weir
