// Frames and packets, whole and cut, and what is read of them.
#include "packet/packet_headers.hpp"
#include "support/catch.hpp"
#include "support/wire_bytes.hpp"

using namespace weir;
using namespace weir::test;

namespace {

Wire ethernet(std::uint16_t type) { return Wire().u16(0x0200).u32(2).u16(0x0200).u32(1).u16(type); }
Wire ipv4(std::uint8_t protocol, std::uint16_t length, std::uint16_t fragment = 0, std::uint8_t options = 0) {
  Wire w = Wire()
               .u8(0x45 + options / 4)
               .u8(0xb8)
               .u16(length)
               .u16(7)
               .u16(fragment)
               .u8(63)
               .u8(protocol)
               .u16(0)
               .ip("192.0.2.1")
               .ip("192.0.2.2");
  return w.zeros(options);
}
Wire ipv6(std::uint8_t next, std::uint16_t length) {
  return Wire().u32(0x6b80'0000).u16(length).u8(next).u8(62).ip("2001:db8::1").ip("2001:db8::2");
}
Wire tcp() { return Wire().u16(40000).u16(443).u32(1).u32(2).u8(0x50).u8(0x12).u16(100).u32(0); }

}  // namespace

TEST_CASE("A frame of IPv4 and TCP") {
  const auto h = decode_ethernet_frame(ethernet(0x0800).add(ipv4(6, 1400)).add(tcp()).bytes());
  CHECK(h.has_ethernet);
  CHECK(h.dst_mac == 0x0200'0000'0002);
  CHECK(h.src_mac == 0x0200'0000'0001);
  CHECK(h.ethertype == 0x0800);
  CHECK(h.has_ip);
  CHECK(h.src.text() == "192.0.2.1");
  CHECK(h.dst.text() == "192.0.2.2");
  CHECK(h.ip_octets == 1400);
  CHECK(h.tos == 0xb8);
  CHECK(h.ttl == 63);
  CHECK(h.protocol == 6);
  CHECK(h.src_port == 40000);
  CHECK(h.dst_port == 443);
  CHECK(h.tcp_flags == 0x12);
}

TEST_CASE("VLAN tags are stepped over, the outermost is kept") {
  const auto h = decode_ethernet_frame(
      ethernet(0x88a8).u16(0x6064).u16(0x8100).u16(0x00c8).u16(0x0800).add(ipv4(17, 100)).u16(53).u16(5353).bytes());
  CHECK(h.vlan == 100);
  CHECK(h.ethertype == 0x0800);
  CHECK(h.dst_port == 5353);
  CHECK(h.tcp_flags == 0);
}

TEST_CASE("Labels of MPLS lead to the packet below the bottom of the stack") {
  const auto h = decode_ethernet_frame(
      ethernet(0x8847).u32(16001u << 12 | 0x40).u32(24u << 12 | 0x140).add(ipv6(17, 60)).u16(1000).u16(2000).bytes());
  CHECK(h.mpls_label == 16001);
  CHECK(h.dst.text() == "2001:db8::2");
  CHECK(h.src_port == 1000);
  CHECK(h.ip_octets == 100);
  CHECK_FALSE(decode_ethernet_frame(ethernet(0x8847).u32(16001u << 12 | 0x140).u32(0).zeros(60).bytes())
                  .has_ip);  // a pseudowire
}

TEST_CASE("IPv6 with extension headers, its class and its fragments") {
  const Wire options = Wire().u8(60).u8(0).zeros(6).u8(17).u8(1).zeros(14);
  auto h = decode_ip_packet(ipv6(0, 100).add(options).u16(53).u16(40000).bytes());
  CHECK(h.protocol == 17);
  CHECK(h.src_port == 53);
  CHECK(h.tos == 0xb8);
  h = decode_ip_packet(ipv6(44, 100).u8(58).u8(0).u16(1).u32(9).u8(128).u8(0).bytes());
  CHECK(h.protocol == 58);
  CHECK(h.icmp == 0x8000);
  h = decode_ip_packet(ipv6(44, 100).u8(17).u8(0).u16(0x0190).u32(9).u16(53).u16(53).bytes());
  CHECK(h.protocol == 17);
  CHECK(h.src_port == 0);  // a later fragment has none
}

TEST_CASE("The unspecified address is an address") {
  const auto h =
      decode_ip_packet(Wire().u32(0x6000'0000).u16(24).u8(58).u8(255).ip("::").ip("ff02::16").u8(143).u8(0).bytes());
  CHECK(h.has_ip);
  CHECK(h.src.text() == "::");
  CHECK_FALSE(h.src.is_unset());
}

TEST_CASE("IPv4 with options, later fragments, and ICMP") {
  CHECK(decode_ip_packet(ipv4(17, 100, 0, 8).u16(53).u16(40000).bytes()).src_port == 53);
  CHECK(decode_ip_packet(ipv4(17, 100, 0x2000).u16(53).u16(40000).bytes()).src_port == 53);
  CHECK(decode_ip_packet(ipv4(17, 100, 0x00b9).u16(53).u16(40000).bytes()).src_port == 0);
  CHECK(decode_ip_packet(ipv4(1, 84).u8(8).u8(0).bytes()).icmp == 0x0800);
}

TEST_CASE("Frames that hold no IP keep their addresses and tags") {
  const auto h = decode_ethernet_frame(ethernet(0x8100).u16(7).u16(0x88f7).zeros(44).bytes());
  CHECK(h.has_ethernet);
  CHECK(h.vlan == 7);
  CHECK(h.ethertype == 0x88f7);
  CHECK_FALSE(h.has_ip);
}

TEST_CASE("Whatever is cut off ends the reading, and what came before stands") {
  const auto whole = ethernet(0x8100).u16(9).u16(0x0800).add(ipv4(6, 1400)).add(tcp()).bytes();
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    const auto h = decode_ethernet_frame(std::span(whole).first(size));
    CHECK(h.has_ethernet == (size >= 14));
    CHECK(h.vlan == (size >= 18 ? 9 : 0));
    CHECK(h.has_ip == (size >= 38));
    CHECK(h.dst_port == (size >= 42 ? 443 : 0));
    CHECK(h.tcp_flags == (size >= 52 ? 0x12 : 0));
  }
  CHECK_FALSE(decode_ip_packet(Wire().u8(0x44).zeros(30).bytes()).has_ip);  // a header of 16 octets
}
