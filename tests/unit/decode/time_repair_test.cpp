// Times: the stamps that exporters send, and what is made of impossible ones.
#include "decode/time_repair.hpp"
#include "decoding.hpp"

using namespace weir;
using namespace weir::test;

namespace {

constexpr TimeLimits kLimits{
    .max_clock_skew_ms = 30'000, .max_export_delay_ms = 3600 * 1000, .max_flow_duration_ms = 24 * 3600 * 1000};
constexpr std::int64_t kHour = 3600 * 1000;

MessageTime v9_time() {
  return {.arrival_ms = kNowMs, .export_ms = kNowMs, .uptime_ms = kUptimeMs, .has_uptime = true};
}
MessageTime ipfix_time() { return {.arrival_ms = kNowMs, .export_ms = kNowMs}; }
FlowTimes uptimes(std::uint32_t first, std::uint32_t last) {
  return {.given = FlowTimes::kStartUptime | FlowTimes::kEndUptime, .start_uptime_ms = first, .end_uptime_ms = last};
}
FlowTimes absolute(std::int64_t start, std::int64_t end) {
  return {.given = FlowTimes::kStart | FlowTimes::kEnd, .start_ms = start, .end_ms = end};
}

struct Resolved {
  std::int64_t start = 0, end = 0;
  bool repaired = false;
  bool operator==(const Resolved&) const = default;
};
std::ostream& operator<<(std::ostream& out, const Resolved& r) {
  return out << r.start - kNowMs << ".." << r.end - kNowMs << (r.repaired ? " repaired" : "");
}
// Relative to now.
Resolved at(std::int64_t start, std::int64_t end, bool repaired = false) {
  return {.start = kNowMs + start, .end = kNowMs + end, .repaired = repaired};
}
Resolved resolve(const FlowTimes& times, const MessageTime& message) {
  FlowRecord r;
  const bool repaired = resolve_times(times, message, kLimits, r);
  CHECK(repaired == ((r.quality & kQualityTimeRepaired) != 0));
  return {.start = r.start_ms, .end = r.end_ms, .repaired = repaired};
}

}  // namespace

TEST_CASE("Uptimes hang on the header's") {
  CHECK(resolve(uptimes(kUptimeMs - 5000, kUptimeMs - 1000), v9_time()) == at(-5000, -1000));
  CHECK(resolve(uptimes(kUptimeMs, kUptimeMs + 900), v9_time()) == at(-900, 0));  // rounding ahead of the header
}

TEST_CASE("Uptimes may wrap between first, last and header") {
  auto message = v9_time();
  message.uptime_ms = 1000;
  CHECK(resolve(uptimes(0xffffffffu, 500), message) == at(-1001, -500));
  CHECK(resolve(uptimes(0xfffffff0u, 0xfffffffeu), message) == at(-1016, -1002));
}

TEST_CASE("Impossible uptimes are repaired") {
  SECTION("last before first") {
    CHECK(resolve(uptimes(kUptimeMs - 1000, kUptimeMs - 5000), v9_time()) == at(-5000, -5000, true));
  }
  SECTION("last long after the header") {
    CHECK(resolve(uptimes(kUptimeMs, kUptimeMs + 60'000), v9_time()) == at(-60'000, 0, true));
  }
  SECTION("ended days ago") {
    CHECK(resolve(uptimes(kUptimeMs - 26 * kHour, kUptimeMs - 25 * kHour), v9_time()) == at(-kHour, 0, true));
  }
  SECTION("lasted for days") {
    CHECK(resolve(uptimes(kUptimeMs - 72 * kHour, kUptimeMs), v9_time()) == at(-24 * kHour, 0, true));
  }
  SECTION("ended hours ago") {
    CHECK(resolve(uptimes(kUptimeMs - 3 * kHour, kUptimeMs - 2 * kHour), v9_time()) == at(-kHour, 0, true));
  }
}

TEST_CASE("An uptime of 0 was not set, unless the exporter has just started") {
  auto message = v9_time();
  for (const std::int64_t uptime : {5 * 60'000L, 30 * 60'000L, 3 * kHour, 30 * 24 * kHour}) {
    message.uptime_ms = static_cast<std::uint32_t>(uptime);
    CHECK(resolve(uptimes(0, 0), message) == at(0, 0, true));
    CHECK(resolve(uptimes(0, message.uptime_ms - 1000), message) == at(-1000, -1000, true));
    CHECK(resolve(uptimes(message.uptime_ms - 7000, 0), message) == at(-7000, 0, true));
  }
  message.uptime_ms = 60'000;
  CHECK(resolve(uptimes(0, 0), message) == at(-60'000, -60'000));
  CHECK(resolve(uptimes(0, 59'000), message) == at(-60'000, -1000));
  auto ipfix_message = ipfix_time();
  ipfix_message.boot_ms = kNowMs - 30 * 60'000;
  CHECK(resolve(uptimes(0, 0), ipfix_message) == at(0, 0, true));
}

TEST_CASE("Absolute stamps are taken as they are") {
  CHECK(resolve(absolute(kNowMs - 9000, kNowMs - 3000), ipfix_time()) == at(-9000, -3000));
  CHECK(resolve(absolute(kNowMs - 9000, kNowMs + 20'000), ipfix_time()) ==
        at(-9000, 20'000));  // within the allowed skew
}

TEST_CASE("Impossible absolute stamps are repaired") {
  SECTION("swapped") { CHECK(resolve(absolute(kNowMs - 1000, kNowMs - 3000), ipfix_time()) == at(-3000, -3000, true)); }
  SECTION("a day ahead (v9-telegraf)") {
    CHECK(resolve(absolute(kNowMs + 24 * kHour, kNowMs + 24 * kHour + 2000), ipfix_time()) == at(-2000, 0, true));
  }
  SECTION("years ago (ipfix-akv-ipfixprobe)") {
    CHECK(resolve(absolute(kNowMs - 9000 * kHour, kNowMs - 9000 * kHour + 34), ipfix_time()) == at(-34, 0, true));
  }
}

TEST_CASE("A flow that claims to have waited for hours is repaired, one that waited for half an hour is not") {
  CHECK(resolve(absolute(kNowMs - kHour, kNowMs - kHour / 2), ipfix_time()) == at(-kHour, -kHour / 2));
  CHECK(resolve(absolute(kNowMs - 3 * kHour, kNowMs - 2 * kHour + 400'000), ipfix_time()) ==
        at(-kHour - 400'000, 0, true));
  CHECK(resolve(absolute(kNowMs - 20 * kHour, kNowMs - 20 * kHour), ipfix_time()).repaired);
}

TEST_CASE("Stamps in local time lose their zone and keep what passed until the export") {
  for (const std::int64_t quarters : {-56, -24, -18, -5, 5, 18, 24, 48}) {
    const std::int64_t zone = quarters * 15 * 60'000;
    CHECK(resolve(absolute(kNowMs + zone - 9000, kNowMs + zone - 1000), ipfix_time()) == at(-9000, -1000, true));
    CHECK(resolve(absolute(kNowMs + zone - 9000, kNowMs + zone), ipfix_time()) == at(-9000, 0, true));
  }
}

TEST_CASE("A flow of days with sound stamps keeps them") {
  const TimeLimits limits{
      .max_clock_skew_ms = 30'000, .max_export_delay_ms = kHour, .max_flow_duration_ms = 30 * 24 * kHour};
  FlowRecord r;
  CHECK_FALSE(resolve_times(absolute(kNowMs - 72 * kHour, kNowMs - 1000), ipfix_time(), limits, r));
  CHECK(r.start_ms == kNowMs - 72 * kHour);
  CHECK(r.end_ms == kNowMs - 1000);
  CHECK(resolve_times(absolute(kNowMs - 72 * kHour, kNowMs - 40 * kHour + 400'000), ipfix_time(), limits,
                      r));  // its end is not sound
  CHECK(r.end_ms - r.start_ms == 24 * kHour);
}

TEST_CASE("Missing stamps are filled from what there is") {
  SECTION("start and duration") {
    CHECK(resolve({.given = FlowTimes::kStart | FlowTimes::kDuration, .start_ms = kNowMs - 5000, .duration_ms = 2000},
                  ipfix_time()) == at(-5000, -3000));
  }
  SECTION("end and duration") {
    CHECK(resolve({.given = FlowTimes::kEnd | FlowTimes::kDuration, .end_ms = kNowMs - 1000, .duration_ms = 2000},
                  ipfix_time()) == at(-3000, -1000));
  }
  SECTION("start and event time") {
    CHECK(resolve({.given = FlowTimes::kStart | FlowTimes::kObservation,
                   .start_ms = kNowMs - 5000,
                   .observation_ms = kNowMs - 10},
                  ipfix_time()) == at(-5000, -10));
  }
  SECTION("event time alone") {
    CHECK(resolve({.given = FlowTimes::kObservation, .observation_ms = kNowMs - 10}, ipfix_time()) == at(-10, -10));
  }
  SECTION("microseconds before the export") {
    CHECK(resolve({.given = FlowTimes::kStartDelta | FlowTimes::kEndDelta,
                   .start_delta_us = 7'000'000,
                   .end_delta_us = 1'500'000},
                  ipfix_time()) == at(-7000, -1500));
  }
  SECTION("nothing") { CHECK(resolve({}, ipfix_time()) == at(0, 0)); }
  SECTION("uptimes of unknown boot") { CHECK(resolve(uptimes(100, 200), ipfix_time()) == at(0, 0)); }
}

TEST_CASE("IPFIX uptimes count from the announced boot, over wraps and from before it") {
  auto message = ipfix_time();
  message.boot_ms = kNowMs - kHour;
  CHECK(resolve(uptimes(kHour - 3000, kHour - 1000), message) == at(-3000, -1000));
  message.boot_ms = kNowMs - (std::int64_t{1} << 32) - 10'000;
  CHECK(resolve(uptimes(5000, 9000), message) == at(-5000, -1000));
  message.boot_ms = kNowMs - 1000;
  CHECK(resolve(uptimes(0u - 4000u, 0u - 2000u), message) == at(-5000, -3000));  // softflowd-r-v10
}

TEST_CASE("A clock that is off is corrected against arrival, smoothly") {
  ClockSkew skew;
  CHECK(skew.shift_for(kNowMs, kNowMs - 20'000, 30'000) == 0);
  CHECK(skew.shift_for(kNowMs, kNowMs - kHour, 30'000) == kHour);
  CHECK(skew.shift_for(kNowMs + 900, kNowMs - kHour, 30'000) == kHour);                // a datagram that queued
  CHECK(skew.shift_for(kNowMs + 1000, kNowMs - kHour + 1300, 30'000) == kHour - 300);  // one that queued less
  CHECK(skew.shift_for(kNowMs, kNowMs + kHour, 30'000) == -kHour);                     // the clock was set
  CHECK(skew.shift_for(kNowMs, kNowMs - 20'000, 30'000) == 20'000);  // still off by more than half the limit
  CHECK(skew.shift_for(kNowMs, kNowMs - 10'000, 30'000) == 0);
  CHECK(skew.shift_for(kNowMs, kNowMs - 20'000, 30'000) == 0);
}

TEST_CASE("Shifted times are marked") {
  auto message = v9_time();
  message.export_ms = kNowMs - kHour;
  message.shift_ms = kHour;
  CHECK(resolve(uptimes(kUptimeMs - 5000, kUptimeMs - 1000), message) == at(-5000, -1000, true));
  CHECK(resolve(absolute(kNowMs - kHour - 5000, kNowMs - kHour - 1000), message) == at(-5000, -1000, true));
}

TEST_CASE("A header without a clock does not spoil absolute stamps that agree with ours") {
  auto message = ipfix_time();
  message.export_ms = 0;
  message.shift_ms = kNowMs;
  CHECK(resolve(absolute(kNowMs - 5000, kNowMs - 1000), message) == at(-5000, -1000));
  CHECK(resolve(uptimes(1, 2), message) == at(0, 0, true));
}

TEST_CASE("Times before 1970 are clamped") {
  const MessageTime message{.arrival_ms = 1000, .export_ms = 1000, .uptime_ms = 50'000, .has_uptime = true};
  FlowRecord r;
  resolve_times(uptimes(10'000, 20'000), message, kLimits, r);
  CHECK(r.start_ms == 0);
  CHECK(r.end_ms == 0);
}

TEST_CASE("NTP stamps become epoch milliseconds, in both eras") {
  CHECK(ntp_to_ms(0) == 0);
  CHECK(ntp_to_ms(std::uint64_t{2'208'988'800u + 1} << 32 | 0x80000000u) == 1500);
  CHECK(ntp_to_ms(std::uint64_t{1} << 32) == (4'294'967'297 - 2'208'988'800) * 1000);  // 2036
}

TEST_CASE("An unannounced boot is bounded by the flows that were sent") {
  BootTime boot;
  CHECK(boot.value() == 0);
  boot.observe(kNowMs, 50'000);
  CHECK(boot.value() == kNowMs - 50'000);
  boot.observe(kNowMs + 10'000, 62'000);  // closer
  CHECK(boot.value() == kNowMs - 52'000);
  boot.observe(kNowMs + 20'000, 60'000);  // looser
  CHECK(boot.value() == kNowMs - 52'000);
  CHECK_FALSE(boot.doubtful());
}

TEST_CASE("A reboot shows by uptimes that begin anew") {
  for (const std::int64_t up : {20 * 60'000L, 2 * kHour, 6 * kHour, 40 * 24 * kHour}) {
    BootTime boot;
    for (int i = 0; i < 3; ++i) boot.observe(kNowMs + i * 10'000, static_cast<std::uint32_t>(up + i * 10'000));
    CHECK(boot.value() == kNowMs - up);
    const std::int64_t again = kNowMs + 60'000;
    boot.observe(again + 60'000, 60'000);
    CHECK(boot.value() == again);
    CHECK_FALSE(boot.doubtful());
  }
  BootTime boot;  // it had run for so short a time that a late flow would look the same
  boot.observe(kNowMs, 5 * 60'000);
  boot.observe(kNowMs + 120'000, 60'000);
  CHECK(boot.doubtful());
}

TEST_CASE("An announced boot holds until uptimes contradict it") {
  BootTime boot;
  boot.announce(kNowMs - 6 * kHour);
  CHECK(boot.value() == kNowMs - 6 * kHour);
  boot.observe(kNowMs, 6 * kHour - 90'000);
  CHECK(boot.value() == kNowMs - 6 * kHour);
  CHECK_FALSE(boot.doubtful());
  boot.observe(kNowMs + 120'000, 60'000);
  CHECK(boot.value() == kNowMs + 60'000);
  CHECK(boot.doubtful());
  boot.announce(kNowMs + 61'000);
  boot.observe(kNowMs + 180'000, 119'000);
  CHECK(boot.value() == kNowMs + 61'000);
  CHECK_FALSE(boot.doubtful());
}

TEST_CASE("A clock that jumped back for a moment does not shift flows for ever") {
  BootTime boot;
  boot.observe(kNowMs, 1000 * 1000);
  boot.observe(kNowMs - 300'000, 1001 * 1000);
  for (int minute = 1; minute <= 150; ++minute)
    boot.observe(kNowMs + minute * 60'000, static_cast<std::uint32_t>((1000 + minute * 60) * 1000));
  CHECK(boot.value() == kNowMs - 1000 * 1000);
}

TEST_CASE("An IPFIX exporter with uptimes and no boot time gets times at its export (ipfix-mikrotik)") {
  Decoding d;
  const Wire specifiers = Wire().u16(22).u16(4).u16(21).u16(4).u16(1).u16(4);
  d.send(ipfix_once(3, specifiers, Wire().u32(1000).u32(2000).u32(1).u32(3000).u32(8000).u32(1)));
  CHECK(d.record(0).start_ms == kNowMs - 7000);
  CHECK(d.record(0).end_ms == kNowMs - 6000);
  CHECK(d.record(1).end_ms == kNowMs);
  CHECK(d.record(1).quality == 0);
}

TEST_CASE("Options announce the boot time that later uptimes count from") {
  Decoding d;
  const Wire options = Wire().u16(301).u16(2).u16(1).u16(149).u16(4).u16(160).u16(8);
  d.send(ipfix(Wire().set(3, options).set(301, Wire().u32(0).u64(kNowMs - kHour))));
  d.send(ipfix_once(3, Wire().u16(22).u16(4).u16(21).u16(4).u16(1).u16(4),
                    Wire().u32(kHour - 9000).u32(kHour - 4000).u32(1)));
  CHECK(d.record().start_ms == kNowMs - 9000);
  CHECK(d.record().end_ms == kNowMs - 4000);
}

TEST_CASE("Repaired times are counted for the decoder and the exporter") {
  Decoding d;
  d.now_ms += 2 * kHour;
  d.send(v9(Wire().set(0, small_template(256)).set(256, small_record(1).add(small_record(2)))));
  CHECK(d.counters().time_repaired == 2);
  CHECK(d.exporter().time_repaired == 2);
  CHECK(d.record().end_ms == d.now_ms);
}

TEST_CASE("A flow of several days becomes a record per UTC day, and they add up") {
  Decoding d;
  const Wire specifiers = Wire().u16(152).u16(8).u16(153).u16(8).u16(1).u16(8).u16(2).u16(8);
  d.send(ipfix_once(4, specifiers, Wire().u64(kNowMs - 72 * kHour).u64(kNowMs).u64(3 * 86'400).u64(100)));
  REQUIRE(d.records() == 4);
  std::uint64_t packets = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    const auto& r = d.record(i);
    CHECK(r.octets == (i == 0 || i == 3 ? 43'200u : 86'400u));
    CHECK(r.continued == (i != 0));
    CHECK(r.quality == 0);
    if (i != 0) CHECK(r.start_ms == d.record(i - 1).end_ms);
    packets += r.packets;
  }
  CHECK(packets == 100);
  CHECK(d.record(0).start_ms == kNowMs - 72 * kHour);
  CHECK(d.record(3).end_ms == kNowMs);
  CHECK(d.counters().records == 1);
  CHECK(d.exporter().octets == 3 * 86'400);
}
