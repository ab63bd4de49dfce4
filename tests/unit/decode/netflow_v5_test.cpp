// NetFlow 1, 5 and 7, from bytes to records.
#include "decoding.hpp"

using namespace weir;
using namespace weir::test;

namespace {

Wire v5_header(std::uint16_t count, std::uint32_t sequence = 0, std::uint16_t sampling = 0,
               std::uint32_t uptime = kUptimeMs) {
  return Wire().u16(5).u16(count).u32(uptime).u32(kNowSeconds).u32(250'000'000).u32(sequence).u8(0).u8(7).u16(sampling);
}

struct V5 {
  std::uint32_t octets = 1500, packets = 3, first = kUptimeMs - 5000, last = kUptimeMs - 2000;
  std::uint16_t src_port = 40000, dst_port = 443;
  std::uint8_t protocol = 6;
  const char* next_hop = "10.0.0.254";
  Wire bytes() const {
    return Wire()
        .ip("10.0.0.1")
        .ip("10.0.0.2")
        .ip(next_hop)  // source, destination, next hop
        .u16(3)
        .u16(4)
        .u32(packets)
        .u32(octets)
        .u32(first)
        .u32(last)  // interfaces, counters, first and last uptime
        .u16(src_port)
        .u16(dst_port)
        .u8(0)
        .u8(0x1b)
        .u8(protocol)
        .u8(0xb8)  // ports, pad, flags, protocol, ToS
        .u16(65001)
        .u16(65002)
        .u8(24)
        .u8(16)
        .u16(0);  // AS numbers, masks, pad
  }
};

}  // namespace

TEST_CASE("A v5 record fills every field that v5 has") {
  Decoding d;
  d.send(v5_header(1).add(V5{}.bytes()));
  const auto& r = d.record();
  CHECK(r.src.text() == "10.0.0.1");
  CHECK(r.dst.text() == "10.0.0.2");
  CHECK(r.next_hop.text() == "10.0.0.254");
  CHECK(r.in_if == 3);
  CHECK(r.out_if == 4);
  CHECK(r.packets == 3);
  CHECK(r.octets == 1500);
  CHECK(r.src_port == 40000);
  CHECK(r.dst_port == 443);
  CHECK(r.tcp_flags == 0x1b);
  CHECK(r.protocol == 6);
  CHECK(r.tos == 0xb8);
  CHECK(r.src_as == 65001);
  CHECK(r.dst_as == 65002);
  CHECK(r.src_mask == 24);
  CHECK(r.dst_mask == 16);
  CHECK(r.start_ms == kNowMs + 250 - 5000);
  CHECK(r.end_ms == kNowMs + 250 - 2000);
  CHECK(r.sampling == 0);
  CHECK(r.quality == 0);
  CHECK(r.exporter == d.exporter().id);
  CHECK(d.exporter().records == 1);
  CHECK(d.exporter().octets == 1500);
  CHECK(d.exporter().packets == 3);
  CHECK(d.exporter().protocols == kProtocolV5);
}

TEST_CASE("A next hop of zeros is none") {
  Decoding d;
  d.send(v5_header(1).add(V5{.next_hop = "0.0.0.0"}.bytes()));
  CHECK(d.record().next_hop.is_unset());
}

TEST_CASE("ICMP type and code are taken out of the destination port") {
  Decoding d;
  d.send(v5_header(1).add(V5{.src_port = 0, .dst_port = 8 << 8 | 0, .protocol = 1}.bytes()));
  CHECK(d.record().icmp == 0x0800);
  CHECK(d.record().dst_port == 0);
}

TEST_CASE("The v5 header's low 14 bits are the sampling rate") {
  Decoding d;
  SECTION("with a mode") {
    d.send(v5_header(1, 0, 1 << 14 | 1000).add(V5{}.bytes()));
    CHECK(d.record().sampling == 1000);
    CHECK(d.exporter().announced_sampling == 1000);
  }
  SECTION("a mode without a rate is sampling that nobody told") {
    d.send(v5_header(1, 0, 1 << 14).add(V5{}.bytes()));
    CHECK(d.record().quality == kQualitySamplingUnknown);
  }
}

