// Text forms of addresses and prefixes, by the system's inet_ntop/inet_pton.
#include "core/ip_address.hpp"

#include <arpa/inet.h>

#include <charconv>
#include <random>

namespace weir {

HashSecret HashSecret::draw() {
  std::random_device random;
  const auto odd = [&] { return std::uint64_t{random()} << 32 | random() | 1u; };
  return {.a = odd(), .b = odd()};
}

std::string IpAddress::text() const {
  if (is_unset()) return "";
  if (*this == any_v6()) return "::";
  char buffer[INET6_ADDRSTRLEN];
  if (is_v4()) {
    inet_ntop(AF_INET, bytes.data() + 12, buffer, sizeof buffer);
  } else {
    inet_ntop(AF_INET6, bytes.data(), buffer, sizeof buffer);
  }
  return buffer;
}

Result<IpAddress> parse_ip_address(std::string_view text) {
  const std::string owned(text);
  in_addr v4{};
  if (inet_pton(AF_INET, owned.c_str(), &v4) == 1) return IpAddress::from_v4(ntohl(v4.s_addr));
  in6_addr v6{};
  if (inet_pton(AF_INET6, owned.c_str(), &v6) == 1) {
    return IpAddress::from_wire_v6(std::span<const std::uint8_t, 16>(v6.s6_addr, 16));
  }
  return error("'" + owned + "' is not an IPv4 or IPv6 address");
}

namespace {
constexpr std::uint8_t kV4Offset = 96;

IpAddress mask_bits(IpAddress a, std::uint8_t length, std::uint8_t fill) {
  for (int i = 0; i < 16; ++i) {
    const int keep = std::min(8, std::max(0, length - 8 * i));
    const auto mask = static_cast<std::uint8_t>(0xff00u >> keep);
    a.bytes[i] = static_cast<std::uint8_t>((a.bytes[i] & mask) | (fill & ~mask));
  }
  return a;
}
}  // namespace

bool IpPrefix::contains(const IpAddress& a) const {
  if (a.is_unset()) return false;
  if (a == IpAddress::any_v6()) return address == a || address.is_unset();
  return std::memcmp(mask_bits(a, length, 0).bytes.data(), address.bytes.data(), 16) == 0;
}

IpAddress IpPrefix::last() const { return mask_bits(address, length, 0xff); }

std::string IpPrefix::text() const {
  const bool v4 = address.is_v4() && length >= kV4Offset;
  return (address.is_unset() ? IpAddress::any_v6() : address).text() + "/" +
         std::to_string(v4 ? length - kV4Offset : length);
}

Result<IpPrefix> parse_ip_prefix(std::string_view text) {
  const auto slash = text.find('/');
  auto address = parse_ip_address(text.substr(0, slash));
  if (!address) return address.error();
  const bool v4 = address->is_v4();
  unsigned length = v4 ? 32 : 128;
  if (slash != std::string_view::npos) {
    const auto digits = text.substr(slash + 1);
    const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), length);
    if (code != std::errc{} || end != digits.data() + digits.size() || length > (v4 ? 32u : 128u)) {
      return error("'" + std::string(text) + "': the prefix length is 0 to " + (v4 ? "32" : "128"));
    }
  }
  const auto bits = static_cast<std::uint8_t>(v4 ? length + kV4Offset : length);
  if (*address == IpAddress::any_v6() && bits < 128) address = IpAddress{};  // a range from the lowest address on
  return IpPrefix{.address = mask_bits(*address, bits, 0), .length = bits};
}

}  // namespace weir
