// What elements of v9 and IPFIX become in a record.
#include "decoding.hpp"

using namespace weir;
using namespace weir::test;

namespace {

constexpr std::uint32_t kReverse = 29305;

}  // namespace

TEST_CASE("The usual elements fill their members") {
  Decoding d;
  d.send(ipfix_once(
      22, fields({{8, 4},  {12, 4}, {7, 2},  {11, 2}, {4, 1},  {5, 1},  {6, 2},  {1, 8},  {2, 8},   {10, 4},  {14, 4},
                  {16, 4}, {17, 4}, {15, 4}, {9, 1},  {13, 1}, {58, 2}, {59, 2}, {61, 1}, {152, 8}, {153, 8}, {56, 6}}),
      Wire()
          .ip("10.0.0.1")
          .ip("10.0.0.2")
          .u16(1000)
          .u16(80)
          .u8(6)
          .u8(0x20)
          .u16(0x12)
          .u64(5000)
          .u64(7)
          .u32(100000)
          .u32(2)
          .u32(4200000000u)
          .u32(65000)
          .ip("10.0.0.9")
          .u8(8)
          .u8(32)
          .u16(10)
          .u16(20)
          .u8(1)
          .u64(kNowMs - 3000)
          .u64(kNowMs - 1000)
          .u16(0x0011)
          .u32(0x22334455)));
  const auto& r = d.record();
  CHECK(r.src.text() == "10.0.0.1");
  CHECK(r.dst.text() == "10.0.0.2");
  CHECK(r.src_port == 1000);
  CHECK(r.dst_port == 80);
  CHECK(r.protocol == 6);
  CHECK(r.tos == 0x20);
  CHECK(r.tcp_flags == 0x12);
  CHECK(r.octets == 5000);
  CHECK(r.packets == 7);
  CHECK(r.in_if == 100000);
  CHECK(r.out_if == 2);
  CHECK(r.src_as == 4200000000u);
  CHECK(r.dst_as == 65000);
  CHECK(r.next_hop.text() == "10.0.0.9");
  CHECK(r.src_mask == 8);
  CHECK(r.dst_mask == 32);
  CHECK(r.vlan == 10);
  CHECK(r.out_vlan == 20);
  CHECK(r.direction == 1);
  CHECK(r.start_ms == kNowMs - 3000);
  CHECK(r.end_ms == kNowMs - 1000);
  CHECK(r.src_mac == 0x001122334455);
  CHECK_FALSE(r.has_reverse);
  CHECK(r.initiator == Initiator::kUnknown);
  CHECK(r.quality == 0);
}

TEST_CASE("IPv6 ends, next hop and NAT") {
  Decoding d;
  d.send(ipfix_once(6, fields({{27, 16}, {28, 16}, {62, 16}, {225, 4}, {227, 2}, {1, 4}}),
                    Wire().ip("2001:db8::1").ip("2001:db8::2").ip("fe80::9").ip("198.51.100.1").u16(61000).u32(1)));
  CHECK(d.record().src.text() == "2001:db8::1");
  CHECK(d.record().dst.text() == "2001:db8::2");
  CHECK(d.record().next_hop.text() == "fe80::9");
  CHECK(d.record().src_nat.text() == "198.51.100.1");
  CHECK(d.record().src_nat_port == 61000);
}

