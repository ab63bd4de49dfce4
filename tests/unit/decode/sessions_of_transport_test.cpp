// Transport sessions (TCP, RFC 7011 10.4): templates live and die with the session that told them.
#include "decoding.hpp"

using namespace weir;
using namespace weir::test;

namespace {

struct Transported : Decoding {
  explicit Transported(const DecodeLimits& limits = {}) : Decoding(limits, 100, 10'000) {}
  void send_in(std::uint16_t session, const Wire& message) {
    decoder.decode({.source = parse_ip_address(from).value(),
                    .source_port = session,
                    .local_port = 4739,
                    .arrival_ms = now_ms,
                    .payload = message.bytes(),
                    .via = {},
                    .carriage = Carriage::kSession});
  }
  void end(std::uint16_t session) {
    decoder.decode({.source = parse_ip_address(from).value(),
                    .source_port = session,
                    .local_port = 4739,
                    .arrival_ms = now_ms,
                    .payload = {},
                    .via = {},
                    .carriage = Carriage::kSessionEnd});
    decoder.tick(now_ms);
  }
};

Wire told() { return ipfix(Wire().set(2, small_template(256)).set(256, small_record(100))); }
Wire data(std::uint32_t sequence) { return ipfix(Wire().set(256, small_record(100)), sequence); }

}  // namespace

TEST_CASE("Transport sessions: a template ends with its session, and no other session uses it") {
  Transported d;
  d.send_in(1000, told());
  d.send_in(1000, data(1));
  CHECK(d.records() == 2);
  d.send_in(2000, data(0));
  CHECK(d.records() == 2);
  CHECK(d.counters().came_without_template == 1);
  d.end(1000);
  CHECK(d.counters().templates == 0);
  d.send_in(1000, data(2));
  CHECK(d.records() == 2);
  d.send_in(1000, told());
  CHECK(d.records() >= 3);
  CHECK(d.counters().malformed == 0);
}

TEST_CASE("Transport sessions: withdrawals are obeyed, of one template, of all, of options alone") {
  Transported d;
  d.send_in(1000, ipfix(Wire()
                            .set(2, small_template(256).add(small_template(257)))
                            .set(3, Wire().u16(258).u16(2).u16(1).u16(149).u16(4).u16(34).u16(4))
                            .set(256, small_record(1))
                            .set(257, small_record(2))
                            .set(258, Wire().u32(0).u32(10))));
  d.send_in(2000, told());
  REQUIRE(d.records() == 3);
  REQUIRE(d.counters().options_records == 1);
  SECTION("one") {
    d.send_in(1000, ipfix(Wire().set(2, Wire().u16(256).u16(0)), 3));
    d.send_in(1000, ipfix(Wire().set(256, small_record(1)).set(257, small_record(2)), 3));
    CHECK(d.records() == 4);
  }
  SECTION("all") {
    d.send_in(1000, ipfix(Wire().set(2, Wire().u16(2).u16(0)), 3));
    d.send_in(1000,
              ipfix(Wire().set(256, small_record(1)).set(257, small_record(2)).set(258, Wire().u32(0).u32(10)), 3));
    CHECK(d.records() == 3);
    CHECK(d.counters().options_records == 2);
  }
  SECTION("options") {
    d.send_in(1000, ipfix(Wire().set(3, Wire().u16(3).u16(0)), 3));
    d.send_in(1000, ipfix(Wire().set(256, small_record(1)).set(258, Wire().u32(0).u32(10)), 3));
    CHECK(d.records() == 4);
    CHECK(d.counters().options_records == 1);
  }
  // Those of the other session stay.
  d.send_in(2000, data(1));
  CHECK(d.counters().withdrawals_ignored == 0);
  CHECK(d.sink.all.back().octets == 100);
}

TEST_CASE(
    "Transport sessions: nothing is kept over a restart, a copy is no duplicate, and a sender need not wait for its "
    "place") {
  Transported d({.admission = {.datagrams = 5, .probation_ms = 60'000}});
  int saved = 0;
  d.decoder.on_template([&](const StoredTemplate&) { ++saved; });
  d.send_in(1000, told());
  CHECK(d.records() == 1);
  d.send_in(1000, told());
  CHECK(d.records() == 2);
  CHECK(saved == 0);
  CHECK(d.counters().duplicates == 0);
}

TEST_CASE("Transport sessions: the end of one that nobody knows") {
  Transported d;
  d.end(1000);
  CHECK(d.counters().datagrams == 0);
  CHECK(d.counters().malformed == 0);
}
