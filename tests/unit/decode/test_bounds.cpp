// What a hostile sender may make the decoder remember or do: nothing without a bound.
#include "decoding.hpp"

using namespace weir;
using namespace weir::test;

TEST_CASE("Templates of one exporter are bounded over all its domains") {
  Decoding d({.max_templates_per_exporter = 10});
  for (std::uint32_t domain = 0; domain < 4; ++domain) {
    Wire templates;
    for (std::uint16_t id = 256; id < 260; ++id) templates.add(small_template(id));
    d.send(v9(Wire().set(0, templates), 1, domain));
  }
  CHECK(d.counters().templates == 10);
  CHECK(d.counters().templates_refused == 6);
  SECTION("known ones may still be defined anew") {
    d.send(v9(Wire().set(0, Wire().u16(256).u16(1).u16(2).u16(4)).set(256, Wire().u32(5)), 2, 0));
    CHECK(d.record().packets == 5);
  }
  SECTION("unused ones make room after a while") {
    d.now_ms += 31 * 60 * 1000;
    d.send(v9(Wire().set(0, small_template(700)).set(700, small_record(1)), 2, 3));
    CHECK(d.records() == 1);
    CHECK(d.counters().templates == 1);
  }
}

TEST_CASE("All 64 Ki template ids at once, again and again") {
  Decoding d;
  for (int round = 0; round < 3; ++round) {
    Wire templates;
    for (std::uint32_t id = 256; id < 65536; ++id) {
      templates.u16(id).u16(1).u16(static_cast<std::uint64_t>(1 + round)).u16(4);
      if (templates.size() > 60'000) {
        d.send(v9(Wire().set(0, templates)));
        templates = Wire();
      }
    }
  }
  CHECK(d.counters().templates == 4096);
  CHECK(d.counters().templates_refused > 100'000);
}

TEST_CASE("Fields of a template are bounded") {
  Decoding d({.max_fields_per_template = 3});
  Wire four = Wire().u16(256).u16(4).u16(1).u16(4).u16(2).u16(4).u16(4).u16(1).u16(5).u16(1);
  d.send(v9(Wire().set(0, four.add(small_template(257))).set(257, small_record(1))));
  CHECK(d.counters().templates_refused == 1);
  CHECK(d.counters().templates == 1);
  CHECK(d.records() == 1);
}

TEST_CASE("Domains of an exporter are bounded; one unused for long makes room") {
  Decoding d({.max_domains_per_exporter = 3});
  for (std::uint32_t domain = 0; domain < 5; ++domain) d.send(v9(Wire().set(0, small_template(256)), 1, domain));
  CHECK(d.counters().domains_refused == 2);
  d.now_ms += 31 * 60 * 1000;
  d.send(v9(Wire().set(0, small_template(256)), 1, 9));
  CHECK(d.counters().domains_refused == 2);
  CHECK(d.counters().templates == 3);  // those of the domain that made room are gone
}

TEST_CASE("Waiting sets of one exporter are bounded: the oldest are given up") {
  Decoding d({.max_waiting_bytes_per_exporter = 4000});
  for (std::uint32_t i = 0; i < 100; ++i) d.send(v9(Wire().set(256, small_record(i)), i));
  CHECK(d.counters().waiting_for_template == 100);
  CHECK(d.exporter().waiting_for_template == 100);
  const auto dropped = d.counters().waiting_dropped;
  CHECK(dropped > 70);
  d.send(v9(Wire().set(0, small_template(256)), 100));
  REQUIRE(d.records() == 100 - dropped);
  CHECK(d.record(d.records() - 1).octets == 99);
  CHECK(d.counters().waiting_for_template == dropped);
  CHECK(d.counters().came_without_template == 100);
  CHECK(d.exporter().waiting_for_template == dropped);
}

TEST_CASE("A set too large to wait is given up at once") {
  Decoding d({.max_waiting_bytes_per_exporter = 100});
  d.send(v9(Wire().set(256, Wire().zeros(500))));
  CHECK(d.counters().waiting_for_template == 1);
  CHECK(d.counters().waiting_dropped == 1);
}

TEST_CASE("Waiting sets of all exporters together are bounded, and the room comes back") {
  Decoding d({.max_waiting_bytes = 2000});
  for (int i = 1; i <= 20; ++i) {
    d.from = "192.0.2." + std::to_string(i);
    d.send(v9(Wire().set(256, small_record(1))));
  }
  const auto dropped = d.counters().waiting_dropped;
  CHECK(dropped > 10);
  CHECK(dropped < 20);
  d.from = "192.0.2.1";
  d.send(v9(Wire().set(0, small_template(256)), 2));
  CHECK(d.records() == 1);
  d.from = "192.0.2.99";
  d.send(v9(Wire().set(256, small_record(1))));
  CHECK(d.counters().waiting_dropped == dropped);
}

TEST_CASE("What waited too long is given up by the clock") {
  Decoding d;
  d.send(v9(Wire().set(256, small_record(1))));
  d.decoder.tick(kNowMs + 29 * 60 * 1000);
  CHECK(d.counters().waiting_dropped == 0);
  d.decoder.tick(kNowMs + 31 * 60 * 1000);
  CHECK(d.counters().waiting_dropped == 1);
  CHECK(d.counters().waiting_for_template == 1);
  d.send(v9(Wire().set(0, small_template(256)), 2));
  CHECK(d.records() == 0);
}

TEST_CASE("A template of one octet makes as many records as the set has octets, no more") {
  Decoding d;
  d.send(v9(Wire().set(0, Wire().u16(256).u16(1).u16(4).u16(1)).set(256, Wire().zeros(60'000))));
  CHECK(d.records() == 60'000);
}

TEST_CASE("Records of nothing but empty variable fields end with their set") {
  Decoding d;
  Wire record;
  for (int i = 0; i < 1000; ++i) record.u8(0).u8(1).u8(7);
  d.send(ipfix_once(2, Wire().u16(82).u16(65535).u16(4).u16(65535), record));
  CHECK(d.records() == 1000);
}

TEST_CASE("A template for records longer than any datagram is refused as malformed") {
  Decoding d;
  Wire fields;
  for (int i = 0; i < 3; ++i) fields.u16(1).u16(60'000);
  d.send(v9(Wire().set(0, Wire().u16(256).u16(3).add(fields))));
  CHECK(d.counters().templates == 0);
  CHECK(d.counters().malformed == 1);
}
