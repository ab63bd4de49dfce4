// Polls, accepts, reads, and hands datagrams on.
#include "receive/tcp_listener.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <stdexcept>

#include "core/byte_cursor.hpp"
#include "core/log.hpp"
#include "receive/socket_address.hpp"

namespace weir {

namespace {

constexpr std::uint16_t kIpfixVersion = 10;
constexpr std::size_t kIpfixHeader = 16, kLongestMessage = 65'535;  // RFC 7011 3.1
constexpr int kLookMs = 1'000;                                      // for sessions that are silent
constexpr int kCrowdedMs = 50;                                      // before it is asked again whether there is room
constexpr unsigned kReadsPerTurn = 4;

int open_listener(const ListenAddress& listen) {
  const auto fail = [&](const char* what, int code, int fd) {
    if (fd >= 0) close(fd);
    const std::string fix =
        code == EADDRINUSE ? "; another program listens there: stop it, or choose another port by receive.tcp_listen"
                           : "; see receive.tcp_listen";
    throw std::runtime_error("receive.tcp_listen: cannot " + std::string(what) + " TCP port " +
                             std::to_string(listen.port) + " ('" + listen.text + "'): " + std::strerror(code) + fix);
  };
  int family = 0;
  const int fd = open_listening_socket(listen.address, SOCK_STREAM, family);
  if (fd < 0) fail("open", errno, fd);
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind_to(fd, family, listen.address, listen.port) != 0) fail("bind", errno, fd);
  if (::listen(fd, 64) != 0) fail("listen on", errno, fd);
  return fd;
}

}  // namespace

struct TcpListener::Socket {
  int fd = -1;
  ListenAddress address;
  std::atomic<std::uint64_t> connections{0}, accepted{0}, refused{0}, idle_closed{0}, broken{0}, messages{0}, bytes{0};
  ~Socket() {
    if (fd >= 0) close(fd);
  }
};

struct TcpListener::Session {
  int fd = -1;
  Socket* socket = nullptr;
  IpAddress source;
  std::uint16_t source_port = 0;
  std::int64_t heard_ms = 0;        // of the steady clock: the last whole message
  std::vector<std::uint8_t> bytes;  // of a message that is not whole yet
  ~Session() {
    if (fd >= 0) close(fd);
  }
};

TcpListener::TcpListener(const std::vector<ListenAddress>& addresses, const TcpLimits& limits, const Clock& clock,
                         DatagramSink& sink, std::function<bool(const IpAddress&)> is_allowed,
                         std::function<bool()> has_room)
    : limits_(limits), clock_(clock), sink_(sink), is_allowed_(std::move(is_allowed)), has_room_(std::move(has_room)) {
  for (const auto& a : addresses) {
    auto s = std::make_unique<Socket>();
    s->address = a;
    s->fd = open_listener(a);
    sockaddr_storage bound{};
    socklen_t length = sizeof bound;
    if (getsockname(s->fd, reinterpret_cast<sockaddr*>(&bound), &length) == 0) address_of(bound, s->address.port);
    sockets_.push_back(std::move(s));
  }
  wake_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}

TcpListener::~TcpListener() {
  stop();
  if (wake_ >= 0) close(wake_);
}

void TcpListener::start() {
  if (!sockets_.empty()) thread_ = std::thread([this] { run(); });
}

void TcpListener::stop() {
  if (!thread_.joinable()) return;
  stopping_ = true;
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = write(wake_, &one, sizeof one);
  thread_.join();
}

std::vector<TcpListenerStatus> TcpListener::status() const {
  std::vector<TcpListenerStatus> all;
  for (const auto& s : sockets_) {
    all.push_back({.address = s->address.text,
                   .port = s->address.port,
                   .connections = s->connections,
                   .accepted = s->accepted,
                   .refused = s->refused,
                   .idle_closed = s->idle_closed,
                   .broken = s->broken,
                   .messages = s->messages,
                   .bytes = s->bytes});
  }
  return all;
}

