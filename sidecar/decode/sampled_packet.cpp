// The records of a sample: "sFlow Version 5", section 5.3, "Flow Data Types"; RFC 3176, section 4.
#include "decode/sampled_packet.hpp"

#include "decode/packet_fields.hpp"
#include "flow/port_table.hpp"

namespace weir {

namespace {

constexpr std::uint16_t kPppIpv4 = 0x0021, kPppIpv6 = 0x0057, kPppMpls = 0x0281,
                        kPppMplsMulticast = 0x0283;  // RFC 1332, 5072, 3032
constexpr std::uint16_t kMostVlan = 4094;            // some agents write 0xffff for "not known"

// PPP, with its address and control octets or without (RFC 1661 6.6, RFC 1662 3.1).
PacketHeaders decode_ppp_frame(std::span<const std::uint8_t> frame) {
  ByteCursor c(frame);
  std::uint16_t protocol = c.u16();
  if (protocol == 0xff03) protocol = c.u16();
  const auto rest = c.take(c.remaining());
  switch (protocol) {
    case kPppIpv4:
    case kPppIpv6: return decode_ip_packet(rest);
    case kPppMpls:
    case kPppMplsMulticast: return decode_mpls_packet(rest);
    default: return {};
  }
}

PacketHeaders decode_sampled_header(std::uint32_t link, std::span<const std::uint8_t> header) {
  switch (static_cast<SflowLink>(link)) {
    case SflowLink::kEthernet: return decode_ethernet_frame(header);
    case SflowLink::kPpp:
    case SflowLink::kPos: return decode_ppp_frame(header);
    case SflowLink::kIpv4:
    case SflowLink::kIpv6: return decode_ip_packet(header);
    case SflowLink::kMpls: return decode_mpls_packet(header);
  }
  return {};
}

}  // namespace

void SampledPacket::read_header(ByteCursor& c, bool has_stripped) {
  const std::uint32_t link = c.u32(), frame_octets = c.u32();
  if (has_stripped) c.skip(4);
  // A header that is cut off still tells what is there.
  ByteCursor look = c;
  const std::size_t size = look.u32();
  const auto header = size <= look.remaining() ? sflow_opaque(c) : look.take(look.remaining());
  if (size > header.size()) c.skip(c.remaining() + 1);
  if (has_ends_ || look.failed()) return;  // the first header of a sample is the packet's own
  has_packet_ = true;
  frame_octets_ = frame_octets;
  const PacketHeaders h = decode_sampled_header(link, header);
  if (h.has_ethernet) {
    record_.src_mac = h.src_mac;
    record_.dst_mac = h.dst_mac;
    tag_ = h.vlan;
  }
  if (!h.has_ip) return;
  has_ends_ = true;
  ip_octets_ = h.ip_octets;
  set_ip_fields(h, record_);
}

// sampled_ipv4 and sampled_ipv6: what an agent tells that cannot give a header.
void SampledPacket::read_ip(ByteCursor& c, bool v6) {
  const std::uint32_t octets = c.u32(), protocol = c.u32();
  const auto address = [&] {
    if (!v6) return c.v4();
    const auto bytes = c.take(16);
    return bytes.size() == 16 ? IpAddress::from_wire_v6(bytes.first<16>()) : IpAddress{};
  };
  const IpAddress src = address(), dst = address();
  const std::uint32_t src_port = c.u32(), dst_port = c.u32(), flags = c.u32(), tos = c.u32();
  if (c.failed() || has_ends_) return;
  has_packet_ = has_ends_ = true;
  ip_octets_ = octets;
  record_.src = src;
  record_.dst = dst;
  record_.protocol = static_cast<std::uint8_t>(protocol);
  record_.tos = static_cast<std::uint8_t>(tos);
  record_.tcp_flags = static_cast<std::uint16_t>(flags);
  // Of ICMP the ports hold what agents please.
  if (record_.protocol == kIpProtocolIcmp || record_.protocol == kIpProtocolIcmpV6) return;
  record_.src_port = static_cast<std::uint16_t>(src_port);
  record_.dst_port = static_cast<std::uint16_t>(dst_port);
}

void SampledPacket::read_ethernet(ByteCursor& c) {
  const std::uint32_t octets = c.u32();
  const std::uint64_t src = sflow_mac(c), dst = sflow_mac(c);
  c.skip(4);  // type
  if (c.failed()) return;
  has_packet_ = true;
  fill_absent(frame_octets_, octets);
  fill_absent(record_.src_mac, src);
  fill_absent(record_.dst_mac, dst);
}

void SampledPacket::read_switch(ByteCursor& c) {
  const std::uint32_t in = c.u32();
  c.skip(4);  // priority
  const std::uint32_t out = c.u32();
  c.skip(4);
  if (c.failed()) return;
  if (in <= kMostVlan) record_.vlan = static_cast<std::uint16_t>(in);
  if (out <= kMostVlan) record_.out_vlan = static_cast<std::uint16_t>(out);
}

void SampledPacket::read_router(ByteCursor& c) {
  const IpAddress next_hop = sflow_address(c);
  const std::uint32_t src_mask = c.u32(), dst_mask = c.u32();
  if (c.failed()) return;
  record_.next_hop = next_hop;
  record_.src_mask = static_cast<std::uint8_t>(std::min(src_mask, 128u));
  record_.dst_mask = static_cast<std::uint8_t>(std::min(dst_mask, 128u));
}

// The destination's AS is the last of the path; an empty path leads nowhere else. v2 has a plain list, v4 and v5 have
// segments.
void SampledPacket::read_gateway(ByteCursor& c, std::uint32_t version) {
  const IpAddress next_hop = version >= kSflowVersion5 ? sflow_address(c) : IpAddress{};
  c.skip(4);  // of the router itself
  const std::uint32_t src_as = c.u32();
  c.skip(4);  // of the source's peer
  std::uint32_t dst_as = 0;
  const auto skip_list = [&] {
    const std::size_t count = c.u32();
    if (count == 0) return;
    c.skip((count - 1) * 4);
    dst_as = c.u32();
  };
  if (version == 2) {
    skip_list();
  } else {
    for (std::uint32_t segments = c.u32(); segments != 0 && !c.failed(); --segments) {
      c.skip(4);  // set or sequence
      skip_list();
    }
    const std::size_t communities = c.u32();
    c.skip(communities * 4);
    c.skip(4);  // local preference
  }
  if (c.failed()) return;
  record_.src_as = src_as;
  record_.dst_as = dst_as;
  fill_absent(record_.next_hop, next_hop);
}

bool SampledPacket::read(std::uint32_t format, ByteCursor data) {
  switch (static_cast<SflowRecord>(format)) {
    case SflowRecord::kHeader: read_header(data, true); break;
    case SflowRecord::kEthernet: read_ethernet(data); break;
    case SflowRecord::kIpv4: read_ip(data, false); break;
    case SflowRecord::kIpv6: read_ip(data, true); break;
    case SflowRecord::kSwitch: read_switch(data); break;
    case SflowRecord::kRouter: read_router(data); break;
    case SflowRecord::kGateway: read_gateway(data, kSflowVersion5); break;
    case SflowRecord::kMpls: fill_absent(record_.next_hop, sflow_address(data)); break;
    case SflowRecord::kNat:
      record_.src_nat = sflow_address(data);
      record_.dst_nat = sflow_address(data);
      break;
    case SflowRecord::kNatPort:
      record_.src_nat_port = static_cast<std::uint16_t>(data.u32());
      record_.dst_nat_port = static_cast<std::uint16_t>(data.u32());
      break;
    case SflowRecord::kUser:
    case SflowRecord::kUrl: break;
  }
  return !data.failed();
}

bool SampledPacket::read_packet_v4(ByteCursor& c) {
  switch (static_cast<SflowPacketV4>(c.u32())) {
    case SflowPacketV4::kHeader: read_header(c, false); break;
    case SflowPacketV4::kIpv4: read_ip(c, false); break;
    case SflowPacketV4::kIpv6: read_ip(c, true); break;
  }
  return has_packet_ && !c.failed();
}

bool SampledPacket::read_extension_v4(ByteCursor& c, std::uint32_t version) {
  switch (static_cast<SflowExtensionV4>(c.u32())) {
    case SflowExtensionV4::kSwitch: read_switch(c); return !c.failed();
    case SflowExtensionV4::kRouter: read_router(c); return !c.failed();
    case SflowExtensionV4::kGateway: read_gateway(c, version); return !c.failed();
    case SflowExtensionV4::kUser:
      sflow_opaque(c);
      sflow_opaque(c);
      return !c.failed();
    case SflowExtensionV4::kUrl:
      c.skip(4);  // direction
      sflow_opaque(c);
      return !c.failed();
  }
  return false;
}

void SampledPacket::complete(SampledOctets counted) {
  if (record_.vlan == 0) record_.vlan = tag_;
  record_.packets = 1;
  // Flow records count the octets of IP packets, headers included (RFC 7011's octetDeltaCount, IE 1), and so does kIp,
  // by the packet's own length. "frame_length" counts the frame with its FCS; what was "stripped" of it is not the same
  // with all agents (Open vSwitch takes off an FCS that it did not count), so that a difference of the two would be
  // off. What carries no IP counts as its frame.
  const bool has_ip_length = ip_octets_ != 0 && (frame_octets_ == 0 || ip_octets_ <= frame_octets_);
  const std::uint32_t frame = frame_octets_ != 0 ? frame_octets_ : ip_octets_;
  record_.octets = counted == SampledOctets::kIp && has_ip_length ? ip_octets_ : frame;
}

}  // namespace weir
