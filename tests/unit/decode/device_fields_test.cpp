// Fields that devices send beside addresses and counters: those that are more than a plain copy.
#include "decoding.hpp"

using namespace weir;
using namespace weir::test;

namespace {

struct Given {
  std::uint16_t ie, length;
  std::uint64_t value;
};
FlowRecord once(std::initializer_list<Given> fields) {
  Decoding d;
  Wire layout, record;
  for (const auto& f : fields) {
    layout.u16(f.ie).u16(f.length);
    for (int shift = 8 * (f.length - 1); shift >= 0; shift -= 8) record.u8(f.value >> shift & 0xff);
  }
  d.send(v9(Wire().set(0, Wire().u16(256).u16(fields.size()).add(layout)).set(256, record)));
  return d.record();
}

}  // namespace

TEST_CASE("MPLS: the label on top, without its class and bottom bit") {
  CHECK(once({{70, 3, 0x05dc41}, {1, 4, 9}}).mpls_label == 0x05dc4);
  CHECK(once({{70, 3, 0xffffff}, {1, 4, 9}}).mpls_label == 0xfffff);
  CHECK(once({{70, 4, 0x05dc41ff}, {1, 4, 9}}).mpls_label == 0x05dc4);  // with its TTL
  CHECK(once({{71, 3, 0x05dc41}, {1, 4, 9}}).mpls_label == 0);          // not the one on top
}

TEST_CASE("TTL: of the packet, else the least that was seen") {
  CHECK(once({{52, 1, 60}, {53, 1, 64}, {1, 4, 9}}).ttl == 60);
  CHECK(once({{53, 1, 64}, {1, 4, 9}}).ttl == 64);
  CHECK(once({{52, 1, 60}, {53, 1, 64}, {192, 1, 63}, {1, 4, 9}}).ttl == 63);
}

TEST_CASE("Firewalls: old and new elements of Cisco ASA, and what their counters count") {
  CHECK(once({{233, 1, 3}, {33002, 2, 1001}, {1, 4, 0}}).firewall_event == 3);
  CHECK(once({{233, 1, 3}, {33002, 2, 1001}, {1, 4, 0}}).firewall_reason == 1001);
  CHECK(once({{40005, 1, 2}, {1, 4, 9}}).firewall_event == 2);
  const auto translated = once({{8, 4, 0x0a000001},
                                {40001, 4, 0xc6336401},
                                {40003, 2, 50000},
                                {40002, 4, 0xc6336402},
                                {40004, 2, 443},
                                {1, 4, 9}});
  CHECK(translated.src_nat.text() == "198.51.100.1");
  CHECK(translated.dst_nat.text() == "198.51.100.2");
  CHECK(translated.src_nat_port == 50000);
  CHECK(translated.dst_nat_port == 443);
}

TEST_CASE("Forwarding, tags, labels, NAT events: as they stand, of any length that a number may have") {
  CHECK(once({{89, 1, 130}, {1, 4, 9}}).forwarding == 130);
  CHECK(once({{89, 4, 130}, {1, 4, 9}}).forwarding == 130);
  CHECK(once({{244, 1, 5}, {1, 4, 9}}).priority == 5);
  CHECK(once({{245, 2, 4094}, {1, 4, 9}}).customer_vlan == 4094);
  CHECK(once({{31, 3, 0x12345}, {1, 4, 9}}).flow_label == 0x12345);
  CHECK(once({{31, 4, 0x12345}, {1, 4, 9}}).flow_label == 0x12345);
  CHECK(once({{230, 1, 4}, {1, 4, 9}}).nat_event == 4);
  CHECK(once({{256, 2, 0x86dd}, {1, 4, 9}}).ethertype == 0x86dd);
}
