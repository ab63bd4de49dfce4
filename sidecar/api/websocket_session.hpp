// JSON-RPC over one WebSocket: login first, answers and notifications in one bounded line out, closed when the token has
// ended and no new one came. API thread only. The sessions own themselves.
#pragma once
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

#include "api/api_services.hpp"

namespace weir {

using PlainStream = boost::beast::tcp_stream;
using TlsStream = boost::asio::ssl::stream<boost::beast::tcp_stream>;
using UpgradeRequest = boost::beast::http::request<boost::beast::http::string_body>;

void start_websocket_session(ApiServices& services, PlainStream stream, UpgradeRequest request);
void start_websocket_session(ApiServices& services, TlsStream stream, UpgradeRequest request);

}  // namespace weir
