// Rates that are announced after the records that they hold for: for which stretch of time, and when that cannot be
// told.
#include "decoding.hpp"

using namespace weir;
using namespace weir::test;

namespace {

constexpr std::int64_t kMinuteMs = 60'000, kHourMs = 3'600'000;

// A v9 exporter behind 192.0.2.1, or one of several, with a port of its own.
struct Sender {
  Decoding& decoding;
  std::uint16_t port;
  std::int64_t booted_ms = kNowMs - kHourMs;
  std::uint32_t sequence = 0;

  void send(const Wire& sets) {
    decoding.port = port;
    const std::int64_t now = decoding.now_ms;
    decoding.send(Wire()
                      .u16(9)
                      .u16(1)
                      .u32(static_cast<std::uint64_t>(now - booted_ms))
                      .u32(static_cast<std::uint64_t>(now / 1000))
                      .u32(sequence++)
                      .u32(0)
                      .add(sets));
  }
  void flows() { send(Wire().set(0, small_template(256)).set(256, small_record(1000))); }
  void flows_of(std::uint32_t selector) {
    send(Wire()
             .set(0, Wire().u16(257).u16(3).u16(1).u16(4).u16(2).u16(4).u16(48).u16(4))
             .set(257, Wire().u32(1000).u32(1).u32(selector)));
  }
  void announce(std::uint32_t rate) {
    send(Wire().set(1, Wire().u16(300).u16(4).u16(4).u16(1).u16(4).u16(34).u16(4)).set(300, Wire().u32(0).u32(rate)));
  }
  void announce_selector(std::uint32_t selector, std::uint32_t rate) {
    send(Wire()
             .set(1, Wire().u16(301).u16(4).u16(8).u16(1).u16(4).u16(48).u16(4).u16(34).u16(4))
             .set(301, Wire().u32(0).u32(selector).u32(rate)));
  }
  void announce_interface(std::uint32_t interface, std::uint32_t rate) {
    send(Wire()
             .set(1, Wire().u16(302).u16(4).u16(4).u16(2).u16(4).u16(34).u16(4))
             .set(302, Wire().u32(interface).u32(rate)));
  }
};

struct Site {
  Decoding decoding;
  Sender edge{decoding, 50'000};

  void pass(std::int64_t ms) { decoding.now_ms += ms; }
  std::vector<LateRate> late() {
    return decoding.exporters.find(parse_ip_address(decoding.from).value())->late_rates.with([](auto& all) {
      return all;
    });
  }
  // What holds for a session without a rate at this time: 0 for an uncertain one.
  std::optional<std::uint32_t> rate_at(std::int64_t ms) {
    std::optional<std::uint32_t> found;
    for (const auto& one : late()) {
      if (one.touches(ms, ms)) found = found && *found != one.rate ? 0 : one.rate;
    }
    return found;
  }
  void long_known() {
    decoding.exporters.find_or_add(parse_ip_address(decoding.from).value())->first_seen_ms = kNowMs - 48 * kHourMs;
  }
};

}  // namespace

TEST_CASE("A new exporter's rate holds for all that it sent before") {
  Site site;
  site.edge.flows();
  site.pass(2 * kMinuteMs);
  site.edge.flows();
  site.edge.announce(100);
  REQUIRE(site.late().size() == 1);
  CHECK(site.rate_at(kNowMs) == 100);
  CHECK(site.rate_at(kNowMs - kMinuteMs) == 100);  // flows that ended before their export
  CHECK(site.rate_at(site.decoding.now_ms) == 100);
  CHECK(site.rate_at(site.decoding.now_ms + kMinuteMs) == std::nullopt);
  SECTION("and a rate that changes later does not change that") {
    site.pass(2 * kMinuteMs);
    site.edge.flows();
    site.edge.announce(500);
    CHECK(site.rate_at(kNowMs) == 100);
  }
}

TEST_CASE("A rate that comes with the first records needs no such stretch") {
  Site site;
  site.edge.send(Wire()
                     .set(0, small_template(256))
                     .set(256, small_record(1))
                     .set(1, Wire().u16(300).u16(4).u16(4).u16(1).u16(4).u16(34).u16(4))
                     .set(300, Wire().u32(0).u32(100)));
  CHECK(site.decoding.record().sampling == 100);
  CHECK(site.late().empty());
}

TEST_CASE(
    "An exporter that was heard for days without a rate may have begun to sample just now: its last hour is "
    "uncertain") {
  Site site;
  site.long_known();
  site.edge.flows();
  site.pass(2 * kMinuteMs);
  site.edge.announce(100);
  CHECK(site.rate_at(kNowMs) == 0);
  CHECK(site.rate_at(kNowMs - 2 * kHourMs) == std::nullopt);
}

TEST_CASE("A sampling exporter that was started anew on another port: what it sends before it announces its rate") {
  Site site;
  site.long_known();
  site.edge.announce(100);
  site.edge.flows();
  site.pass(10 * kMinuteMs);
  Sender again{site.decoding, 50'001, site.decoding.now_ms};
  site.pass(kMinuteMs);
  again.flows();
  CHECK((site.decoding.record(1).quality & kQualitySamplingUnknown) != 0);
  site.pass(kMinuteMs);
  again.announce(200);
  CHECK(site.rate_at(kNowMs + 11 * kMinuteMs) == 200);
  CHECK(site.rate_at(kNowMs) == std::nullopt);
}

TEST_CASE("Two devices behind one address: the rate of one is not the other's") {
  Site site;
  Sender other{site.decoding, 50'001, kNowMs - 5 * kHourMs};
  site.edge.flows();
  other.flows();
  site.pass(kMinuteMs);
  site.edge.flows();
  other.flows();
  site.edge.announce(100);
  CHECK(site.rate_at(kNowMs) == 0);
  SECTION("until the other announces the same") {
    other.announce(100);
    CHECK(site.rate_at(kNowMs) == 100);
  }
  SECTION("another rate leaves it uncertain") {
    other.announce(200);
    CHECK(site.rate_at(kNowMs) == 0);
  }
}

TEST_CASE("A rate of interfaces does not tell what earlier records had") {
  Site site;
  site.edge.flows();
  site.pass(kMinuteMs);
  site.edge.announce_interface(7, 100);
  CHECK(site.rate_at(kNowMs) == 0);
}

TEST_CASE("Samplers: records that name one have its rate, and a table in two datagrams is one table") {
  Site site;
  SECTION("one sampler") {
    site.edge.flows_of(1);
    site.pass(kMinuteMs);
    site.edge.announce_selector(1, 100);
    CHECK(site.rate_at(kNowMs) == 100);
  }
  SECTION("of two, the one that the records name") {
    site.edge.flows_of(2);
    site.pass(kMinuteMs);
    site.edge.announce_selector(1, 100);
    CHECK(site.rate_at(kNowMs) == 0);
    site.edge.announce_selector(2, 200);
    CHECK(site.rate_at(kNowMs) == 200);
  }
  SECTION("records of both, which differ") {
    site.edge.flows_of(1);
    site.edge.flows_of(2);
    site.edge.announce_selector(1, 100);
    site.edge.announce_selector(2, 200);
    CHECK(site.rate_at(kNowMs) == 0);
  }
  SECTION("records that name none, of an exporter with two") {
    site.edge.flows();
    site.pass(kMinuteMs);
    site.edge.announce_selector(1, 100);
    CHECK(site.rate_at(kNowMs) == 100);
    site.pass(1000);
    site.edge.announce_selector(2, 200);
    CHECK(site.rate_at(kNowMs) == 0);
  }
}

TEST_CASE("NetFlow v5 beside it has no rate to announce: the stretch is uncertain") {
  Site site;
  site.edge.flows();
  site.decoding.port = 50'002;
  site.decoding.send(Wire()
                         .u16(5)
                         .u16(1)
                         .u32(1000)
                         .u32(kNowSeconds)
                         .u32(0)
                         .u32(1)
                         .u16(0)
                         .u16(0)
                         .ip("10.0.0.1")
                         .ip("10.0.0.2")
                         .u32(0)
                         .u16(1)
                         .u16(2)
                         .u32(1)
                         .u32(60)
                         .u32(500)
                         .u32(600)
                         .u16(1)
                         .u16(2)
                         .u8(0)
                         .u8(0)
                         .u8(6)
                         .u8(0)
                         .u16(0)
                         .u16(0)
                         .u8(0)
                         .u8(0)
                         .u16(0));
  site.pass(kMinuteMs);
  site.edge.announce(100);
  CHECK(site.rate_at(kNowMs) == 0);
}

TEST_CASE("However often rates are announced, an exporter keeps a bounded number of stretches, the first among them") {
  Site site;
  for (std::uint16_t i = 0; i < 200; ++i) {
    Sender sender{site.decoding, static_cast<std::uint16_t>(40'000 + i), site.decoding.now_ms - 1000};
    sender.flows();
    site.pass(100);
    sender.announce(100 + i);
    site.pass(kMinuteMs);
  }
  CHECK(site.late().size() <= kMaxLateRates);
  CHECK(site.rate_at(kNowMs) == 100);
}
