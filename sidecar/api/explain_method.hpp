// flows.explain: why a stretch differs from others. On a query thread; what a token may see is enforced in its queries.
#pragma once
#include <string>

#include "api/rpc_methods.hpp"

namespace weir {

RpcResult<std::string> flows_explain(const RpcCall& call);

}  // namespace weir
