// sFlow datagrams written byte by byte, for tests. "sFlow Version 5", section 5; RFC 3176, section 4.
#pragma once
#include <string_view>

#include "support/wire_bytes.hpp"

namespace weir::test {

struct SflowDatagram {
  std::string_view agent = "192.0.2.1";
  std::uint32_t sub_agent = 0, sequence = 1, uptime_ms = 3'600'000;
};

inline Wire sflow_address(std::string_view text) {
  return Wire().u32(text.find(':') == std::string_view::npos ? 1 : 2).ip(text);
}

// One element of v5: format, length, content.
inline Wire sflow_part(std::uint32_t format, const Wire& content) {
  return Wire().u32(format).u32(content.size()).add(content);
}

inline Wire sflow5(const SflowDatagram& d, std::uint32_t count, const Wire& samples) {
  return Wire()
      .u32(5)
      .add(sflow_address(d.agent))
      .u32(d.sub_agent)
      .u32(d.sequence)
      .u32(d.uptime_ms)
      .u32(count)
      .add(samples);
}
inline Wire sflow_old(std::uint32_t version, const SflowDatagram& d, std::uint32_t count, const Wire& samples) {
  return Wire().u32(version).add(sflow_address(d.agent)).u32(d.sequence).u32(d.uptime_ms).u32(count).add(samples);
}

struct FlowSample {
  std::uint32_t sequence = 1, source_type = 0, source = 3, rate = 512, pool = 512, drops = 0;
  std::uint32_t in = 3, out = 7;
};
// The head of a flow sample: of all versions.
inline Wire sflow_head(const FlowSample& s) {
  return Wire()
      .u32(s.sequence)
      .u32(s.source_type << 24 | s.source)
      .u32(s.rate)
      .u32(s.pool)
      .u32(s.drops)
      .u32(s.in)
      .u32(s.out);
}
inline Wire flow_sample(const FlowSample& s, std::uint32_t count, const Wire& records) {
  return sflow_part(1, sflow_head(s).u32(count).add(records));
}
inline Wire expanded_flow_sample(const FlowSample& s, std::uint32_t out_format, std::uint32_t count,
                                 const Wire& records) {
  return sflow_part(3, Wire()
                           .u32(s.sequence)
                           .u32(s.source_type)
                           .u32(s.source)
                           .u32(s.rate)
                           .u32(s.pool)
                           .u32(s.drops)
                           .u32(0)
                           .u32(s.in)
                           .u32(out_format)
                           .u32(s.out)
                           .u32(count)
                           .add(records));
}

inline Wire padded(const Wire& bytes) { return Wire().u32(bytes.size()).add(bytes).zeros((4 - bytes.size() % 4) % 4); }
// Link 1 is Ethernet, 11 IPv4, 12 IPv6, 13 MPLS.
inline Wire sampled_header(const Wire& header, std::uint32_t frame_octets, std::uint32_t link = 1) {
  return sflow_part(1, Wire().u32(link).u32(frame_octets).u32(4).add(padded(header)));
}

inline constexpr std::uint64_t kSrcMac = 0x020000000001, kDstMac = 0x020000000002;
inline Wire mac(std::uint64_t value) { return Wire().u16(value >> 32).u32(value & 0xffffffff); }
inline Wire ethernet(std::uint16_t type, const Wire& rest) {
  return mac(kDstMac).add(mac(kSrcMac)).u16(type).add(rest);
}
inline Wire ipv4_packet(std::uint8_t protocol, std::uint16_t length, const Wire& rest,
                        std::string_view src = "198.51.100.1", std::string_view dst = "203.0.113.2") {
  return Wire().u8(0x45).u8(0x20).u16(length).u32(0).u8(64).u8(protocol).u16(0).ip(src).ip(dst).add(rest);
}
inline Wire ipv6_packet(std::uint8_t protocol, std::uint16_t payload, const Wire& rest) {
  return Wire().u32(6u << 28).u16(payload).u8(protocol).u8(64).ip("2001:db8::1").ip("2001:db8::2").add(rest);
}
inline Wire tcp_header(std::uint16_t src, std::uint16_t dst, std::uint8_t flags) {
  return Wire().u16(src).u16(dst).u32(1).u32(2).u8(0x50).u8(flags).u16(100).u32(0);
}

}  // namespace weir::test
