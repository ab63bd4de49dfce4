// JSON-RPC 2.0: text in, text out, whatever carries it. API thread only; queries run in the pool and come back here.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "api/api_services.hpp"
#include "api/rpc_session.hpp"

namespace weir {

inline constexpr std::size_t kMaxBatch = 64;  // calls in one message
inline constexpr std::size_t kMaxJsonDepth = 16;
inline constexpr std::size_t kMaxRequestIdLength = 128;
inline constexpr std::int64_t kProgressAfterMs = 250;

// Calls `done` exactly once, on the API thread, with the answer; with "" when there is nothing to answer (only
// notifications). Not at all when the server stops first.
using RpcDone = std::function<void(std::string answer)>;
void dispatch_rpc(ApiServices& services, const std::shared_ptr<RpcSession>& session, std::string_view text,
                  RpcDone done);

// An error response; `id` is JSON text.
std::string rpc_error_text(std::string_view id, const RpcError& error);

}  // namespace weir
