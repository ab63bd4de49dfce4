// One asynchronous operation run to its end, with a time limit. One thread; blocks. For the .cpp files of this stage:
// it brings in Asio, which takes a compiler seconds.
#pragma once
#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>

#include "exchange/socket_exchange.hpp"

namespace weir {

// Runs `io` until the operation that `start(done)` begins is done. On time-out calls `abort` and gives timed_out.
template <class Start, class Abort>
boost::system::error_code run_step(boost::asio::io_context& io, const ExchangeLimit& limit, Start&& start,
                                   Abort&& abort) {
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
Result<void> connect_socket(boost::asio::io_context& io, boost::asio::ip::tcp::socket& socket, const HostPort& to,
                            const ExchangeLimit& limit);

}  // namespace weir