TEST_CASE("Delta counters come before totals, and are never added to them") {
  Decoding d;
  SECTION("both") {
    d.send(ipfix_once(4, fields({{85, 8}, {1, 8}, {86, 8}, {2, 8}}), Wire().u64(90000).u64(100).u64(900).u64(1)));
    CHECK(d.record().octets == 100);
    CHECK(d.record().packets == 1);
  }
  SECTION("both, an empty delta") {
    d.send(ipfix_once(2, fields({{85, 8}, {1, 8}}), Wire().u64(90000).u64(0)));
    CHECK(d.record().octets == 0);
  }
  SECTION("totals alone") {
    d.send(ipfix_once(2, fields({{85, 4}, {86, 4}}), Wire().u32(888).u32(8)));
    CHECK(d.record().octets == 888);
    CHECK(d.record().packets == 8);
  }
  SECTION("totals of what left, alone") {
    d.send(ipfix_once(2, fields({{171, 4}, {172, 4}}), Wire().u32(888).u32(8)));
    CHECK(d.record().octets == 888);
    CHECK(d.record().packets == 8);
  }
  SECTION("an empty delta before what left") {
    const Wire records =
        Wire().u32(1500).u32(3).u32(0).u32(0).u32(0).u32(0).u32(1500).u32(3).u32(1500).u32(3).u32(1400).u32(3);
    d.send(ipfix_once(4, fields({{1, 4}, {2, 4}, {23, 4}, {24, 4}}), records));
    for (std::size_t i = 0; i < 3; ++i) {
      CHECK(d.record(i).octets == 1500);
      CHECK(d.record(i).packets == 3);
      CHECK(d.record(i).quality == 0);
    }
  }
  SECTION("post counters beside plain ones") {
    d.send(ipfix_once(2, fields({{23, 4}, {1, 4}}), Wire().u32(888).u32(100)));
    CHECK(d.record().octets == 100);
  }
  SECTION("post counters alone") {
    d.send(ipfix_once(2, fields({{23, 4}, {24, 4}}), Wire().u32(888).u32(8)));
    CHECK(d.record().octets == 888);
    CHECK(d.record().packets == 8);
  }
  SECTION("a firewall event leaves the delta empty (ipfix-barracuda)") {
    d.send(ipfix_once(3, fields({{85, 8}, {1, 8}, {233, 1}}), Wire().u64(65).u64(0).u8(2)));
    CHECK(d.record().octets == 65);
  }
}

TEST_CASE("Integers may be shorter than their element (RFC 7011 6.2)") {
  Decoding d;
  d.send(ipfix_once(4, fields({{1, 3}, {2, 1}, {10, 1}, {16, 2}}), Wire().u8(1).u16(0x0203).u8(9).u8(4).u16(65000)));
  CHECK(d.record().octets == 0x010203);
  CHECK(d.record().packets == 9);
  CHECK(d.record().in_if == 4);
  CHECK(d.record().src_as == 65000);
}

TEST_CASE("Variable lengths of one and of three octets lead to the next field") {
  Decoding d;
  Wire record = Wire().u8(5).text("hello").u32(10).u8(255).u16(300).zeros(300).u32(2).u8(0).u16(443);
  record.add(Wire().u8(0).u32(11).u8(1).text("x").u32(3).u8(2).text("ab").u16(80));
  d.send(ipfix_once(6, fields({{82, 65535}, {1, 4}, {83, 65535}, {2, 4}, {84, 65535}, {11, 2}}), record));
  REQUIRE(d.records() == 2);
  CHECK(d.record(0).octets == 10);
  CHECK(d.record(0).packets == 2);
  CHECK(d.record(0).dst_port == 443);
  CHECK(d.record(1).octets == 11);
  CHECK(d.record(1).dst_port == 80);
  CHECK(d.counters().malformed == 0);
}

TEST_CASE("A variable length past the set is malformed; what came before it counts") {
  Decoding d;
  d.send(ipfix_once(2, fields({{1, 4}, {82, 65535}}), Wire().u32(10).u8(1).text("x").u32(11).u8(200).text("short")));
  CHECK(d.records() == 1);
  CHECK(d.counters().malformed == 1);
}

TEST_CASE("Variable length also works in v9, and padding of such sets is no record") {
  Decoding d;
  d.send(v9(Wire()
                .set(0, Wire().u16(256).u16(2).add(fields({{96, 65535}, {1, 65535}})))
                .set(256, Wire().u8(2).text("ab").u8(2).u16(500).zeros(2))));
  REQUIRE(d.records() == 1);
  CHECK(d.record().octets == 500);
  CHECK(d.counters().malformed == 0);
}

TEST_CASE("Fields of length zero and fields of unknown enterprises are stepped over") {
  Decoding d;
  d.send(ipfix_once(4, field(150, 0).add(field(1, 4, 9999)).add(field(1, 4)).add(field(110, 65535, 3054)),
                    Wire().u32(7777).u32(42).u8(3).text("xyz")));
  CHECK(d.record().octets == 42);
  CHECK(d.counters().malformed == 0);
}

