// IPFIX over TCP (RFC 7011 10.4): a connection is a transport session, a stream of messages that each tell their
// length. One thread reads all of them; each message goes to the sink as it is, and so does the end of a session.
// Bounded in connections, in octets of each, and in the time that one may be silent.
#pragma once
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "core/clock.hpp"
#include "receive/datagram.hpp"
#include "receive/udp_listener.hpp"

namespace weir {

struct TcpLimits {
  std::uint32_t max_connections = 64, max_per_address = 8;
  std::int64_t idle_ms = 600'000;  // without a whole message
};

struct TcpListenerStatus {
  std::string address;
  std::uint16_t port = 0;
  std::uint64_t connections = 0;  // now
  std::uint64_t accepted = 0, refused = 0, idle_closed = 0;
  std::uint64_t broken = 0;  // closed because what came is no IPFIX
  std::uint64_t messages = 0, bytes = 0;
};

class TcpListener {
 public:
  // Binds every address at once. Throws std::runtime_error naming the port, the system's reason and the setting.
  // `is_allowed`: who may connect. `has_room`: while it is false nothing is read, so that senders wait; both are called
  // on the listener's thread.
  TcpListener(const std::vector<ListenAddress>& addresses, const TcpLimits& limits, const Clock& clock,
              DatagramSink& sink, std::function<bool(const IpAddress&)> is_allowed, std::function<bool()> has_room);
  ~TcpListener();
  TcpListener(const TcpListener&) = delete;
  TcpListener& operator=(const TcpListener&) = delete;

  void start();
  // Reads what has come, and closes all connections.
  void stop();
  std::vector<TcpListenerStatus> status() const;

 private:
  struct Socket;
  struct Session;
  void run();
  void accept_one(Socket& socket);
  // False when the session has ended.
  bool read(Session& session);
  // Hands on whole messages; false: what comes is no IPFIX.
  bool take_messages(Session& session);
  void end(Session& session);

  const TcpLimits limits_;
  const Clock& clock_;
  DatagramSink& sink_;
  const std::function<bool(const IpAddress&)> is_allowed_;
  const std::function<bool()> has_room_;
  std::vector<std::unique_ptr<Socket>> sockets_;
  std::vector<std::unique_ptr<Session>> sessions_;
  int wake_ = -1;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace weir
