// Members that a record gives by other elements than their own: ICMP type, application, DSCP, protocol.
#include "decoding.hpp"

using namespace weir;
using namespace weir::test;

TEST_CASE("ICMP comes from its elements, or from the destination port") {
  Decoding d;
  SECTION("type and code in one") {
    d.send(ipfix_once(3, fields({{4, 1}, {32, 2}, {11, 2}}), Wire().u8(1).u16(0x0301).u16(0)));
    CHECK(d.record().icmp == 0x0301);
  }
  SECTION("type and code apart") {
    d.send(ipfix_once(3, fields({{4, 1}, {176, 1}, {177, 1}}), Wire().u8(1).u8(11).u8(0)));
    CHECK(d.record().icmp == 0x0b00);
  }
  SECTION("ICMPv6") {
    d.send(ipfix_once(2, fields({{4, 1}, {139, 2}}), Wire().u8(58).u16(0x8000)));
    CHECK(d.record().icmp == 0x8000);
  }
  SECTION("an element left empty (v9-akv-icmp)") {
    d.send(ipfix_once(3, fields({{4, 1}, {32, 2}, {11, 2}}), Wire().u8(1).u16(0).u16(0x0800)));
    CHECK(d.record().icmp == 0x0800);
  }
  SECTION("no element") {
    d.send(ipfix_once(2, fields({{4, 1}, {11, 2}}), Wire().u8(58).u16(0x8100)));
    CHECK(d.record().icmp == 0x8100);
  }
  CHECK(d.record().dst_port == 0);
}

TEST_CASE("An application is its engine and its selector") {
  Decoding d;
  SECTION("four octets") {
    d.send(ipfix_once(1, fields({{95, 4}}), Wire().u32(0x03000050)));
    CHECK(d.record().application == 0x03000050);
  }
  SECTION("nine octets: the selector's low end") {
    d.send(ipfix_once(1, fields({{95, 9}}), Wire().u8(20).u32(0x3044).u32(0x64f3)));
    CHECK(d.record().application == (20u << 24 | 0x64f3));
  }
  SECTION("two octets") {
    d.send(ipfix_once(1, fields({{95, 2}}), Wire().u8(13).u8(7)));
    CHECK(d.record().application == (13u << 24 | 7));
  }
}

TEST_CASE("A DSCP stands in for a ToS octet") {
  Decoding d;
  d.send(ipfix_once(2, fields({{195, 1}, {1, 4}}), Wire().u8(46).u32(1)));
  CHECK(d.record().tos == 46 << 2);
}

TEST_CASE("Without IE 4 the other elements tell the protocol") {
  Decoding d;
  const auto once = [&](std::initializer_list<std::pair<int, int>> all, const Wire& record) -> const FlowRecord& {
    d.send(ipfix_once(static_cast<std::uint16_t>(all.size()), fields(all), record));
    return d.record(d.records() - 1);
  };
  CHECK(once({{8, 4}, {12, 4}, {32, 2}}, Wire().ip("10.0.0.1").ip("10.0.0.2").u16(0x0800)).protocol == 1);
  CHECK(once({{8, 4}, {12, 4}, {32, 2}}, Wire().ip("10.0.0.1").ip("10.0.0.2").u16(0x0800)).icmp == 0x0800);
  CHECK(once({{8, 4}, {12, 4}, {176, 1}, {177, 1}}, Wire().ip("10.0.0.1").ip("10.0.0.2").u8(3).u8(1)).icmp == 0x0301);
  CHECK(once({{27, 16}, {28, 16}, {139, 2}}, Wire().ip("2001:db8::1").ip("2001:db8::2").u16(0x8000)).protocol == 58);
  CHECK(once({{27, 16}, {28, 16}, {32, 2}}, Wire().ip("2001:db8::1").ip("2001:db8::2").u16(0x8000)).protocol == 58);
  CHECK(once({{180, 2}, {181, 2}}, Wire().u16(4000).u16(53)).protocol == 17);
  CHECK(once({{182, 2}, {183, 2}}, Wire().u16(4000).u16(53)).protocol == 6);
  CHECK(once({{7, 2}, {11, 2}, {6, 1}}, Wire().u16(4000).u16(53).u8(0x12)).protocol == 6);
  CHECK(once({{7, 2}, {11, 2}, {6, 1}}, Wire().u16(4000).u16(53).u8(0)).protocol == 0);
  CHECK(once({{7, 2}, {11, 2}, {33, 1}}, Wire().u16(0).u16(0).u8(0x16)).protocol == 2);
  CHECK(once({{4, 1}, {182, 2}, {183, 2}}, Wire().u8(17).u16(4000).u16(53)).protocol == 17);  // said is said
  SECTION("one template for all") {
    const std::initializer_list<std::pair<int, int>> all = {{182, 2}, {183, 2}, {180, 2}, {181, 2}, {32, 2}};
    CHECK(once(all, Wire().u16(4000).u16(443).u16(0).u16(0).u16(0)).protocol == 6);
    const auto& udp = once(all, Wire().u16(0).u16(0).u16(4000).u16(53).u16(0));
    CHECK(udp.protocol == 17);
    CHECK(udp.dst_port == 53);
    CHECK(once(all, Wire().u16(0).u16(0).u16(0).u16(0).u16(0x0303)).protocol == 1);
  }
}