TEST_CASE("Lengths that an element cannot have are stepped over") {
  Decoding d;
  d.send(ipfix_once(3, fields({{8, 5}, {1, 12}, {2, 4}}), Wire().zeros(5).zeros(12).u32(3)));
  CHECK(d.record().src.is_unset());
  CHECK(d.record().octets == 0);
  CHECK(d.record().packets == 3);
}

TEST_CASE("The reverse half of a biflow (RFC 5103)") {
  Decoding d;
  const Wire specifiers = fields({{1, 4}, {2, 4}})
                              .add(field(1, 4, kReverse))
                              .add(field(2, 4, kReverse))
                              .add(field(6, 1, kReverse))
                              .add(field(239, 1));
  const auto record = [](int octets, int direction) {
    return Wire()
        .u32(100)
        .u32(1)
        .u32(static_cast<std::uint64_t>(octets))
        .u32(octets ? 4 : 0)
        .u8(0x12)
        .u8(static_cast<std::uint64_t>(direction));
  };
  SECTION("source is the initiator") {
    d.send(ipfix_once(6, specifiers, record(4000, 1)));
    CHECK(d.record().has_reverse);
    CHECK(d.record().octets == 100);
    CHECK(d.record().reverse_octets == 4000);
    CHECK(d.record().reverse_packets == 4);
    CHECK(d.record().reverse_tcp_flags == 0x12);
    CHECK(d.record().initiator == Initiator::kSource);
    CHECK(d.exporter().octets == 4100);
    CHECK(d.exporter().packets == 5);
  }
  SECTION("reversed") {
    d.send(ipfix_once(6, specifiers, record(4000, 2)));
    CHECK(d.record().initiator == Initiator::kDestination);
  }
  SECTION("arbitrary") {
    d.send(ipfix_once(6, specifiers, record(4000, 0)));
    CHECK(d.record().initiator == Initiator::kUnknown);
  }
  SECTION("perimeter") {
    d.send(ipfix_once(6, specifiers, record(4000, 3)));
    CHECK(d.record().initiator == Initiator::kUnknown);
  }
  SECTION("unanswered") {
    d.send(ipfix_once(6, specifiers, record(0, 1)));
    CHECK_FALSE(d.record().has_reverse);
    CHECK(d.record().initiator == Initiator::kSource);
  }
}

TEST_CASE("Initiator and responder counters make a biflow where there are no plain ones") {
  Decoding d;
  SECTION("without IE 1") {
    d.send(ipfix_once(4, fields({{231, 4}, {232, 4}, {298, 4}, {299, 4}}), Wire().u32(600).u32(9000).u32(5).u32(8)));
    CHECK(d.record().octets == 600);
    CHECK(d.record().packets == 5);
    CHECK(d.record().has_reverse);
    CHECK(d.record().reverse_octets == 9000);
    CHECK(d.record().reverse_packets == 8);
    CHECK(d.record().initiator == Initiator::kSource);
  }
  SECTION("beside IE 1, a responder counter is noise (v9-huawei-netstream)") {
    d.send(ipfix_once(2, fields({{1, 4}, {232, 2}}), Wire().u32(200).u16(77)));
    CHECK(d.record().octets == 200);
    CHECK_FALSE(d.record().has_reverse);
  }
}

TEST_CASE("Event records without counters are records, marked") {
  Decoding d;
  d.send(ipfix_once(3, fields({{8, 4}, {12, 4}, {233, 1}}), Wire().ip("10.0.0.1").ip("10.0.0.2").u8(1)));
  CHECK(d.record().quality == kQualityNoCounters);
}

TEST_CASE("Records without addresses are records") {
  Decoding d;
  d.send(ipfix_once(2, fields({{56, 6}, {1, 4}}), Wire().zeros(6).u32(99)));
  CHECK(d.record().src.is_unset());
  CHECK(d.record().dst.is_unset());
  CHECK(d.record().octets == 99);
}

