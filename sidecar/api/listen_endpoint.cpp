// Splits a text at its last colon; IPv6 addresses are in brackets.
#include "api/listen_endpoint.hpp"

#include <charconv>

namespace weir {

namespace asio = boost::asio;
using asio::ip::tcp;

Result<tcp::endpoint> parse_listen_endpoint(const std::string& text) {
  const auto colon = text.rfind(':');
  if (colon == std::string::npos) return error("there is no port");
  std::uint16_t port = 0;
  const auto* end = text.data() + text.size();
  const auto [rest, failed] = std::from_chars(text.data() + colon + 1, end, port);
  if (failed != std::errc{} || rest != end) return error("the port is not a number up to 65535");
  auto name = text.substr(0, colon);
  if (name == "localhost") name = "127.0.0.1";
  const bool bracketed = name.size() > 2 && name.front() == '[' && name.back() == ']';
  boost::system::error_code bad;
  const auto address = asio::ip::make_address(bracketed ? name.substr(1, name.size() - 2) : name, bad);
  if (bad || bracketed != address.is_v6()) return error("the address is not an IP address");
  return tcp::endpoint(address, port);
}

}  // namespace weir
