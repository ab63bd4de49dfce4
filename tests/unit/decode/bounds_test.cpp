// What a hostile sender may make the decoder remember or do: nothing without a bound.
#include <random>

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
    d.send(v9(Wire().set(0, Wire().u16(256).u16(2).u16(2).u16(4).u16(1).u16(4)).set(256, Wire().u32(5).u32(9)), 2, 0));
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

TEST_CASE("Sets that wait cost their sender's share of the worker, however small they are") {
  Decoding d;
  Wire sets;
  for (int i = 0; i < 5000; ++i) sets.set(1000, Wire().u64(0));
  d.send(v9(sets));
  CHECK(d.decoder.work() > 10 * sets.size());
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

TEST_CASE("One exporter's waiting data takes no room from that of others") {
  Decoding d({.max_waiting_bytes_per_exporter = 10'000, .max_waiting_bytes = 10'000});
  for (std::uint32_t i = 0; i < 200; ++i) d.send(v9(Wire().set(256, small_record(i)), i));
  for (int i = 2; i <= 6; ++i) {
    d.from = "192.0.2." + std::to_string(i);
    d.send(v9(Wire().set(256, small_record(1)), 1));
  }
  for (int i = 2; i <= 6; ++i) {
    d.from = "192.0.2." + std::to_string(i);
    const auto before = d.records();
    d.send(v9(Wire().set(0, small_template(256)), 2));
    CHECK(d.records() == before + 1);
  }
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

TEST_CASE("Records too short for a flow are counted, not stored, and cost nothing each") {
  Decoding d({.min_record_octets = 8});
  d.send(ipfix(Wire().set(2, Wire().u16(256).u16(1).u16(4).u16(1)).set(256, Wire().zeros(60'000))));
  CHECK(d.records() == 0);
  CHECK(d.counters().records == 0);
  CHECK(d.counters().rejected_empty == 60'000);
  CHECK(d.counters().rejected == 60'000);
  CHECK(d.exporter().rejected == 60'000);
  CHECK(d.decoder.work() < 2'000'000);
  // They count in the sequence, as the exporter counts them.
  d.send(ipfix(Wire().set(256, Wire().zeros(8)), 60'000));
  CHECK(d.exporter().lost == 0);
}

TEST_CASE("Records without anything that is stored are counted, not stored") {
  Decoding d({.min_record_octets = 8});
  d.send(ipfix_once(2, Wire().u16(96).u16(65535).u16(152).u16(8), Wire().u8(3).text("ssh").u64(1).u8(0).u64(1)));
  CHECK(d.records() == 0);
  CHECK(d.counters().rejected_empty == 2);
}

TEST_CASE("What a flow counts is bounded by what a link carries in its time") {
  // Start and end, octets and packets of eight octets each, a sampling interval.
  const Wire layout = Wire().u16(152).u16(8).u16(153).u16(8).u16(1).u16(8).u16(2).u16(8).u16(34).u16(4);
  struct Case {
    std::uint64_t seconds, octets, packets, sampling;
    bool stored;
  };
  constexpr std::uint64_t kMinute = 60ull * 200'000'000'000;  // octets of a minute at 1.6 Tbit/s
  const auto c =
      GENERATE(Case{0, kMinute, 1, 0, true}, Case{0, kMinute + 1, 1, 0, false}, Case{0, kMinute, 1, 1, true},
               Case{0, kMinute, 1, 2, false}, Case{120, 2 * kMinute, 1, 0, true}, Case{119, 2 * kMinute, 1, 0, false},
               Case{0, 1, kMinute / 64, 0, true}, Case{0, 1, kMinute / 64 + 1, 0, false},
               Case{0, std::uint64_t{1} << 56, 1, 0xffff'ffff, false},
               Case{0, std::uint64_t{1} << 55, 1, std::uint64_t{1} << 31, false},
               Case{0, std::uint64_t{1} << 63, 1, 0, false}, Case{0, 1, std::uint64_t{1} << 63, 0, false},
               Case{0, ~std::uint64_t{0}, ~std::uint64_t{0}, 0xffff'ffff, false}, Case{0, 1500, 1, 100'000'000, true});
  Decoding d;
  const std::uint64_t end = kNowMs;
  d.send(
      ipfix_once(5, layout, Wire().u64(end - c.seconds * 1000).u64(end).u64(c.octets).u64(c.packets).u32(c.sampling)));
  INFO(c.seconds << " s, " << c.octets << " octets, " << c.packets << " packets, 1 in " << c.sampling);
  CHECK(d.records() == (c.stored ? 1 : 0));
  CHECK(d.counters().rejected_counters == (c.stored ? 0 : 1));
  CHECK(d.exporter().rejected_counters == (c.stored ? 0 : 1));
  CHECK(d.counters().records == d.records());
}

TEST_CASE("A rate that the operator set counts as well") {
  Decoding d;
  d.send(v9(Wire().set(0, small_template(256)).set(256, small_record(4'000'000'000))));
  CHECK(d.records() == 1);
  d.exporters.find(parse_ip_address(d.from).value())->configured_sampling = 1'000'000;
  d.send(v9(Wire().set(256, small_record(4'000'000'000)), 2));
  CHECK(d.counters().rejected_counters == 1);
}

TEST_CASE("Made up sampling rates are bounded, and those of before go on") {
  Decoding d({.max_record_rates_per_exporter = 4});
  const auto send = [&](std::uint32_t rate) {
    d.send(ipfix_once(2, Wire().u16(34).u16(4).u16(1).u16(4), Wire().u32(rate).u32(100)));
  };
  for (std::uint32_t rate = 1; rate <= 100; ++rate) send(rate);
  CHECK(d.records() == 4);
  CHECK(d.counters().rejected_rates == 96);
  for (int i = 0; i < 10; ++i) send(3);
  CHECK(d.records() == 14);
  d.now_ms += 2 * 3'600'000;  // the others were not used for an hour
  for (std::uint32_t rate = 200; rate <= 300; ++rate) send(rate);
  CHECK(d.records() == 18);
}

TEST_CASE("Whatever many exporters announce, memory is bounded for each and for all, and nobody is shut out") {
  const auto seed = GENERATE(range(0u, 6u));
  std::mt19937 random(seed);
  constexpr std::uint64_t kEach = 200'000, kAll = 600'000;
  Decoding d({.max_domains_per_exporter = 64,
              .max_sampling_rates_per_exporter = 200,
              .max_state_bytes_per_exporter = kEach,
              .max_state_bytes = kAll});
  for (int step = 0; step < 3000; ++step) {
    d.now_ms += random() % 100;
    d.from = "10.0.0." + std::to_string(random() % 12);
    Wire templates;
    const auto fields = 1 + random() % 200;
    for (int n = 0; n < 5; ++n) {
      templates.u16(256 + random() % 5000).u16(fields);
      for (std::uint32_t i = 0; i < fields; ++i) templates.u16(1 + random() % 60).u16(4);
    }
    d.send(v9(Wire().set(0, templates), static_cast<std::uint32_t>(step), random() % 100));
    CHECK(d.counters().state_bytes <= kAll + 100'000);  // domains, of which each has few
    if (step % 50 == 0) {
      d.decoder.tick(d.now_ms);
      // A newcomer with one template decodes, however full it is.
      const auto before = d.records();
      d.from = "192.0.2." + std::to_string(step / 50 % 30);
      d.send(v9(Wire().set(0, small_template(256)).set(256, small_record(1)), static_cast<std::uint32_t>(step)));
      CHECK(d.records() == before + 1);
    }
  }
  CHECK(d.counters().templates_refused + d.counters().templates_forgotten > 100);
  // Afterwards the memory comes back.
  d.decoder.tick(d.now_ms + 40 * 60'000);
  CHECK(d.counters().state_bytes < kAll / 2);
}

TEST_CASE("Records of nothing but empty variable fields end with their set") {
  Decoding d;
  Wire record;
  for (int i = 0; i < 1000; ++i) record.u8(0).u8(1).u8(7).u64(5);
  d.send(ipfix_once(3, Wire().u16(82).u16(65535).u16(4).u16(65535).u16(1).u16(8), record));
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
