// Messages of connections: cut anywhere, bounded, and the end of each connection told.
#include "receive/tcp_listener.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <condition_variable>
#include <mutex>

#include "support/catch.hpp"
#include "support/wire_bytes.hpp"

using namespace weir;
using weir::test::Wire;

namespace {

struct Sink final : DatagramSink {
  struct Message {
    std::uint16_t port;
    Carriage carriage;
    std::vector<std::uint8_t> payload;
  };
  void on_datagrams(std::span<const Datagram> datagrams) override {
    const std::lock_guard lock(mutex);
    for (const auto& d : datagrams)
      messages.push_back(
          {.port = d.source_port, .carriage = d.carriage, .payload = {d.payload.begin(), d.payload.end()}});
    came.notify_all();
  }
  // The first `count`, once they are there.
  std::vector<Message> wait(std::size_t count) {
    std::unique_lock lock(mutex);
    REQUIRE(came.wait_for(lock, std::chrono::seconds(20), [&] { return messages.size() >= count; }));
    return messages;
  }
  std::mutex mutex;
  std::condition_variable came;
  std::vector<Message> messages;
};

class Client {
 public:
  explicit Client(std::uint16_t port) : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0);
  }
  ~Client() { close(fd_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  void send(std::span<const std::uint8_t> bytes) const {
    REQUIRE(::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size()));
  }
  // Waits until the other side closes.
  bool is_closed() const {
    char byte;
    return recv(fd_, &byte, 1, 0) <= 0;
  }

 private:
  int fd_;
};

struct Bench {
  explicit Bench(const TcpLimits& limits = {})
      : listener(
            {*parse_listen_address("127.0.0.1:0")}, limits, clock, sink,
            [this](const IpAddress&) { return allowed.load(); }, [] { return true; }) {
    listener.start();
  }
  std::uint16_t port() const { return listener.status()[0].port; }
  ManualClock clock{1'000'000};
  Sink sink;
  std::atomic<bool> allowed{true};
  TcpListener listener;
};

Wire message(std::uint8_t mark) { return Wire().u16(10).u16(20).u32(1).u32(2).u32(3).u8(mark).zeros(3); }

}  // namespace

TEST_CASE("tcp: messages come whole, however the stream is cut, and the end of the connection is told") {
  Bench bench;
  {
    const Client client(bench.port());
    Wire all = message(1).add(message(2)).add(message(3));
    const std::span<const std::uint8_t> bytes(all.bytes());
    client.send(bytes.first(1));
    client.send(bytes.subspan(1, 30));
    bench.sink.wait(1);
    client.send(bytes.subspan(31));
    bench.sink.wait(3);
  }
  const auto came = bench.sink.wait(4);
  for (std::uint8_t i = 0; i < 3; ++i) {
    CHECK(came[i].payload == message(i + 1).bytes());
    CHECK(came[i].carriage == Carriage::kSession);
  }
  CHECK(came[3].carriage == Carriage::kSessionEnd);
  CHECK(came[3].port == came[0].port);
  const auto status = bench.listener.status()[0];
  CHECK(status.messages == 3);
  CHECK(status.bytes == 60);
  CHECK(status.accepted == 1);
}

TEST_CASE("tcp: what is no IPFIX ends the connection") {
  for (const Wire& wrong :
       {Wire().text("GET / HTTP/1.1\r\n\r\n"), Wire().u16(9).u16(20).zeros(16), Wire().u16(10).u16(4).zeros(16)}) {
    Bench bench;
    const Client client(bench.port());
    client.send(wrong.bytes());
    CHECK(client.is_closed());
    CHECK(bench.sink.wait(1)[0].carriage == Carriage::kSessionEnd);
    CHECK(bench.listener.status()[0].broken == 1);
  }
}

TEST_CASE("tcp: connections are bounded, in all and of an address, and may be refused") {
  SECTION("in all") {
    Bench bench({.max_connections = 1});
    const Client one(bench.port());
    one.send(message(1).bytes());
    bench.sink.wait(1);
    const Client other(bench.port());
    CHECK(other.is_closed());
    CHECK(bench.listener.status()[0].refused == 1);
  }
  SECTION("of an address") {
    Bench bench({.max_per_address = 1});
    const Client one(bench.port());
    one.send(message(1).bytes());
    bench.sink.wait(1);
    const Client other(bench.port());
    CHECK(other.is_closed());
  }
  SECTION("not allowed") {
    Bench bench;
    bench.allowed = false;
    const Client client(bench.port());
    CHECK(client.is_closed());
    CHECK(bench.listener.status()[0].accepted == 0);
  }
}

TEST_CASE("tcp: who sends no whole message for long is closed") {
  Bench bench({.idle_ms = 5'000});
  const Client client(bench.port());
  client.send(message(1).bytes());
  bench.sink.wait(1);
  client.send(std::span<const std::uint8_t>(message(2).bytes()).first(1));
  bench.clock.advance(5'001);
  CHECK(client.is_closed());
  CHECK(bench.listener.status()[0].idle_closed == 1);
}

TEST_CASE("tcp: a port that is taken is named, with the setting") {
  const Bench bench;
  Sink sink;
  const ManualClock clock(1);
  const auto again = [&] {
    return TcpListener(
        {*parse_listen_address("127.0.0.1:" + std::to_string(bench.port()))}, {}, clock, sink,
        [](const IpAddress&) { return true; }, [] { return true; });
  };
  CHECK_THROWS_WITH(again(), Catch::Matchers::ContainsSubstring("receive.tcp_listen"));
}
