// console.run: a line of the console over the API, for admins. On a thread of the pool.
#pragma once
#include "api/rpc_methods.hpp"

namespace weir {

// Params {command}. Result {text, outcome}: "done", "not_understood", "not_done".
RpcResult<std::string> console_run(const RpcCall& call);

}  // namespace weir
