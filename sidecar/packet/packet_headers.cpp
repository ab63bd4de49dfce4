// Reading of headers, from the outside in. Formats: IEEE 802.3 and 802.1Q, RFC 3032 (MPLS), RFC 791 (IPv4), RFC 8200
// (IPv6), RFC 768 (UDP), RFC 9293 (TCP), RFC 792 and 4443 (ICMP).
#include "packet/packet_headers.hpp"

#include "core/byte_cursor.hpp"

namespace weir {

namespace {

constexpr std::uint16_t kEthertypeIpv4 = 0x0800, kEthertypeIpv6 = 0x86dd, kEthertypeMpls = 0x8847,
                        kEthertypeMplsMulticast = 0x8848;
constexpr std::uint16_t kEthertypeVlan = 0x8100, kEthertypeServiceVlan = 0x88a8, kEthertypeOldQinQ = 0x9100;
constexpr int kMaxTags = 8, kMaxLabels = 16, kMaxExtensions = 16;
constexpr std::uint8_t kHopByHop = 0, kIcmp = 1, kTcp = 6, kUdp = 17, kDccp = 33, kRouting = 43, kFragment = 44,
                       kAuthentication = 51, kIcmpV6 = 58, kDestinationOptions = 60, kSctp = 132, kMobility = 135,
                       kUdpLite = 136;

void read_transport(ByteCursor c, PacketHeaders& h) {
  switch (h.protocol) {
    case kTcp:
    case kUdp:
    case kDccp:
    case kSctp:
    case kUdpLite: {
      const std::uint16_t source = c.u16(), destination = c.u16();
      if (c.failed()) return;
      h.src_port = source;
      h.dst_port = destination;
      h.has_transport = true;
      if (h.protocol != kTcp) return;
      c.skip(8);  // sequence and acknowledgment number
      const std::uint16_t flags = c.u16() & 0x01ff;
      if (!c.failed()) h.tcp_flags = flags;
      return;
    }
    case kIcmp:
    case kIcmpV6: {
      const std::uint16_t type_and_code = c.u16();
      if (c.failed()) return;
      h.icmp = type_and_code;
      h.has_transport = true;
      return;
    }
    default: return;
  }
}

void read_ipv4(ByteCursor c, PacketHeaders& h) {
  const auto at = static_cast<std::uint16_t>(c.position());
  const std::uint8_t first = c.u8(), tos = c.u8();
  const std::uint16_t length = c.u16();
  c.skip(2);
  const std::uint16_t fragment = c.u16();
  const std::uint8_t ttl = c.u8(), protocol = c.u8();
  c.skip(2);
  const IpAddress src = c.v4(), dst = c.v4();
  const std::size_t header = (first & 0x0fu) * 4u;
  if (c.failed() || first >> 4 != 4 || header < 20) return;
  h.has_ip = true;
  h.ip_at = at;
  h.tos = tos;
  h.ip_octets = length;  // 0: left to the network card
  h.ttl = ttl;
  h.protocol = protocol;
  h.src = src;
  h.dst = dst;
  c.skip(header - 20);
  if ((fragment & 0x1fff) == 0 && !c.failed()) read_transport(c, h);
}

void read_ipv6(ByteCursor c, PacketHeaders& h) {
  const auto at = static_cast<std::uint16_t>(c.position());
  const std::uint32_t first = c.u32();
  const std::uint16_t length = c.u16();
  std::uint8_t next = c.u8();
  const std::uint8_t hops = c.u8();
  const auto src = c.take(16), dst = c.take(16);
  if (c.failed() || first >> 28 != 6) return;
  h.has_ip = true;
  h.ip_at = at;
  h.tos = static_cast<std::uint8_t>(first >> 20);
  h.ip_octets = length == 0 ? 0 : length + 40u;  // 0: a jumbogram (RFC 2675)
  h.ttl = hops;
  h.src = IpAddress::from_wire_v6(src.first<16>());
  h.dst = IpAddress::from_wire_v6(dst.first<16>());
  h.protocol = next;
  for (int i = 0; i < kMaxExtensions; ++i) {
    switch (next) {
      case kHopByHop:
      case kRouting:
      case kDestinationOptions:
      case kMobility:
      case kAuthentication: {
        const bool authentication = next == kAuthentication;
        next = c.u8();
        const std::size_t words = c.u8();
        c.skip(authentication ? words * 4 + 6 : words * 8 + 6);  // RFC 4302 2.2, RFC 8200 4.3
        break;
      }
      case kFragment: {
        next = c.u8();
        c.skip(1);
        const bool later = (c.u16() & 0xfff8) != 0;
        c.skip(4);
        if (!c.failed()) h.protocol = next;
        if (later) return;
        break;
      }
      default: read_transport(c, h); return;
    }
    if (c.failed()) return;
    h.protocol = next;
  }
}

void read_ip(ByteCursor c, PacketHeaders& h) {
  ByteCursor look = c;
  const std::uint8_t first = look.u8();
  if (look.failed()) return;
  if (first >> 4 == 4) read_ipv4(c, h);
  if (first >> 4 == 6) read_ipv6(c, h);
}

// What lies below the last label is told by its first octet alone: IP, or something that is left unread.
void read_mpls(ByteCursor c, PacketHeaders& h) {
  for (int i = 0; i < kMaxLabels; ++i) {
    const std::uint32_t entry = c.u32();
    if (c.failed()) return;
    if (i == 0) h.mpls_label = entry >> 12;
    if ((entry & 0x100) != 0) return read_ip(c, h);  // bottom of the stack
  }
}

}  // namespace

PacketHeaders decode_ethernet_frame(std::span<const std::uint8_t> frame) {
  PacketHeaders h;
  ByteCursor c(frame);
  const std::uint64_t dst = c.uint_sized(6), src = c.uint_sized(6);
  std::uint16_t type = c.u16();
  if (c.failed()) return h;
  h.has_ethernet = true;
  h.src_mac = src;
  h.dst_mac = dst;
  for (int i = 0;
       i < kMaxTags && (type == kEthertypeVlan || type == kEthertypeServiceVlan || type == kEthertypeOldQinQ); ++i) {
    const std::uint16_t tag = c.u16(), inner = c.u16();
    if (c.failed()) break;
    if (i == 0) h.vlan = tag & 0x0fff;
    type = inner;
  }
  h.ethertype = type;
  if (type == kEthertypeIpv4) read_ipv4(c, h);
  if (type == kEthertypeIpv6) read_ipv6(c, h);
  if (type == kEthertypeMpls || type == kEthertypeMplsMulticast) read_mpls(c, h);
  return h;
}

PacketHeaders decode_mpls_packet(std::span<const std::uint8_t> packet) {
  PacketHeaders h;
  read_mpls(ByteCursor(packet), h);
  return h;
}

PacketHeaders decode_ip_packet(std::span<const std::uint8_t> packet) {
  PacketHeaders h;
  read_ip(ByteCursor(packet), h);
  return h;
}

}  // namespace weir
