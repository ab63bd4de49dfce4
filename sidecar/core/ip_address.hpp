// An IPv4 or IPv6 address in one 16-byte form (IPv4 as ::ffff:a.b.c.d, RFC 4291 2.5.5.2), and prefixes of them.
// Plain values: any thread.
#pragma once
#include <array>
#include <bit>
#include <compare>
#include <cstdint>
#include <cstring>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "core/result.hpp"

namespace weir {

struct IpAddress {
  std::array<std::uint8_t, 16> bytes{};

  static IpAddress from_v4(std::uint32_t host_order) {
    IpAddress a;
    a.bytes[10] = a.bytes[11] = 0xff;
    for (int i = 0; i < 4; ++i) a.bytes[12 + i] = static_cast<std::uint8_t>(host_order >> (24 - 8 * i));
    return a;
  }
  static IpAddress from_v6(std::span<const std::uint8_t, 16> network_order) {
    IpAddress a;
    std::memcpy(a.bytes.data(), network_order.data(), 16);
    return a;
  }

  // The unspecified address "::" (RFC 4291 2.5.2), which is an address and not the lack of one. All zeros mean the
  // latter, here and in stored columns; "::" has the bytes of ::fffe:0:0, which is reserved: no packet has it.
  static IpAddress any_v6() {
    IpAddress a;
    a.bytes = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xfe, 0, 0, 0, 0};
    return a;
  }
  // An address as a packet has it: zeros are "::".
  static IpAddress from_wire_v6(std::span<const std::uint8_t, 16> network_order) {
    const IpAddress a = from_v6(network_order);
    return a.is_unset() ? any_v6() : a;
  }

  // All zero: no address was given (differs from 0.0.0.0, which is ::ffff:0.0.0.0).
  bool is_unset() const { return high() == 0 && low() == 0; }
  bool is_v4() const {
    static constexpr std::uint8_t kPrefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    return std::memcmp(bytes.data(), kPrefix, sizeof kPrefix) == 0;
  }
  std::uint32_t v4() const {
    return std::uint32_t{bytes[12]} << 24 | std::uint32_t{bytes[13]} << 16 | std::uint32_t{bytes[14]} << 8 | bytes[15];
  }

  // The halves as they lie in memory: for hashing and equality, not for order.
  std::uint64_t high() const {
    std::uint64_t v;
    std::memcpy(&v, bytes.data(), 8);
    return v;
  }
  std::uint64_t low() const {
    std::uint64_t v;
    std::memcpy(&v, bytes.data() + 8, 8);
    return v;
  }

  static constexpr std::uint64_t in_host_order(std::uint64_t half) {
    if constexpr (std::endian::native == std::endian::little) return __builtin_bswap64(half);
    return half;
  }

  // Numeric order, IPv4 before most of IPv6; equal addresses are equal bytes.
  friend std::strong_ordering operator<=>(const IpAddress& a, const IpAddress& b) {
    if (a.high() != b.high()) return in_host_order(a.high()) <=> in_host_order(b.high());
    return in_host_order(a.low()) <=> in_host_order(b.low());
  }
  friend bool operator==(const IpAddress& a, const IpAddress& b) { return a.high() == b.high() && a.low() == b.low(); }

  // Dotted quad for IPv4, RFC 5952 for IPv6, "" when no address was given.
  std::string text() const;
};

__extension__ using Uint128 = unsigned __int128;

// Drawn anew by every process: whoever sends traffic chooses what is hashed, and must not know which values collide.
struct HashSecret {
  std::uint64_t a = 0, b = 0;  // odd
  static HashSecret draw();
};
inline const HashSecret kHashSecret = HashSecret::draw();

// A 64-bit mix with good low bits, for open-addressing tables. Differs from process to process.
inline std::uint64_t hash_mix(std::uint64_t a, std::uint64_t b) {
  const Uint128 product = static_cast<Uint128>(a ^ kHashSecret.a) * (b ^ kHashSecret.b);
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}
inline std::uint64_t hash_of(const IpAddress& a) { return hash_mix(a.high(), a.low()); }

// Dotted quad or RFC 4291 text, never unset; the error says what is wrong with `text`.
Result<IpAddress> parse_ip_address(std::string_view text);

// A CIDR prefix. A plain address is a prefix of its full length; "10.1" style short forms are refused.
struct IpPrefix {
  IpAddress address;        // host bits zero
  std::uint8_t length = 0;  // in 128-bit terms: 10.0.0.0/8 is 104
  bool contains(const IpAddress& a) const;
  IpAddress last() const;
  std::string text() const;
};
Result<IpPrefix> parse_ip_prefix(std::string_view text);

}  // namespace weir

template <>
struct std::hash<weir::IpAddress> {
  std::size_t operator()(const weir::IpAddress& a) const noexcept { return weir::hash_of(a); }
};
