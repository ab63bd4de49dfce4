// A connection for one request and its answer, with a time limit for each step. One thread; blocks.
#pragma once
#include <atomic>
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
  std::int64_t timeout_ms = 10'000;             // of each step: name, connection, request, answer
  const std::atomic<bool>* stopping = nullptr;  // when set, a step ends at once
};

// Sends all of `request`, then reads up to `max_answer` bytes until the peer closes; 0: does not read.
Result<std::string> tcp_exchange(const HostPort& to, const std::string& request, std::size_t max_answer,
                                 const ExchangeLimit& limit);

}  // namespace weir