TEST_CASE("A template with both families takes the one that is filled") {
  Decoding d;
  const Wire specifiers = fields({{27, 16}, {28, 16}, {8, 4}, {12, 4}});
  SECTION("IPv4") {
    d.send(ipfix_once(4, specifiers, Wire().ip("::").ip("::").ip("10.0.0.1").ip("10.0.0.2")));
    CHECK(d.record().src.text() == "10.0.0.1");
    CHECK(d.record().dst.text() == "10.0.0.2");
  }
  SECTION("IPv6") {
    d.send(ipfix_once(4, specifiers, Wire().ip("2001:db8::1").ip("2001:db8::2").ip("0.0.0.0").ip("0.0.0.0")));
    CHECK(d.record().src.text() == "2001:db8::1");
    CHECK(d.record().dst.text() == "2001:db8::2");
  }
  SECTION("IPv4 from 0.0.0.0, as DHCP") {
    d.send(ipfix_once(4, specifiers, Wire().ip("::").ip("::").ip("0.0.0.0").ip("255.255.255.255")));
    CHECK(d.record().src.text() == "0.0.0.0");
  }
}

TEST_CASE("The first of repeated fields counts") {
  Decoding d;
  d.send(ipfix_once(3, fields({{10, 4}, {10, 4}, {1, 4}}), Wire().u32(7).u32(8).u32(1)));
  CHECK(d.record().in_if == 7);
}

TEST_CASE("Numbers above 32767 are plain elements in v9") {
  Decoding d;
  d.send(v9(Wire().set(0, Wire().u16(256).u16(2).u16(0x8001).u16(4).u16(1).u16(4)).set(256, Wire().u32(7).u32(42))));
  CHECK(d.record().octets == 42);
}

TEST_CASE("A record whose counters no flow can have is refused and counted, and the others of its datagram stay") {
  Decoding d;
  const auto record = [](std::uint64_t octets, std::uint64_t packets) { return Wire().u64(octets).u64(packets); };
  const auto sets = Wire()
                        .set(2, Wire().u16(256).u16(2).u16(1).u16(8).u16(2).u16(8))
                        .set(256, Wire()
                                      .add(record(5, 1))
                                      .add(record(std::uint64_t{1} << 63, 1))
                                      .add(record(7, std::uint64_t{1} << 63))
                                      .add(record(std::uint64_t{1} << 40, 1)));
  d.send(ipfix(sets));
  REQUIRE(d.records() == 2);
  CHECK(d.record(0).octets == 5);
  CHECK(d.record(1).octets == std::uint64_t{1} << 40);
  CHECK(d.counters().records == 2);
  CHECK(d.counters().rejected == 2);
  CHECK(d.exporter().rejected == 2);
  CHECK(d.exporter().octets == 5 + (std::uint64_t{1} << 40));
  d.decoder.tick(kNowMs + 2000);
  const auto lines = d.decoder.take_log_lines();
  REQUIRE(lines.size() == 1);
  CHECK(lines.front().find("more than a link carries") != std::string::npos);
}

TEST_CASE("The unspecified address and no address are two things") {
  Decoding d;
  const auto once = [&](std::initializer_list<std::pair<int, int>> all, const Wire& record) -> const FlowRecord& {
    d.send(ipfix_once(static_cast<std::uint16_t>(all.size()), fields(all), record));
    return d.record(d.records() - 1);
  };
  CHECK(once({{27, 16}, {28, 16}}, Wire().ip("::").ip("ff02::1")).src == IpAddress::any_v6());
  CHECK(once({{8, 4}, {12, 4}, {1, 4}}, Wire().u32(0).u32(0).u32(9)).src.text() == "0.0.0.0");
  CHECK(once({{1, 4}}, Wire().u32(9)).src.is_unset());
  SECTION("in a template of both families an end is of the family of the other") {
    const std::initializer_list<std::pair<int, int>> both = {{8, 4}, {12, 4}, {27, 16}, {28, 16}, {1, 4}};
    CHECK(once(both, Wire().u32(0).u32(0).ip("::").ip("ff02::1").u32(9)).src == IpAddress::any_v6());
    CHECK(once(both, Wire().u32(0).ip("10.0.0.1").ip("::").ip("::").u32(9)).src.text() == "0.0.0.0");
    CHECK(once(both, Wire().u32(0).u32(0).ip("::").ip("::").u32(9)).src.is_unset());
  }
}
