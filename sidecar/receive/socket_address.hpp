// Addresses as the kernel writes them, and sockets that are bound to them. Any thread.
#pragma once
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <span>

#include "core/ip_address.hpp"

namespace weir {

inline IpAddress address_of(const sockaddr_storage& from, std::uint16_t& port) {
  if (from.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(from);
    port = ntohs(v6.sin6_port);
    return IpAddress::from_v6(std::span<const std::uint8_t, 16>(v6.sin6_addr.s6_addr, 16));
  }
  const auto& v4 = reinterpret_cast<const sockaddr_in&>(from);
  port = ntohs(v4.sin_port);
  return IpAddress::from_v4(ntohl(v4.sin_addr.s_addr));
}

// A socket of SOCK_DGRAM or SOCK_STREAM that does not block: of IPv6 that takes IPv4, too; of IPv4 for such an address,
// or where the kernel has no IPv6 and any address will do. Below 0: see errno. `family` is what it became.
inline int open_listening_socket(const IpAddress& address, int type, int& family) {
  family = !address.is_unset() && address.is_v4() ? AF_INET : AF_INET6;
  int fd = socket(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0 && errno == EAFNOSUPPORT && address.is_unset()) {
    family = AF_INET;
    fd = socket(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  }
  const int off = 0;
  if (fd >= 0 && family == AF_INET6) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  return fd;
}

// Binds `fd` of `family`. An unset address is any. As bind(2).
inline int bind_to(int fd, int family, const IpAddress& address, std::uint16_t port) {
  if (family == AF_INET6) {
    sockaddr_in6 a{};
    a.sin6_family = AF_INET6;
    a.sin6_port = htons(port);
    std::memcpy(a.sin6_addr.s6_addr, address.bytes.data(), 16);
    return bind(fd, reinterpret_cast<const sockaddr*>(&a), sizeof a);
  }
  sockaddr_in a{};
  a.sin_family = AF_INET;
  a.sin_port = htons(port);
  a.sin_addr.s_addr = htonl(address.is_unset() ? INADDR_ANY : address.v4());
  return bind(fd, reinterpret_cast<const sockaddr*>(&a), sizeof a);
}

}  // namespace weir
