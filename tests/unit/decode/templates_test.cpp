// Templates of v9 and IPFIX: scope, redefinition, withdrawal, waiting data, padding.
#include "decoding.hpp"

using namespace weir;
using namespace weir::test;

namespace {

// The same id and the same length as small_template, the counters the other way round.
Wire swapped_template(std::uint16_t id) { return Wire().u16(id).u16(3).u16(2).u16(4).u16(1).u16(4).u16(4).u16(1); }

}  // namespace

TEST_CASE("A template is its exporter's and its source id's alone") {
  Decoding d;
  d.send(v9(Wire().set(0, small_template(256)), 1, 1));
  d.send(v9(Wire().set(256, small_record(10)), 1, 2));
  CHECK(d.records() == 0);
  CHECK(d.counters().waiting_for_template == 1);
  d.from = "192.0.2.2";
  d.send(v9(Wire().set(256, small_record(10)), 1, 1));
  CHECK(d.records() == 0);
  CHECK(d.counters().waiting_for_template == 2);
}

TEST_CASE("v9 and IPFIX of one exporter keep their templates apart") {
  Decoding d;
  d.send(v9(Wire().set(0, small_template(256))));
  d.send(ipfix(Wire().set(256, small_record(10))));
  CHECK(d.records() == 0);
}

TEST_CASE("An exporter may change its source port") {
  Decoding d;
  d.send(v9(Wire().set(0, small_template(256))));
  d.port = 50001;
  d.send(v9(Wire().set(256, small_record(10)), 2));
  CHECK(d.records() == 1);
}

TEST_CASE("A template that is defined anew holds from then on") {
  Decoding d;
  d.send(v9(Wire().set(0, small_template(256)).set(256, Wire().u32(100).u32(7).u8(6))));
  d.send(v9(Wire().set(0, swapped_template(256)).set(256, Wire().u32(7).u32(100).u8(6)), 2));
  REQUIRE(d.records() == 2);
  CHECK(d.record(1).octets == 100);
  CHECK(d.record(1).packets == 7);
  CHECK(d.counters().templates == 1);
}

TEST_CASE("Two exporters behind one address whose templates disagree are told apart by port") {
  Decoding d;
  std::vector<StoredTemplate> stored;
  d.decoder.on_template([&](const StoredTemplate& t) { stored.push_back(t); });
  const auto send_from = [&](std::uint16_t port, const Wire& sets) {
    d.port = port;
    d.send(v9(sets));
  };
  send_from(1111, Wire().set(0, small_template(256)));
  send_from(2222, Wire().set(0, swapped_template(256)));
  send_from(1111, Wire().set(256, Wire().u32(100).u32(7).u8(6)));
  send_from(2222, Wire().set(256, Wire().u32(7).u32(100).u8(6)));
  send_from(1111, Wire().set(0, small_template(256)));
  send_from(2222, Wire().set(256, Wire().u32(7).u32(100).u8(6)));
  REQUIRE(d.records() == 3);
  for (const auto& r : d.sink.all) {
    CHECK(r.octets == 100);
    CHECK(r.packets == 7);
  }
  CHECK(d.counters().templates == 2);
  REQUIRE(stored.size() == 2);
  CHECK(stored[1].source_port == 2222);
}

TEST_CASE("Data before its template in the same datagram is decoded") {
  Decoding d;
  d.send(v9(Wire().set(256, small_record(10)).set(0, small_template(256))));
  CHECK(d.records() == 1);
  CHECK(d.counters().waiting_for_template == 0);
  CHECK(d.exporter().waiting_for_template == 0);
  CHECK(d.counters().waiting_dropped == 0);
}

TEST_CASE("Data waits for a template of a later datagram, with the time it came at") {
  Decoding d;
  d.send(v9(Wire().set(256, small_record(10)).set(256, small_record(20))));
  CHECK(d.counters().waiting_for_template == 2);
  CHECK(d.exporter().waiting_for_template == 2);
  d.now_ms += 60'000;
  d.send(v9(Wire().set(0, small_template(256)), 2));
  REQUIRE(d.records() == 2);
  CHECK(d.record(0).octets == 10);
  CHECK(d.record(1).octets == 20);
  CHECK(d.record(0).end_ms == kNowMs);
  CHECK(d.counters().waiting_for_template == 0);
}

TEST_CASE("Withdrawals that come by UDP are ignored and counted") {
  Decoding d;
  const Wire options_template = Wire().u16(258).u16(2).u16(1).u16(149).u16(4).u16(34).u16(4);
  d.send(ipfix(Wire().set(2, small_template(256).add(small_template(257))).set(3, options_template)));
  SECTION("of one template") { d.send(ipfix(Wire().set(2, Wire().u16(256).u16(0)))); }
  SECTION("of all templates") { d.send(ipfix(Wire().set(2, Wire().u16(2).u16(0)))); }
  SECTION("of all options templates") { d.send(ipfix(Wire().set(3, Wire().u16(3).u16(0)))); }
  SECTION("from another port") {
    d.port = 1;
    d.send(ipfix(Wire().set(2, Wire().u16(2).u16(0))));
    d.port = 50000;
  }
  CHECK(d.counters().templates == 3);
  CHECK(d.counters().withdrawals_ignored == 1);
  CHECK(d.counters().malformed == 0);
  d.send(ipfix(Wire().set(256, small_record(1)).set(257, small_record(2))));
  CHECK(d.records() == 2);
}

TEST_CASE("A withdrawal does not stop what follows it in its set") {
  Decoding d;
  d.send(ipfix(Wire().set(2, Wire().u16(256).u16(0).add(small_template(256))).set(256, small_record(1))));
  CHECK(d.records() == 1);
}

