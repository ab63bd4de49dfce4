// Which ports are servers', and what they are called: made by the server-port script, read by the session stage and the
// API. Immutable once shared; any thread.
#pragma once
#include <bitset>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

namespace weir {

inline constexpr std::uint8_t kIpProtocolIcmp = 1, kIpProtocolIgmp = 2, kIpProtocolTcp = 6, kIpProtocolUdp = 17,
                              kIpProtocolDccp = 33, kIpProtocolIcmpV6 = 58, kIpProtocolSctp = 132,
                              kIpProtocolUdpLite = 136;  // IANA protocol numbers

struct PortTable {
  std::bitset<65536> tcp, udp;
  std::unordered_map<std::uint32_t, std::string> names;  // protocol << 16 | port

  // SCTP counts as TCP does, DCCP and UDP-Lite as UDP.
  bool is_server(std::uint8_t protocol, std::uint16_t port) const {
    switch (protocol) {
      case kIpProtocolTcp:
      case kIpProtocolSctp: return tcp[port];
      case kIpProtocolUdp:
      case kIpProtocolDccp:
      case kIpProtocolUdpLite: return udp[port];
      default: return false;
    }
  }
  // "" when the list has no name for it.
  std::string_view name(std::uint8_t protocol, std::uint16_t port) const {
    const auto it = names.find(std::uint32_t{protocol} << 16 | port);
    return it == names.end() ? std::string_view{} : std::string_view(it->second);
  }
  std::size_t count() const { return tcp.count() + udp.count(); }
};

}  // namespace weir
