// The UDP listener over loopback: what is sent comes out, with its addresses, from IPv4 and IPv6.
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <condition_variable>
#include <mutex>

#include "receive/udp_listener.hpp"
#include "support/catch.hpp"

using namespace weir;

namespace {

class Collected final : public DatagramSink {
 public:
  struct Copy {
    IpAddress source;
    std::uint16_t local_port;
    std::int64_t arrival_ms;
    std::string payload;
  };
  void on_datagrams(std::span<const Datagram> datagrams) override {
    {
      const std::lock_guard lock(mutex_);
      for (const auto& d : datagrams) {
        copies_.push_back({.source = d.source,
                           .local_port = d.local_port,
                           .arrival_ms = d.arrival_ms,
                           .payload = std::string(d.payload.begin(), d.payload.end())});
      }
    }
    came_.notify_all();
  }
  std::vector<Copy> wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    came_.wait_for(lock, std::chrono::seconds(10), [&] { return copies_.size() >= count; });
    return copies_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable came_;
  std::vector<Copy> copies_;
};

ListenAddress listen(const std::string& text) {
  const auto parsed = parse_listen_address(text);
  REQUIRE(parsed.has_value());
  return *parsed;
}

void send_v4(std::uint16_t port, const std::string& payload) {
  const int fd = socket(AF_INET, SOCK_DGRAM, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  CHECK(sendto(fd, payload.data(), payload.size(), 0, reinterpret_cast<const sockaddr*>(&to), sizeof to) ==
        static_cast<ssize_t>(payload.size()));
  close(fd);
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("datagrams come out as they were sent, with their source and the kernel's time") {
  Collected out;
  UdpListener listener({listen("127.0.0.1:0"), listen("0")}, 1 << 20, out);
  listener.start();
  send_v4(listener.status()[0].port, "one");
  send_v4(listener.status()[1].port, std::string(60'000, 'x'));
  const auto copies = out.wait_for(2);
  listener.stop();
  REQUIRE(copies.size() == 2);
  for (const auto& c : copies) {
    CHECK(c.source.text() == "127.0.0.1");
    CHECK(c.arrival_ms > 1'600'000'000'000);
    CHECK(c.payload.size() == (c.local_port == listener.status()[0].port ? 3 : 60'000));
  }
  CHECK(listener.status()[0].datagrams == 1);
  CHECK(listener.status()[1].bytes == 60'000);
}

TEST_CASE("what the socket holds when it is stopped is read first") {
  Collected out;
  UdpListener listener({listen("127.0.0.1:0")}, 4 << 20, out);
  for (int i = 0; i < 500; ++i) send_v4(listener.status()[0].port, std::to_string(i));
  listener.start();
  listener.stop();
  CHECK(out.wait_for(500).size() == 500);
}

TEST_CASE("however much the socket holds when it is stopped is read first") {
  Collected out;
  UdpListener listener({listen("127.0.0.1:0")}, 32 << 20, out);
  const std::size_t sent =
      listener.status()[0].buffer_bytes >= 16u << 20 ? 5000 : 100;  // without rights the buffer is small
  for (std::size_t i = 0; i < sent; ++i) send_v4(listener.status()[0].port, "x");
  listener.start();
  listener.stop();
  CHECK(listener.status()[0].datagrams == sent);
}

TEST_CASE("a busy port names the port, the reason and the setting") {
  Collected out;
  const UdpListener first({listen("127.0.0.1:0")}, 1 << 20, out);
  const auto port = first.status()[0].port;
  try {
    const UdpListener second({listen("127.0.0.1:" + std::to_string(port))}, 1 << 20, out);
    FAIL("the second bind must fail");
  } catch (const std::runtime_error& e) {
    CHECK(contains(e.what(), "port " + std::to_string(port)));
    CHECK(contains(e.what(), "another program listens there"));
    CHECK(contains(e.what(), "receive.listen or --listen"));
  }
}

TEST_CASE("listen addresses are a port, address:port or [address]:port") {
  CHECK(listen("2055").port == 2055);
  CHECK(listen("2055").address.is_unset());
  CHECK(listen("192.0.2.1:4739").address.text() == "192.0.2.1");
  CHECK(listen("[2001:db8::1]:6343").address.text() == "2001:db8::1");
  for (const char* wrong : {"", "x", "70000", "1.2.3:5", "192.0.2.1:", ":", "[::1]", "20 55"}) {
    CAPTURE(wrong);
    const auto parsed = parse_listen_address(wrong);
    REQUIRE_FALSE(parsed.has_value());
    CHECK(contains(parsed.error().message, "is not a UDP address: give a port"));
  }
}