TEST_CASE("Only templates that have decoded a record are handed on to be kept") {
  Decoding d;
  std::vector<StoredTemplate> stored;
  d.decoder.on_template([&](const StoredTemplate& t) { stored.push_back(t); });
  d.send(v9(Wire().set(0, small_template(256).add(small_template(257)))));
  CHECK(stored.empty());
  d.send(v9(Wire().set(257, small_record(1)), 2));
  REQUIRE(stored.size() == 1);
  CHECK(stored[0].record == small_template(257).bytes());
  d.send(v9(Wire().set(0, small_template(257)).set(257, small_record(1)), 3));
  CHECK(stored.size() == 1);
  // Data that waited proves it as well.
  d.send(v9(Wire().set(300, small_record(1)), 4));
  d.send(v9(Wire().set(0, small_template(300)), 5));
  CHECK(stored.size() == 2);
  // What it says anew has to be proven anew.
  d.send(v9(Wire().set(0, swapped_template(257)), 6));
  CHECK(stored.size() == 2);
  d.send(v9(Wire().set(257, small_record(1)), 7));
  CHECK(stored.size() == 3);
}

TEST_CASE("Templates that change with every datagram are handed on seldom, and the last one in the end") {
  Decoding d;
  std::vector<StoredTemplate> stored;
  d.decoder.on_template([&](const StoredTemplate& t) { stored.push_back(t); });
  for (std::uint32_t i = 0; i < 2000; ++i) {
    const Wire layout = i % 2 ? small_template(256) : swapped_template(256);
    d.send(v9(Wire().set(0, layout).set(256, small_record(1)), i));
    d.now_ms += 1;
  }
  CHECK(d.records() == 2000);
  CHECK(stored.size() < 300);
  CHECK(d.counters().saves_deferred > 1000);
  d.now_ms += 1000;
  d.send(v9(Wire().set(256, small_record(1)), 2000));
  CHECK(stored.back().record == small_template(256).bytes());
}

TEST_CASE("Padding after templates and records is stepped over") {
  Decoding d;
  SECTION("zeros to the end of a template set and of the datagram") {
    d.send(v9(Wire().set(0, small_template(256).zeros(40)).set(256, small_record(10)).zeros(64)));
  }
  SECTION("a few octets of anything after a template") {
    d.send(v9(Wire().set(0, small_template(256).text("@an")).set(256, small_record(10))));
  }
  SECTION("a few octets after the records") {
    d.send(v9(Wire().set(0, small_template(256)).set(256, small_record(10).zeros(3))));
  }
  CHECK(d.records() == 1);
  CHECK(d.counters().malformed == 0);
}

TEST_CASE("A set longer than the datagram is decoded as far as its records are whole") {
  Decoding d;
  const Wire two = small_record(10).add(small_record(20));
  d.send(v9(Wire().set(0, small_template(256)).u16(256).u16(4 + 30).add(two).u32(1)));
  CHECK(d.records() == 2);
  CHECK(d.counters().malformed == 1);
}

TEST_CASE("A set with an impossible length ends the datagram") {
  Decoding d;
  d.send(v9(Wire().set(0, small_template(256)).u16(256).u16(3).add(small_record(10))));
  CHECK(d.records() == 0);
  CHECK(d.counters().malformed == 1);
}

TEST_CASE("The header's count does not matter") {
  Decoding d;
  Wire message = Wire().u16(9).u16(999).u32(kUptimeMs).u32(kNowSeconds).u32(1).u32(0);
  d.send(message.set(0, small_template(256)).set(256, small_record(10).add(small_record(20))));
  CHECK(d.records() == 2);
  CHECK(d.counters().malformed == 0);
}

TEST_CASE("Sets of reserved ids are stepped over") {
  Decoding d;
  d.send(v9(Wire().set(17, Wire().u32(0xdeadbeef)).set(0, small_template(256)).set(256, small_record(10))));
  CHECK(d.records() == 1);
}

TEST_CASE("Templates that describe nothing, or end too soon, are malformed") {
  Decoding d;
  SECTION("no octets in a record") { d.send(v9(Wire().set(0, Wire().u16(256).u16(1).u16(1).u16(0)))); }
  SECTION("fields missing") { d.send(v9(Wire().set(0, Wire().u16(256).u16(3).u16(1).u16(4)))); }
  SECTION("no fields in v9") { d.send(v9(Wire().set(0, Wire().u16(256).u16(0)))); }
  SECTION("more scope than fields") { d.send(ipfix(Wire().set(3, Wire().u16(256).u16(1).u16(2).u16(34).u16(4)))); }
  SECTION("an options length that is no multiple of a specifier") {
    d.send(v9(Wire().set(1, Wire().u16(256).u16(3).u16(4).u32(0).u32(0))));
  }
  SECTION("an enterprise number cut off") { d.send(ipfix(Wire().set(2, Wire().u16(256).u16(1).u16(0x8001).u16(4)))); }
  CHECK(d.counters().templates == 0);
  CHECK(d.counters().malformed == 1);
  d.send(v9(Wire().set(256, Wire().zeros(100)), 2));
  CHECK(d.records() == 0);
}

TEST_CASE("IPFIX messages whose length is wrong are decoded and marked") {
  Decoding d;
  Wire message = Wire().u16(10).u16(20).u32(kNowSeconds).u32(0).u32(0);
  d.send(message.set(2, small_template(256)).set(256, small_record(10)));
  CHECK(d.records() == 1);
  CHECK(d.counters().malformed == 1);
}
