// HTTP/1.1 on one accepted connection, with or without TLS; hands itself over when the client asks for a WebSocket.
// API thread only. The sessions own themselves.
#pragma once
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>

#include "api/api_services.hpp"

namespace weir {

// `tls`: nullptr for plain HTTP.
void start_http_session(ApiServices& services, boost::asio::ip::tcp::socket socket, boost::asio::ssl::context* tls);

}  // namespace weir
