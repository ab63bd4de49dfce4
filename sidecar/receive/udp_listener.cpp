// The receive thread: polls, reads by recvmmsg, hands datagrams on.
#include "receive/udp_listener.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <stdexcept>

#include "core/log.hpp"
#include "receive/socket_address.hpp"

namespace weir {

namespace {
constexpr unsigned kBatch = 64;
constexpr std::size_t kMaxDatagram = 65'536;
constexpr std::size_t kControlBytes = 128;
constexpr unsigned kBatchesPerWake = 16;  // then the other sockets get their turn

std::string reason_of(int code) { return std::strerror(code); }
}  // namespace

struct UdpListener::Socket {
  int fd = -1;
  ListenAddress address;
  std::uint64_t buffer_bytes = 0;
  std::uint32_t last_overflow = 0;
  std::atomic<std::uint64_t> datagrams{0}, bytes{0}, kernel_drops{0}, truncated{0};
  ~Socket() {
    if (fd >= 0) close(fd);
  }
};

struct UdpListener::Buffers {
  std::vector<std::uint8_t> payloads = std::vector<std::uint8_t>(kBatch * kMaxDatagram);
  std::array<std::array<std::uint8_t, kControlBytes>, kBatch> control{};
  std::array<sockaddr_storage, kBatch> from{};
  std::array<iovec, kBatch> parts{};
  std::array<mmsghdr, kBatch> messages{};
};

namespace {

int open_socket(const ListenAddress& listen, std::uint64_t wanted_bytes, std::uint64_t& granted_bytes) {
  const auto fail = [&](const char* what, int code, int fd) {
    if (fd >= 0) close(fd);
    std::string mend =
        code == EADDRINUSE
            ? "; another program listens there: stop it, or choose other ports by receive.listen or --listen"
        : code == EACCES ? "; ports below 1024 need the capability CAP_NET_BIND_SERVICE"
                         : "; see receive.listen";
    throw std::runtime_error("receive.listen: cannot " + std::string(what) + " UDP port " +
                             std::to_string(listen.port) + " ('" + listen.text + "'): " + reason_of(code) + mend);
  };
  int family = 0;
  const int fd = open_listening_socket(listen.address, SOCK_DGRAM, family);
  if (fd < 0) fail("open", errno, fd);

  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof on);
  setsockopt(fd, SOL_SOCKET, SO_TIMESTAMP, &on, sizeof on);
  const int size = static_cast<int>(std::min<std::uint64_t>(wanted_bytes, 1u << 30));
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) != 0)
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  int granted = 0;
  socklen_t length = sizeof granted;
  getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &granted, &length);
  granted_bytes = static_cast<std::uint64_t>(granted) / 2;  // the kernel doubles what was asked, see socket(7)

  if (bind_to(fd, family, listen.address, listen.port) != 0) fail("bind", errno, fd);
  return fd;
}

}  // namespace

UdpListener::UdpListener(const std::vector<ListenAddress>& addresses, std::uint64_t socket_buffer_bytes,
                         DatagramSink& sink)
    : sink_(sink) {
  for (const auto& a : addresses) {
    auto s = std::make_unique<Socket>();
    s->address = a;
    s->fd = open_socket(a, socket_buffer_bytes, s->buffer_bytes);
    sockaddr_storage bound{};
    socklen_t length = sizeof bound;
    if (getsockname(s->fd, reinterpret_cast<sockaddr*>(&bound), &length) == 0) address_of(bound, s->address.port);
    sockets_.push_back(std::move(s));
  }
  wake_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}

UdpListener::~UdpListener() {
  stop();
  if (wake_ >= 0) close(wake_);
}

void UdpListener::on_kernel_drops(std::function<void(const IpAddress&, std::uint64_t)> callback) {
  on_kernel_drops_ = std::move(callback);
}

void UdpListener::start() {
  thread_ = std::thread([this] { run(); });
}

void UdpListener::stop() {
  if (!thread_.joinable()) return;
  stopping_ = true;
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = write(wake_, &one, sizeof one);
  thread_.join();
}

