// Headers below UDP, as far as a capture of flow exports has them.
#include "receive/capture_frame.hpp"

#include <algorithm>

#include "core/byte_cursor.hpp"

namespace weir {

namespace {

// IEEE 802 numbers, "EtherTypes".
constexpr std::uint16_t kEtherIpv4 = 0x0800, kEtherIpv6 = 0x86dd, kEtherVlan = 0x8100, kEtherProviderVlan = 0x88a8,
                        kEtherOldProviderVlan = 0x9100;
// IANA protocol numbers.
constexpr std::uint8_t kUdp = 17, kHopByHop = 0, kRouting = 43, kFragmentHeader = 44, kAuthentication = 51,
                       kDestinationOptions = 60;
constexpr int kMaxTags = 8, kMaxExtensionHeaders = 16;
constexpr std::size_t kUdpHeaderSize = 8;

void take_upper_layer(ByteCursor& packet, std::uint8_t protocol, bool fragment, CapturedFrame& frame) {
  if (protocol != kUdp) return;
  const auto bytes = packet.take(packet.remaining());
  if (fragment) {
    frame.kind = frame.cut ? FrameKind::kMalformed : FrameKind::kFragment;
    frame.payload = bytes;
  } else {
    decode_udp(bytes, frame);
  }
}

// Narrows `packet` to what the IP header says it holds; less of it is a cut capture, more is padding of the link.
void narrow(ByteCursor& packet, std::size_t length, CapturedFrame& frame) {
  if (length > packet.remaining()) frame.cut = true;
  packet = packet.sub(std::min(length, packet.remaining()));
}

// RFC 791 3.1.
void decode_ipv4(ByteCursor packet, CapturedFrame& frame) {
  const std::uint8_t first = packet.u8();
  packet.skip(1);
  const std::size_t total = packet.u16();
  frame.fragment_id = packet.u16();
  const std::uint16_t fragment = packet.u16();
  packet.skip(1);
  const std::uint8_t protocol = packet.u8();
  packet.skip(2);
  frame.source = packet.v4();
  frame.destination = packet.v4();
  const std::size_t header = std::size_t{first & 0x0fu} * 4;
  frame.kind = FrameKind::kMalformed;
  // A total of zero is a segmentation-offload frame: its length is that of the frame.
  if (packet.failed() || header < 20 || (total != 0 && total < header)) return;
  packet.skip(header - 20);
  if (packet.failed()) return;
  if (total != 0) narrow(packet, total - header, frame);
  frame.kind = FrameKind::kOther;
  frame.fragment_offset = (fragment & 0x1fffu) * 8;
  frame.last_fragment = (fragment & 0x2000u) == 0;
  take_upper_layer(packet, protocol, frame.fragment_offset != 0 || !frame.last_fragment, frame);
}

// RFC 8200 3 and 4.
void decode_ipv6(ByteCursor packet, CapturedFrame& frame) {
  packet.skip(4);
  const std::size_t length = packet.u16();
  std::uint8_t next = packet.u8();
  packet.skip(1);
  frame.source = packet.v6();
  frame.destination = packet.v6();
  frame.kind = FrameKind::kMalformed;
  if (packet.failed()) return;
  if (length != 0) narrow(packet, length, frame);
  bool fragment = false;
  for (int i = 0; i < kMaxExtensionHeaders; ++i) {
    switch (next) {
      case kHopByHop:
      case kRouting:
      case kDestinationOptions: {
        next = packet.u8();
        const std::size_t units = packet.u8();
        packet.skip(6 + units * 8);
        break;
      }
      case kAuthentication: {  // RFC 4302 2.2: in units of four octets, less two
        next = packet.u8();
        const std::size_t units = packet.u8();
        packet.skip(2 + units * 4 + 4);
        break;
      }
      case kFragmentHeader: {
        next = packet.u8();
        packet.skip(1);
        const std::uint16_t offset = packet.u16();
        frame.fragment_id = packet.u32();
        frame.fragment_offset = offset & 0xfff8u;
        frame.last_fragment = (offset & 1u) == 0;
        fragment = frame.fragment_offset != 0 || !frame.last_fragment;
        if (fragment) i = kMaxExtensionHeaders;
        break;
      }
      default: i = kMaxExtensionHeaders; break;
    }
    if (packet.failed()) return;
  }
  frame.kind = FrameKind::kOther;
  take_upper_layer(packet, next, fragment, frame);
}

void decode_by_version(ByteCursor packet, CapturedFrame& frame) {
  ByteCursor peek = packet;
  const int version = peek.u8() >> 4;
  if (version == 4) decode_ipv4(packet, frame);
  if (version == 6) decode_ipv6(packet, frame);
}

void decode_by_ether_type(ByteCursor packet, std::uint16_t type, CapturedFrame& frame) {
  for (int i = 0; i < kMaxTags && (type == kEtherVlan || type == kEtherProviderVlan || type == kEtherOldProviderVlan);
       ++i) {
    packet.skip(2);  // IEEE 802.1Q 9.6: tag control information, then the next type
    type = packet.u16();
  }
  if (type == kEtherIpv4) decode_ipv4(packet, frame);
  if (type == kEtherIpv6) decode_ipv6(packet, frame);
}

}  // namespace

void decode_udp(std::span<const std::uint8_t> bytes, CapturedFrame& frame) {
  ByteCursor c(bytes);
  frame.kind = FrameKind::kMalformed;
  frame.source_port = c.u16();
  frame.destination_port = c.u16();
  const std::size_t length = c.u16();
  c.skip(2);
  if (c.failed() || (length != 0 && length < kUdpHeaderSize)) return;
  const std::size_t sent = length == 0 ? c.remaining() : length - kUdpHeaderSize;  // 0: a jumbogram (RFC 2675 4)
  if (sent > c.remaining()) frame.cut = true;
  frame.payload = c.take(std::min(sent, c.remaining()));
  frame.kind = FrameKind::kUdp;
}

CapturedFrame decode_frame(LinkLayer link, std::span<const std::uint8_t> bytes) {
  CapturedFrame frame;
  ByteCursor packet(bytes);
  std::uint16_t type = 0;
  switch (link) {
    case LinkLayer::kEthernet:
      packet.skip(12);
      type = packet.u16();
      decode_by_ether_type(packet, type, frame);
      break;
    case LinkLayer::kLinuxSll:  // tcpdump.org/linktypes/LINKTYPE_LINUX_SLL
      packet.skip(14);
      type = packet.u16();
      decode_by_ether_type(packet, type, frame);
      break;
    case LinkLayer::kLinuxSll2:  // tcpdump.org/linktypes/LINKTYPE_LINUX_SLL2
      type = packet.u16();
      packet.skip(18);
      decode_by_ether_type(packet, type, frame);
      break;
    case LinkLayer::kRawIp: decode_by_version(packet, frame); break;
    case LinkLayer::kLoopback:  // an address family in the byte order of whoever captured; the packet tells it as well
      packet.skip(4);
      decode_by_version(packet, frame);
      break;
  }
  return frame;
}

}  // namespace weir
