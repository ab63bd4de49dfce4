// What few records say: wireless clients, sampled frames, tunnels, their own exporter, the direction in which they were
// metered.
#include "decoding.hpp"

using namespace weir;
using namespace weir::test;

TEST_CASE("A wireless client is the end where the record has no addresses (Cisco WLC)") {
  Decoding d;
  const auto specifiers = fields({{365, 6}, {366, 4}, {367, 6}, {61, 1}, {1, 4}, {2, 4}});
  const auto record = [](int direction) {
    return Wire()
        .u16(0x0200)
        .u32(5)
        .ip("10.1.2.3")
        .u16(0x0200)
        .u32(6)
        .u8(static_cast<std::uint64_t>(direction))
        .u32(100)
        .u32(1);
  };
  d.send(ipfix_once(6, specifiers, record(0).add(record(1))));
  CHECK(d.record(0).src.text() == "10.1.2.3");
  CHECK(d.record(0).dst.is_unset());
  CHECK(d.record(0).src_mac == 0x0200'0000'0005);
  CHECK(d.record(0).dst_mac == 0x0200'0000'0006);
  CHECK(d.record(1).dst.text() == "10.1.2.3");
  CHECK(d.record(1).dst_mac == 0x0200'0000'0005);
}

TEST_CASE("The beginning of a sampled frame gives what the record does not say") {
  Decoding d;
  const Wire packet = Wire()
                          .u8(0x45)
                          .u8(0)
                          .u16(1500)
                          .u32(0)
                          .u8(64)
                          .u8(6)
                          .u16(0)
                          .ip("10.0.0.1")
                          .ip("10.0.0.2")
                          .u16(4000)
                          .u16(443)
                          .u32(0)
                          .u32(0)
                          .u8(0x50)
                          .u8(2);
  const Wire frame = Wire().u16(0x0200).u32(2).u16(0x0200).u32(1).u16(0x8100).u16(30).u16(0x0800).add(packet);
  SECTION("a frame, with its size") {
    d.send(ipfix_once(2, fields({{312, 2}, {315, 65535}}), Wire().u16(1518).u8(frame.size()).add(frame)));
    CHECK(d.record().src.text() == "10.0.0.1");
    CHECK(d.record().dst_port == 443);
    CHECK(d.record().protocol == 6);
    CHECK(d.record().tcp_flags == 2);
    CHECK(d.record().vlan == 30);
    CHECK(d.record().src_mac == 0x0200'0000'0001);
    CHECK(d.record().packets == 1);
    CHECK(d.record().octets == 1500);
    CHECK(d.record().quality == 0);
  }
  SECTION("a frame of v9, of fixed length") {
    d.send(v9(Wire().set(0, Wire().u16(256).u16(1).u16(104).u16(frame.size())).set(256, frame)));
    CHECK(d.record().dst.text() == "10.0.0.2");
  }
  SECTION("a packet") {
    d.send(ipfix_once(1, fields({{313, 65535}}), Wire().u8(packet.size()).add(packet)));
    CHECK(d.record().dst.text() == "10.0.0.2");
    CHECK(d.record().octets == 1500);
  }
  SECTION("a frame without IP counts with its size") {
    d.send(ipfix_once(2, fields({{312, 2}, {315, 65535}}),
                      Wire().u16(64).u8(20).u16(0x0200).u32(2).u16(0x0200).u32(1).u16(0x88f7).zeros(6)));
    CHECK(d.record().src.is_unset());
    CHECK(d.record().src_mac == 0x0200'0000'0001);
    CHECK(d.record().octets == 64);
  }
  SECTION("what the record says itself stands") {
    d.send(ipfix_once(4, fields({{8, 4}, {12, 4}, {1, 4}, {315, 65535}}),
                      Wire().ip("192.0.2.1").ip("192.0.2.2").u32(9000).u8(frame.size()).add(frame)));
    CHECK(d.record().src.text() == "192.0.2.1");
    CHECK(d.record().octets == 9000);
    CHECK(d.record().packets == 0);
  }
  SECTION("a section from the middle of a frame is not read") {
    d.send(ipfix_once(2, fields({{409, 2}, {315, 65535}}), Wire().u16(14).u8(frame.size()).add(frame)));
    CHECK(d.record().src.is_unset());
  }
}

