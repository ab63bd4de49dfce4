// A connection for one request and its answer, with a time limit for each step. One thread; blocks.
#pragma once
#include <algorithm>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstdint>
#include <string>

#include "core/result.hpp"

namespace weir {

struct HostPort {
  std::string host, port;
  std::string text() const { return host + " port " + port; }
};
// "host", "host:port", "[v6]:port".
Result<HostPort> parse_host_port(const std::string& text, const std::string& default_port);

struct ExchangeLimit {
  std::int64_t timeout_ms = 10'000;              // of each step: name, connection, request, answer
  const std::atomic<bool>* stopping = nullptr;   // when set, a step ends at once
};

// Runs `io` until the operation that `start(done)` begins is done. On time-out calls `abort` and gives timed_out.
template <class Start, class Abort>
boost::system::error_code run_step(boost::asio::io_context& io, const ExchangeLimit& limit, Start&& start, Abort&& abort) {
  using namespace std::chrono;
  constexpr milliseconds kLookEvery{200};
  boost::system::error_code outcome = boost::asio::error::timed_out;
  io.restart();
  start([&outcome](const boost::system::error_code& code) { outcome = code; });
  const auto end = steady_clock::now() + milliseconds(limit.timeout_ms);
  while (!io.stopped() && steady_clock::now() < end && !(limit.stopping && *limit.stopping)) {
    io.run_until(std::min(end, steady_clock::now() + kLookEvery));
  }
  if (io.stopped()) return outcome;
  abort();
  io.restart();
  io.run();
  return boost::asio::error::timed_out;
}

// The error names host, port and the system's reason.
Result<void> connect_socket(boost::asio::io_context& io, boost::asio::ip::tcp::socket& socket, const HostPort& to, const ExchangeLimit& limit);
// Sends all of `request`, then reads up to `max_answer` bytes until the peer closes; 0: does not read.
Result<std::string> tcp_exchange(const HostPort& to, const std::string& request, std::size_t max_answer, const ExchangeLimit& limit);

}  // namespace weir
