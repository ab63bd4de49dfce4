// A connection of a client that takes its time: bytes out, bytes in, and whether the server has closed. One thread.
#pragma once
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace weir::testing {

class RawClient {
 public:
  static constexpr int kPatienceMs = 30'000;  // past it a test fails rather than hangs

  explicit RawClient(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
      throw std::runtime_error("connect");
  }
  RawClient(RawClient&& other) noexcept
      : socket_(std::exchange(other.socket_, -1)), received_(std::move(other.received_)) {}
  RawClient& operator=(RawClient&&) = delete;
  ~RawClient() {
    if (socket_ >= 0) ::close(socket_);
  }

  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
  // All that comes up to and with `expected`; what came, when the server closed before.
  std::string receive_until(const std::string& expected) {
    while (received_.find(expected) == std::string::npos && take(kPatienceMs)) {}
    const auto at = received_.find(expected);
    if (at == std::string::npos) return std::exchange(received_, {});
    auto text = received_.substr(0, at + expected.size());
    received_.erase(0, text.size());
    return text;
  }
  // Waits until the server has closed.
  bool is_closed_in_time() {
    while (take(kPatienceMs)) {}
    return true;
  }
  // Whether it has closed by now.
  bool is_closed() {
    pollfd waiting{.fd = socket_, .events = POLLIN, .revents = 0};
    while (::poll(&waiting, 1, 0) > 0) {
      if (!take(0)) return true;
    }
    return false;
  }

 private:
  // False when the server has closed.
  bool take(int patience_ms) {
    pollfd waiting{.fd = socket_, .events = POLLIN, .revents = 0};
    if (::poll(&waiting, 1, patience_ms) <= 0) throw std::runtime_error("nothing came; before: " + received_);
    char bytes[16 * 1024];
    const auto count = ::recv(socket_, bytes, sizeof bytes, 0);
    if (count <= 0) return false;
    received_.append(bytes, static_cast<std::size_t>(count));
    return true;
  }

  int socket_;
  std::string received_;
};

}  // namespace weir::testing
