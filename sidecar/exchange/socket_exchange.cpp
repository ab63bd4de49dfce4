// Steps run one after the other on an io_context of their own.
#include "exchange/socket_exchange.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <vector>

#include "exchange/name_lookup.hpp"
#include "exchange/run_step.hpp"

namespace weir {

namespace asio = boost::asio;

Result<HostPort> parse_host_port(const std::string& text, const std::string& default_port) {
  HostPort to{.host = text, .port = default_port};
  if (text.starts_with('[')) {
    const auto close = text.find(']');
    if (close == std::string::npos) return error("'" + text + "': the bracket is not closed");
    to.host = text.substr(1, close - 1);
    if (close + 1 < text.size()) to.port = text[close + 1] == ':' ? text.substr(close + 2) : "";
  } else if (const auto colon = text.find(':');
             colon != std::string::npos && text.find(':', colon + 1) == std::string::npos) {
    to.host = text.substr(0, colon);
    to.port = text.substr(colon + 1);
  }
  const bool good = !to.host.empty() && to.host.find_first_of("/?#@[] ") == std::string::npos && !to.port.empty() &&
                    to.port.size() <= 5 && to.port.find_first_not_of("0123456789") == std::string::npos &&
                    std::stoul(to.port) <= 65535;
  if (!good) return error("'" + text + "' is not host:port");
  return to;
}

Result<void> connect_socket(asio::io_context& io, asio::ip::tcp::socket& socket, const HostPort& to,
                            const ExchangeLimit& limit) {
  const auto resolved = look_up(to, limit);
  if (!resolved) return resolved.error();
  std::vector<asio::ip::tcp::endpoint> endpoints;
  for (const auto& address : resolved->addresses) endpoints.emplace_back(address, resolved->port);
  const auto code = run_step(
      io, limit,
      [&](auto done) {
        asio::async_connect(socket, endpoints, [done](const boost::system::error_code& c, const auto&) { done(c); });
      },
      [&] {
        boost::system::error_code ignored;
        socket.close(ignored);
      });
  if (code) return error(to.text() + ": " + code.message());
  return {};
}

Result<std::string> tcp_exchange(const HostPort& to, const std::string& request, std::size_t max_answer,
                                 const ExchangeLimit& limit) {
  asio::io_context io;
  asio::ip::tcp::socket socket(io);
  if (auto connected = connect_socket(io, socket, to, limit); !connected) return connected.error();
  const auto abort = [&] {
    boost::system::error_code ignored;
    socket.close(ignored);
  };
  auto code = run_step(
      io, limit,
      [&](auto done) {
        asio::async_write(socket, asio::buffer(request),
                          [done](const boost::system::error_code& c, std::size_t) { done(c); });
      },
      abort);
  if (code) return error(to.text() + ": " + code.message());
  std::string answer;
  if (max_answer > 0) {
    code = run_step(
        io, limit,
        [&](auto done) {
          asio::async_read(socket, asio::dynamic_buffer(answer, max_answer),
                           [done](const boost::system::error_code& c, std::size_t) { done(c); });
        },
        abort);
    if (code && code != asio::error::eof) return error(to.text() + ": " + code.message());
  } else {
    // The bytes and the end go out; whether the peer reads them is not known.
    boost::system::error_code ignored;
    socket.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  }
  return answer;
}

}  // namespace weir
