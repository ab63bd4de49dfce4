// The headers of one packet or frame, as samples of packets carry its first octets: Ethernet, VLAN tags, MPLS labels,
// IPv4 and IPv6, and the ports, flags or type of what they carry. Pure functions; any thread. Never throws: a header
// that is cut off ends the reading, and what came before it stands.
#pragma once
#include <cstdint>
#include <span>

#include "core/ip_address.hpp"

namespace weir {

struct PacketHeaders {
  bool has_ethernet = false, has_ip = false;
  bool has_transport = false;              // ports, or type and code, could be read
  std::uint64_t src_mac = 0, dst_mac = 0;  // 48 bits
  std::uint16_t ethertype = 0;             // of what follows the tags; a length for frames of IEEE 802.3
  std::uint16_t vlan = 0;                  // of the outermost tag
  std::uint32_t mpls_label = 0;            // of the top of the stack
  IpAddress src, dst;
  std::uint32_t ip_octets = 0;  // of the whole packet, by its IP header; 0: not said
  std::uint16_t ip_at = 0;      // octets before the IP header
  std::uint8_t protocol = 0, tos = 0, ttl = 0;
  std::uint16_t src_port = 0, dst_port = 0, tcp_flags = 0;
  std::uint16_t icmp = 0;  // type << 8 | code
};

PacketHeaders decode_ethernet_frame(std::span<const std::uint8_t> frame);
// `packet` begins with the first label.
PacketHeaders decode_mpls_packet(std::span<const std::uint8_t> packet);
// `packet` begins with an IPv4 or IPv6 header.
PacketHeaders decode_ip_packet(std::span<const std::uint8_t> packet);

}  // namespace weir
