// JSON-RPC over one WebSocket: login first, answers and notifications in one bounded line out, closed when the token
// has ended and no new one came. API thread only. The sessions own themselves.
#pragma once
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

#include "api/api_services.hpp"
#include "api/client_stream.hpp"
#include "api/connection_slot.hpp"

namespace weir {

using UpgradeRequest = boost::beast::http::request<boost::beast::http::string_body>;

// Goes on with the place that `former` has. A login is waited for from `opened_ms` (steady) on.
void start_websocket_session(ApiServices& services, ClientStream stream, ConnectionSlot& former, std::int64_t opened_ms,
                             UpgradeRequest request);

}  // namespace weir