TEST_CASE("Of two headers in one record the inner one is the flow's (SRv6, tunnels)") {
  Decoding d;
  const auto specifiers =
      fields({{27, 16}, {28, 16}, {5, 1}, {7, 2}, {11, 2}, {4, 1}, {8, 4}, {12, 4}, {7, 2}, {11, 2}, {4, 1}, {1, 4}});
  const Wire tunnel = Wire().ip("2001:db8::1").ip("2001:db8::2").u8(0).u16(0).u16(0).u8(4);
  d.send(ipfix_once(12, specifiers,
                    Wire(tunnel)
                        .ip("192.0.2.13")
                        .ip("192.0.2.12")
                        .u16(1111)
                        .u16(2222)
                        .u8(17)
                        .u32(100)
                        .add(tunnel)
                        .u32(0)
                        .u32(0)
                        .u16(0)
                        .u16(0)
                        .u8(0)
                        .u32(50)));
  CHECK(d.record(0).src.text() == "192.0.2.13");
  CHECK(d.record(0).dst.text() == "192.0.2.12");
  CHECK(d.record(0).protocol == 17);
  CHECK(d.record(0).dst_port == 2222);
  CHECK(d.record(1).src.text() == "2001:db8::1");  // nothing is inside
  CHECK(d.record(1).protocol == 4);
}

TEST_CASE("A record that names its own exporter is that exporter's") {
  for (const int ie : {130, 403}) {
    Decoding d;
    d.send(ipfix_once(2, fields({{ie, 4}, {1, 4}}),
                      Wire().ip("198.51.100.7").u32(1000).ip("192.0.2.1").u32(10).u32(0).u32(1)));
    REQUIRE(d.records() == 3);
    const auto* original = d.exporters.find(parse_ip_address("198.51.100.7").value());
    REQUIRE(original != nullptr);
    CHECK(d.record(0).exporter == original->id);
    CHECK(original->records == 1);
    CHECK(original->octets == 1000);
    CHECK(d.record(1).exporter == d.exporter().id);
    CHECK(d.record(2).exporter == d.exporter().id);
    CHECK(d.exporter().records == 2);
    CHECK(d.exporter().octets == 11);
  }
}

TEST_CASE("A record of an unknown rate is counted for the exporter that it names") {
  Decoding d;
  d.send(ipfix_once(3, fields({{130, 4}, {48, 4}, {1, 4}}),
                    Wire().ip("198.51.100.7").u32(9).u32(1000).ip("192.0.2.1").u32(9).u32(10)));
  REQUIRE(d.records() == 2);
  CHECK(d.exporters.find(parse_ip_address("198.51.100.7").value())->unsampled == 1);
  CHECK(d.exporter().unsampled == 1);
}

TEST_CASE("A mediator may name only so many exporters") {
  Decoding d({.max_originals = 2});
  Wire records;
  for (std::uint32_t i = 1; i <= 5; ++i) records.u32(0xc6336400u + i).u32(100);
  d.send(ipfix_once(2, fields({{130, 4}, {1, 4}}), records));
  CHECK(d.records() == 5);
  CHECK(d.exporters.all().size() == 3);
  CHECK(d.counters().originals_refused == 3);
  CHECK(d.exporter().octets == 300);
}

TEST_CASE("An exporter that meters twice can be counted for one direction") {
  for (const auto& [metering, octets] : {std::pair(Metering::kAuto, 111u), std::pair(Metering::kBoth, 111u),
                                         std::pair(Metering::kIngress, 101u), std::pair(Metering::kEgress, 10u)}) {
    Decoding d;
    d.exporters.find_or_add(parse_ip_address("192.0.2.1").value())->metering = metering;
    d.send(ipfix_once(2, fields({{61, 1}, {1, 4}}), Wire().u8(0).u32(100).u8(1).u32(10).u8(0).u32(1)));
    CHECK(d.exporter().octets == octets);
    CHECK(d.exporter().left_out == 3 - d.records());
    CHECK(d.counters().left_out == 3 - d.records());
    CHECK(d.exporter().directions == 3);
    CHECK(d.exporter().lost == 0);
    for (const auto& r : d.sink.all) CHECK(r.count_once == (metering == Metering::kAuto));
  }
}
