// A decoder of sFlow, and a packet that agents sample, for the tests of this folder.
#pragma once
#include "decoding.hpp"
#include "support/sflow_wire.hpp"

namespace weir::test {

inline const Wire kTcp = ethernet(0x0800, ipv4_packet(6, 1400, tcp_header(40000, 443, 0x12)));
inline Wire tcp_frame() { return sampled_header(kTcp, 1418); }

inline IpAddress ip(std::string_view text) { return parse_ip_address(text).value(); }

struct SflowDecoding : Decoding {
  // Octets of IP packets, unless a test is about those of frames.
  explicit SflowDecoding(const DecodeLimits& limits = {.sampled_octets = SampledOctets::kIp}) : Decoding(limits) {}
  void sample(const Wire& one) { send(sflow5({.sequence = ++sequence}, 1, one)); }
  // A sample of kTcp with these records behind it.
  void with(std::uint32_t count, const Wire& records, FlowSample head = {}) {
    sample(flow_sample(head, count + 1, tcp_frame().add(records)));
  }
  std::uint32_t sequence = 0;
};

}  // namespace weir::test
