// JSON-RPC over one WebSocket: login first, answers and notifications in one bounded line out, closed when the token has
// ended and no new one came. API thread only. The sessions own themselves.
#pragma once
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

#include "api/api_services.hpp"
#include "api/client_stream.hpp"

namespace weir {

using UpgradeRequest = boost::beast::http::request<boost::beast::http::string_body>;

void start_websocket_session(ApiServices& services, ClientStream stream, UpgradeRequest request);

}  // namespace weir
