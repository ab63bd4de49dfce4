// ADDRESS:PORT of a setting that says where to listen. Pure; any thread.
#pragma once
#include <boost/asio/ip/tcp.hpp>
#include <string>

#include "core/result.hpp"

namespace weir {

// "127.0.0.1:8710", "[::1]:8710", "localhost:8710"; port 0: any free one. The error says what is wrong, not where.
Result<boost::asio::ip::tcp::endpoint> parse_listen_endpoint(const std::string& text);

}  // namespace weir