TEST_CASE("A v5 count larger than the datagram is clamped to what is there, and marked") {
  Decoding d;
  d.exporters.find_or_add(parse_ip_address(d.from).value());  // of others these would not be taken as flow export
  SECTION("a record more than there are") {
    d.send(v5_header(3).add(V5{}.bytes()).add(V5{}.bytes()));
    CHECK(d.records() == 2);
  }
  SECTION("one cut in the middle") {
    d.send(v5_header(2).add(V5{}.bytes()).add(V5{}.bytes()).cut(24 + 48 + 20));
    CHECK(d.records() == 1);
  }
  SECTION("a count that no datagram can hold, before whole records") {
    d.send(v5_header(55582).add(V5{}.bytes()));
    CHECK(d.records() == 1);
  }
  SECTION("a count that no datagram can hold, before anything else") {
    d.send(v5_header(55582).add(V5{}.bytes()).u8(1));
    CHECK(d.records() == 0);
  }
  SECTION("no count") {
    d.send(v5_header(0).add(V5{}.bytes()));
    CHECK(d.records() == 0);
  }
  SECTION("a header cut short") {
    d.send(v5_header(1).cut(20));
    CHECK(d.records() == 0);
  }
  CHECK(d.counters().malformed == 1);
  CHECK(d.exporter().malformed == 1);
}

TEST_CASE("v5 records past the count are not read") {
  Decoding d;
  d.send(v5_header(1).add(V5{}.bytes()).add(V5{}.bytes()));
  CHECK(d.records() == 1);
  CHECK(d.counters().malformed == 0);
}

TEST_CASE("v5 uptimes wrap after 49.7 days without harm") {
  Decoding d;
  // The flow began 3 s before the wrap; the header is 1 s after it.
  d.send(v5_header(1, 0, 0, 1000).add(V5{.first = 0xffffffffu - 2999, .last = 500}.bytes()));
  CHECK(d.record().start_ms == kNowMs + 250 - 4000);
  CHECK(d.record().end_ms == kNowMs + 250 - 500);
  CHECK(d.record().quality == 0);
}

TEST_CASE("v5 loss is counted in flows") {
  Decoding d;
  const auto two = [](std::uint32_t sequence) { return v5_header(2, sequence).add(V5{}.bytes()).add(V5{}.bytes()); };
  d.send(two(100));
  d.send(two(102));
  CHECK(d.exporter().lost == 0);
  d.send(two(110));  // 104 to 109 are missing
  CHECK(d.exporter().lost == 6);
  d.send(two(106));  // two of them come late
  CHECK(d.exporter().lost == 4);
  d.send(two(112));
  CHECK(d.exporter().lost == 4);
  d.decoder.tick(kNowMs);
  d.exporter();
  const auto domains = d.exporters.all().front()->domains.with([](auto& all) { return all; });
  REQUIRE(domains.size() == 1);
  CHECK(domains[0].domain == 7);  // engine type and id
  CHECK(domains[0].sequence_lost == 4);
}

TEST_CASE("A v1 record is 48 octets on the wire") {
  Decoding d;
  const Wire record = Wire()
                          .ip("10.0.0.1")
                          .ip("10.0.0.2")
                          .ip("0.0.0.0")
                          .u16(3)
                          .u16(4)
                          .u32(20)
                          .u32(1680)
                          .u32(kUptimeMs - 10)
                          .u32(kUptimeMs)
                          .u16(1234)
                          .u16(53)
                          .u16(0)
                          .u8(17)
                          .u8(0)
                          .u8(0)
                          .zeros(7);  // ports, pad, protocol, ToS, flags, the rest unused
  REQUIRE(record.size() == 48);
  d.send(Wire().u16(1).u16(2).u32(kUptimeMs).u32(kNowSeconds).u32(0).add(record).add(record));
  REQUIRE(d.records() == 2);
  CHECK(d.record(1).src_port == 1234);
  CHECK(d.record(1).dst_port == 53);
  CHECK(d.record(1).protocol == 17);
  CHECK(d.record(1).octets == 1680);
  CHECK(d.exporter().protocols == kProtocolV1);
}

TEST_CASE("A v7 record is 52 octets, with flags of validity where v5 has its pad") {
  Decoding d;
  const Wire record = V5{}.bytes().ip("192.0.2.9");  // the router that was shortcut
  REQUIRE(record.size() == 52);
  d.send(Wire().u16(7).u16(2).u32(kUptimeMs).u32(kNowSeconds).u32(0).u32(1).u32(0).add(record).add(record));
  REQUIRE(d.records() == 2);
  CHECK(d.record(1).dst_port == 443);
  CHECK(d.record(1).protocol == 6);
  CHECK(d.record(1).src_mask == 24);
  CHECK(d.exporter().protocols == kProtocolV7);
}