void TcpListener::run() {
  std::vector<pollfd> polled;
  while (true) {
    const bool last_round = stopping_;
    const bool reads = last_round || has_room_();
    polled.clear();
    polled.push_back({.fd = wake_, .events = POLLIN, .revents = 0});
    for (const auto& s : sockets_) polled.push_back({.fd = s->fd, .events = POLLIN, .revents = 0});
    for (const auto& s : sessions_)
      polled.push_back({.fd = s->fd, .events = static_cast<short>(reads ? POLLIN : 0), .revents = 0});
    if (poll(polled.data(), polled.size(), last_round ? 0 : reads ? kLookMs : kCrowdedMs) < 0 && errno != EINTR) {
      log_of("receive")->error("no connections are read any more: poll: {}", std::strerror(errno));
      return;
    }
    const std::int64_t now_ms = clock_.steady_ms();
    const std::size_t first = 1 + sockets_.size(), known = sessions_.size();
    for (std::size_t i = 0; i < known; ++i) {
      auto& session = *sessions_[i];
      const bool wants = reads && (polled[first + i].revents & (POLLIN | POLLHUP | POLLERR)) != 0;
      if (wants && !read(session)) {
        end(session);
      } else if (now_ms - session.heard_ms > limits_.idle_ms) {
        ++session.socket->idle_closed;
        end(session);
      }
    }
    std::erase_if(sessions_, [](const auto& s) { return s->fd < 0; });
    if (last_round) {
      for (auto& s : sessions_) end(*s);
      sessions_.clear();
      return;
    }
    for (std::size_t i = 0; i < sockets_.size(); ++i) {
      if ((polled[1 + i].revents & POLLIN) != 0) accept_one(*sockets_[i]);
    }
  }
}

void TcpListener::accept_one(Socket& socket) {
  sockaddr_storage from{};
  socklen_t length = sizeof from;
  const int fd = accept4(socket.fd, reinterpret_cast<sockaddr*>(&from), &length, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (fd < 0) return;
  auto session = std::make_unique<Session>();
  session->fd = fd;
  session->socket = &socket;
  session->source = address_of(from, session->source_port);
  session->heard_ms = clock_.steady_ms();
  const auto of_address =
      std::count_if(sessions_.begin(), sessions_.end(), [&](const auto& s) { return s->source == session->source; });
  if (!is_allowed_(session->source) || sessions_.size() >= limits_.max_connections ||
      static_cast<std::uint32_t>(of_address) >= limits_.max_per_address) {
    ++socket.refused;
    return;
  }
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  ++socket.accepted;
  ++socket.connections;
  sessions_.push_back(std::move(session));
}

bool TcpListener::read(Session& session) {
  for (unsigned turn = 0; turn < kReadsPerTurn; ++turn) {
    const std::size_t held = session.bytes.size();
    session.bytes.resize(held + kLongestMessage);
    const auto got = recv(session.fd, session.bytes.data() + held, kLongestMessage, 0);
    session.bytes.resize(held + (got > 0 ? static_cast<std::size_t>(got) : 0));
    if (got < 0) return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
    if (got == 0) return false;
    session.socket->bytes += static_cast<std::uint64_t>(got);
    if (!take_messages(session)) {
      ++session.socket->broken;
      log_of("receive")->warn("{} port {}: what comes by TCP is no IPFIX (RFC 7011 3.1); the connection is closed",
                              session.source.text(), session.source_port);
      return false;
    }
  }
  return true;
}

bool TcpListener::take_messages(Session& session) {
  const std::span<const std::uint8_t> all(session.bytes);
  std::size_t done = 0;
  while (all.size() - done >= kIpfixHeader) {
    ByteCursor header(all.subspan(done));
    const std::uint16_t version = header.u16();
    const std::size_t length = header.u16();
    if (version != kIpfixVersion || length < kIpfixHeader) return false;
    if (all.size() - done < length) break;
    const Datagram message{.source = session.source,
                           .source_port = session.source_port,
                           .local_port = session.socket->address.port,
                           .arrival_ms = clock_.now_ms(),
                           .payload = all.subspan(done, length),
                           .via = {},
                           .carriage = Carriage::kSession};
    sink_.on_datagrams({&message, 1});
    ++session.socket->messages;
    session.heard_ms = clock_.steady_ms();
    done += length;
  }
  session.bytes.erase(session.bytes.begin(), session.bytes.begin() + static_cast<std::ptrdiff_t>(done));
  return true;
}

void TcpListener::end(Session& session) {
  const Datagram end{.source = session.source,
                     .source_port = session.source_port,
                     .local_port = session.socket->address.port,
                     .arrival_ms = clock_.now_ms(),
                     .payload = {},
                     .via = {},
                     .carriage = Carriage::kSessionEnd};
  sink_.on_datagrams({&end, 1});
  --session.socket->connections;
  close(session.fd);
  session.fd = -1;
}

}  // namespace weir
