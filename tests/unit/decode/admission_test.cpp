// Who becomes an exporter: what a sender has to send, what waits meanwhile, and what a flood of made up senders costs.
#include <random>

#include "decode/waiting_room.hpp"
#include "decoding.hpp"

using namespace weir;
using namespace weir::test;

namespace {

constexpr AdmissionLimits kEarned{.datagrams = 3, .probation_ms = 2000};

Wire v5(std::uint32_t octets) {
  return Wire()
      .u16(5)
      .u16(1)
      .u32(kUptimeMs)
      .u32(kNowSeconds)
      .u32(0)
      .u32(0)
      .u16(0)
      .u16(0)
      .ip("10.0.0.1")
      .ip("10.0.0.2")
      .ip("0.0.0.0")
      .u16(1)
      .u16(2)
      .u32(1)
      .u32(octets)
      .u32(kUptimeMs - 1000)
      .u32(kUptimeMs)
      .u16(1000)
      .u16(443)
      .u8(0)
      .u8(0)
      .u8(6)
      .u8(0)
      .u16(0)
      .u16(0)
      .u8(0)
      .u8(0)
      .u16(0);
}

}  // namespace

TEST_CASE("A sender becomes an exporter with its third datagram after two seconds, and nothing of it is lost") {
  Decoding d({.admission = kEarned});
  for (std::uint32_t i = 1; i <= 5; ++i) {
    d.send(v5(i));
    CHECK(d.exporters.all().size() == (i >= 3 ? 1 : 0));
    d.now_ms += 1000;
  }
  REQUIRE(d.records() == 5);
  for (std::uint32_t i = 0; i < 5; ++i) CHECK(d.record(i).octets == i + 1);
  CHECK(d.exporter().datagrams == 5);
  CHECK(d.exporter().first_seen_ms == kNowMs);
  CHECK(d.counters().senders_admitted == 1);
  CHECK(d.counters().senders_waiting == 0);
  CHECK(d.counters().senders_waiting_bytes == 0);
}

TEST_CASE("A sender that has sent enough at once is admitted by the clock") {
  Decoding d({.admission = kEarned});
  for (std::uint32_t i = 0; i < 3; ++i) d.send(v5(1));
  CHECK(d.records() == 0);
  d.decoder.tick(d.now_ms + 1000);
  CHECK(d.records() == 0);
  d.decoder.tick(d.now_ms + 2000);
  CHECK(d.records() == 3);
}

TEST_CASE("The first exporters need one datagram with a flow record, the others have to earn it") {
  AdmissionLimits limits = kEarned;
  limits.free_places = 2;
  Decoding d({.admission = limits});
  for (int i = 1; i <= 4; ++i) {
    d.from = "192.0.2." + std::to_string(i);
    d.send(v5(1));
    d.send(v9(Wire().set(0, small_template(256))));
  }
  CHECK(d.exporters.all().size() == 2);
  CHECK(d.records() == 2);
  CHECK(d.counters().senders_waiting == 2);
}

TEST_CASE("Data and a later template make an exporter as well") {
  Decoding d({.admission = kEarned});
  for (std::uint32_t i = 0; i < 10; ++i) {
    d.send(v9(Wire().set(256, small_record(i)), i));
    d.now_ms += 1000;
  }
  CHECK(d.exporters.all().empty());
  d.send(v9(Wire().set(0, small_template(256)), 10));
  CHECK(d.records() == 10);
  CHECK(d.exporters.all().size() == 1);
}

TEST_CASE("What no record comes of makes no exporter") {
  Decoding d({.min_record_octets = 8, .admission = kEarned});
  const std::vector<Wire> cases{Wire().u16(5),
                                Wire().u16(9).zeros(40),
                                Wire().u16(10).u16(16).zeros(12),
                                v9(Wire().set(0, small_template(256))),
                                v9(Wire().set(300, Wire().zeros(20))),
                                v9(Wire().set(0, Wire().u16(256).u16(1).u16(4).u16(1)).set(256, Wire().zeros(100)))};
  const auto& nothing = cases[GENERATE(range(std::size_t{0}, std::size_t{6}))];
  for (int i = 0; i < 20; ++i) {
    d.send(nothing);
    d.now_ms += 1000;
  }
  CHECK(d.exporters.all().empty());
  CHECK(d.exporters.known().empty());
  CHECK(d.records() == 0);
}

TEST_CASE("Two octets take no place, wait nowhere, and count as malformed") {
  Decoding d({.admission = GENERATE(AdmissionLimits{}, kEarned)});
  for (int i = 0; i < 5; ++i) d.send(Wire().u16(5));
  CHECK(d.exporters.known().empty());
  CHECK(d.counters().malformed == 5);
  CHECK(d.counters().senders_waiting == 0);
}

