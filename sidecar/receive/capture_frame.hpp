// From a captured frame to the UDP datagram in it: link layer, VLAN tags, IPv4 and IPv6 with extension headers. Pure
// functions over borrowed bytes; any thread.
#pragma once
#include <cstdint>
#include <span>

#include "core/ip_address.hpp"

namespace weir {

enum class LinkLayer : std::uint8_t { kEthernet, kLinuxSll, kLinuxSll2, kRawIp, kLoopback };

enum class FrameKind : std::uint8_t {
  kOther,      // neither UDP nor a fragment of it
  kMalformed,  // headers that end too soon or contradict themselves
  kUdp,
  kFragment,  // a part of a UDP datagram, to be put together before its ports are known
};

struct CapturedFrame {
  FrameKind kind = FrameKind::kOther;
  IpAddress source, destination;
  std::uint16_t source_port = 0, destination_port = 0;
  std::span<const std::uint8_t> payload;  // kUdp: of the datagram; kFragment: this part of UDP header and payload
  bool cut = false;                       // the capture kept less than was sent
  std::uint32_t fragment_id = 0;
  std::uint32_t fragment_offset = 0;  // octets
  bool last_fragment = false;
};

CapturedFrame decode_frame(LinkLayer link, std::span<const std::uint8_t> bytes);
// The ports and payload of a UDP datagram (RFC 768) into `frame`, whose addresses stay.
void decode_udp(std::span<const std::uint8_t> bytes, CapturedFrame& frame);

}  // namespace weir
