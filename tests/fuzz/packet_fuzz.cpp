// The first octets of sampled packets, as sent by whoever likes to: read as a frame and as a packet, whole and cut.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "packet/packet_headers.hpp"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void check(const weir::PacketHeaders& h) {
  require(h.vlan <= 0x0fff && h.tcp_flags <= 0x01ff && h.mpls_label < (1u << 20));
  require(h.src_mac >> 48 == 0 && h.dst_mac >> 48 == 0);
  require(h.has_ip == !h.src.is_unset() && h.has_ip == !h.dst.is_unset());
  require(h.has_ip || (!h.has_transport && h.protocol == 0 && h.src_port == 0 && h.dst_port == 0));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span<const std::uint8_t> bytes(data, size);
  check(weir::decode_ethernet_frame(bytes));
  check(weir::decode_ip_packet(bytes));
  check(weir::decode_ethernet_frame(bytes.first(size / 2)));
  check(weir::decode_ip_packet(bytes.first(size / 2)));
  return 0;
}
