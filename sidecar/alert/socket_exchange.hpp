// A connection for one request and its answer, with a time limit for each step. One thread; blocks.
#pragma once
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstdint>
#include <string>

#include "core/result.hpp"

namespace weir {

struct HostPort {
  std::string host, port;
};
// "host", "host:port", "[v6]:port".
Result<HostPort> parse_host_port(const std::string& text, const std::string& default_port);

// Runs `io` until the operation that `start(done)` begins is done. On time-out calls `abort` and gives timed_out.
template <class Start, class Abort>
boost::system::error_code run_step(boost::asio::io_context& io, std::int64_t timeout_ms, Start&& start, Abort&& abort) {
  boost::system::error_code outcome = boost::asio::error::timed_out;
  io.restart();
  start([&outcome](const boost::system::error_code& code) { outcome = code; });
  io.run_for(std::chrono::milliseconds(timeout_ms));
  if (io.stopped()) return outcome;
  abort();
  io.restart();
  io.run();
  return boost::asio::error::timed_out;
}

// The error names host, port and the system's reason.
Result<void> connect_socket(boost::asio::io_context& io, boost::asio::ip::tcp::socket& socket, const HostPort& to, std::int64_t timeout_ms);
// Sends all of `request`, then reads up to `max_answer` bytes until the peer closes; 0: does not read.
Result<std::string> tcp_exchange(const HostPort& to, const std::string& request, std::size_t max_answer, std::int64_t timeout_ms);

}  // namespace weir