TEST_CASE("A forgotten exporter loses its templates, and comes back with its id") {
  Decoding d({.admission = kEarned});
  const auto data = v9(Wire().set(0, small_template(256)).set(256, small_record(1)));
  for (int i = 0; i < 3; ++i, d.now_ms += 1000) d.send(data);
  REQUIRE(d.records() == 3);
  const auto id = d.exporter().id;
  CHECK(d.counters().templates == 1);
  CHECK(d.exporters.forget(parse_ip_address(d.from).value()));
  d.decoder.tick(d.now_ms);
  CHECK(d.counters().templates == 0);
  CHECK(d.counters().state_bytes == 0);
  CHECK(d.exporters.all().empty());
  for (int i = 0; i < 3; ++i, d.now_ms += 1000) d.send(data);
  REQUIRE(d.exporters.all().size() == 1);
  CHECK(d.exporter().id == id);
  CHECK(d.records() == 6);
}

TEST_CASE("At the end those that have sent enough are admitted, and the others are counted") {
  Decoding d({.admission = kEarned});
  for (int i = 0; i < 3; ++i) d.send(v5(1));
  d.from = "192.0.2.2";
  d.send(v5(1));
  d.decoder.finish();
  CHECK(d.records() == 3);
  CHECK(d.counters().senders_turned_away == 1);
  CHECK(d.counters().datagrams_turned_away == 1);
}

TEST_CASE("A full table refuses, and admits when a place becomes free; what waited is decoded") {
  Decoding d({.admission = kEarned}, 1);
  for (std::uint32_t i = 0; i < 3; ++i, d.now_ms += 1000) d.send(v5(1));
  d.from = "192.0.2.2";
  for (std::uint32_t i = 0; i < 5; ++i, d.now_ms += 1000) d.send(v5(10));
  CHECK(d.records() == 3);
  CHECK(d.counters().senders_refused > 0);
  d.exporters.forget(parse_ip_address("192.0.2.1").value());
  d.now_ms += 2000;
  d.send(v5(10));
  CHECK(d.records() == 9);
}

TEST_CASE("In a flood of made up senders a new exporter is accepted within seconds, and memory is bounded") {
  const auto seed = GENERATE(1u, 2u, 3u);
  std::mt19937 random(seed);
  AdmissionLimits limits = kEarned;
  limits.max_senders = 500;
  limits.max_bytes = 1 << 20;
  Decoding d({.admission = limits});
  std::int64_t accepted_ms = -1;
  for (std::int64_t ms = 0; ms < 10'000; ++ms) {
    d.now_ms = kNowMs + ms;
    for (int i = 0; i < 10; ++i) {
      d.from = IpAddress::from_v4(static_cast<std::uint32_t>(random())).text();
      d.send(v5(1));
    }
    if (ms >= 2000 && ms % 500 == 0) {  // two datagrams a second
      d.from = "fe80::1";
      d.send(v5(77));
    }
    if (ms % 1000 == 0) d.decoder.tick(d.now_ms);
    CHECK(d.counters().senders_waiting <= limits.max_senders);
    CHECK(d.counters().senders_waiting_bytes <= limits.max_bytes);
    if (accepted_ms < 0 && !d.exporters.all().empty()) accepted_ms = ms;
  }
  REQUIRE(d.exporters.all().size() == 1);
  CHECK(d.exporters.all().front()->address == parse_ip_address("fe80::1").value());
  CHECK(accepted_ms <= 2000 + 3000);
  CHECK(d.counters().senders_turned_away > 90'000);
}

TEST_CASE("One waiting sender may hold so much, and its templates stay longest") {
  AdmissionLimits limits = kEarned;
  limits.max_bytes_per_sender = 4096;
  limits.probation_ms = 60'000;
  WaitingRoom room(limits);
  const std::vector<std::uint8_t> payload(300);
  for (std::uint16_t i = 0; i < 100; ++i) {
    const Datagram datagram{.source = parse_ip_address("192.0.2.1").value(),
                            .source_port = i,
                            .arrival_ms = kNowMs + i,
                            .payload = payload};
    REQUIRE(room.hold(datagram, i == 0) != nullptr);
    CHECK(room.bytes() <= 4096 + 1024);
  }
  const auto held = room.take(parse_ip_address("192.0.2.1").value());
  CHECK(held.front().source_port == 0);
  CHECK(held.back().source_port == 99);
  CHECK(room.datagrams_turned_away() == 100 - held.size());
  CHECK(room.bytes() == 0);
  CHECK(room.senders() == 0);
}

TEST_CASE("A burst does not take the place of an exporter that sends more in the long run") {
  Decoding d({.admission = kEarned}, 2);
  // Two exporters of ten records a second, the second in a place that newcomers may take.
  for (int second = 0; second < 60; ++second) {
    for (int i = 1; i <= 2; ++i) {
      d.from = "192.0.2." + std::to_string(i);
      for (int n = 0; n < 10; ++n) d.send(v5(static_cast<std::uint32_t>(10 * second + n)));
    }
    d.now_ms += 1000;
  }
  REQUIRE(d.exporters.all().size() == 2);
  const auto knocks = [&](const char* who, int records, int seconds) {
    d.from = who;
    for (int n = 0; n < records; ++n) {
      d.send(v5(static_cast<std::uint32_t>(n)));
      d.now_ms += 1000 * seconds / records;
    }
    const auto* exporter = d.exporters.find(*parse_ip_address(who));
    return exporter != nullptr && exporter->has_place();
  };
  CHECK_FALSE(knocks("192.0.2.9", 300, 3));
  CHECK(knocks("192.0.2.8", 900, 20));
}
