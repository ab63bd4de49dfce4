// UDP sockets read in batches by recvmmsg on one thread; every payload goes to the sink unparsed. Kernel drops
// (SO_RXQ_OVFL) are counted per socket and shown by the address that last sent there.
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

namespace weir {

struct ListenAddress {
  std::string text;   // as configured: "2055" or "192.0.2.1:2055" or "[2001:db8::1]:2055"
  IpAddress address;  // unset: any address, IPv4 and IPv6
  std::uint16_t port = 0;
};
// The error names the text and the form that is allowed.
Result<ListenAddress> parse_listen_address(std::string_view text);

struct ListenerStatus {
  std::string address;
  std::uint16_t port = 0;
  std::uint64_t datagrams = 0, bytes = 0, kernel_drops = 0, truncated = 0;
  std::uint64_t buffer_bytes = 0;  // what the kernel granted
};

class UdpListener {
 public:
  // Binds every address at once. Throws std::runtime_error naming the port, the system's reason and the setting.
  UdpListener(const std::vector<ListenAddress>& addresses, std::uint64_t socket_buffer_bytes, DatagramSink& sink);
  ~UdpListener();
  UdpListener(const UdpListener&) = delete;
  UdpListener& operator=(const UdpListener&) = delete;

  // Called on the listener's thread when the kernel says that it dropped: last sender on that socket, new drops.
  void on_kernel_drops(std::function<void(const IpAddress&, std::uint64_t)> callback);
  void start();
  // Stops receiving; what the sockets still hold is read first.
  void stop();
  std::vector<ListenerStatus> status() const;

 private:
  struct Socket;
  struct Buffers;
  void run();
  bool read_batch(Socket& socket, Buffers& buffers);

  DatagramSink& sink_;
  std::vector<std::unique_ptr<Socket>> sockets_;
  std::function<void(const IpAddress&, std::uint64_t)> on_kernel_drops_;
  int wake_ = -1;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace weir