std::vector<ListenerStatus> UdpListener::status() const {
  std::vector<ListenerStatus> all;
  for (const auto& s : sockets_) {
    all.push_back({.address = s->address.text,
                   .port = s->address.port,
                   .datagrams = s->datagrams,
                   .bytes = s->bytes,
                   .kernel_drops = s->kernel_drops,
                   .truncated = s->truncated,
                   .buffer_bytes = s->buffer_bytes});
  }
  return all;
}

void UdpListener::run() {
  Buffers buffers;
  for (unsigned i = 0; i < kBatch; ++i) {
    buffers.parts[i] = {.iov_base = buffers.payloads.data() + i * kMaxDatagram, .iov_len = kMaxDatagram};
  }
  std::vector<pollfd> polled;
  for (const auto& s : sockets_) polled.push_back({.fd = s->fd, .events = POLLIN, .revents = 0});
  polled.push_back({.fd = wake_, .events = POLLIN, .revents = 0});

  while (true) {
    const bool last_round = stopping_;
    if (!last_round && poll(polled.data(), polled.size(), -1) < 0 && errno != EINTR) {
      log_of("receive")->error("no datagrams are received any more: poll: {}", std::strerror(errno));
      return;
    }
    for (std::size_t i = 0; i < sockets_.size(); ++i) {
      if (!last_round && !(polled[i].revents & (POLLIN | POLLERR))) continue;
      // At the end as much as the socket can hold, and yet an end to a stream that does not stop.
      const std::uint64_t enough = sockets_[i]->bytes + sockets_[i]->buffer_bytes;
      for (unsigned n = 0;
           (last_round ? sockets_[i]->bytes < enough : n < kBatchesPerWake) && read_batch(*sockets_[i], buffers); ++n) {
      }
    }
    if (last_round) return;
  }
}

// True when the socket may hold more.
bool UdpListener::read_batch(Socket& socket, Buffers& b) {
  for (unsigned i = 0; i < kBatch; ++i) {
    auto& h = b.messages[i].msg_hdr;
    h = {};
    h.msg_name = &b.from[i];
    h.msg_namelen = sizeof b.from[i];
    h.msg_iov = &b.parts[i];
    h.msg_iovlen = 1;
    h.msg_control = b.control[i].data();
    h.msg_controllen = kControlBytes;
  }
  const int got = recvmmsg(socket.fd, b.messages.data(), kBatch, MSG_DONTWAIT, nullptr);
  if (got <= 0) return false;

  std::array<Datagram, kBatch> batch;
  std::uint64_t bytes = 0, drops = 0;
  IpAddress last;
  for (int i = 0; i < got; ++i) {
    auto& message = b.messages[i];
    Datagram& d = batch[static_cast<std::size_t>(i)];
    d = {.local_port = socket.address.port};
    d.source = last = address_of(b.from[i], d.source_port);
    for (cmsghdr* c = CMSG_FIRSTHDR(&message.msg_hdr); c; c = CMSG_NXTHDR(&message.msg_hdr, c)) {
      if (c->cmsg_level != SOL_SOCKET) continue;
      if (c->cmsg_type == SO_TIMESTAMP) {
        timeval stamp{};
        std::memcpy(&stamp, CMSG_DATA(c), sizeof stamp);
        d.arrival_ms = std::int64_t{stamp.tv_sec} * 1000 + stamp.tv_usec / 1000;
      } else if (c->cmsg_type == SO_RXQ_OVFL) {
        std::uint32_t total = 0;
        std::memcpy(&total, CMSG_DATA(c), sizeof total);
        drops += total - socket.last_overflow;
        socket.last_overflow = total;
      }
    }
    if (message.msg_hdr.msg_flags & MSG_TRUNC) ++socket.truncated;
    d.payload = {static_cast<const std::uint8_t*>(b.parts[i].iov_base), message.msg_len};
    bytes += message.msg_len;
  }
  socket.datagrams += static_cast<std::uint64_t>(got);
  socket.bytes += bytes;
  if (drops) {
    socket.kernel_drops += drops;
    if (on_kernel_drops_) on_kernel_drops_(last, drops);
  }
  sink_.on_datagrams(std::span(batch).first(static_cast<std::size_t>(got)));
  return got == static_cast<int>(kBatch);
}

}  // namespace weir
