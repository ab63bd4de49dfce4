// Reports of one flow after another: counters that run on, starts that stay, events of a firewall.
#include <map>
#include <random>

#include "decode/flow_memory.hpp"
#include "decoding.hpp"

using namespace weir;
using namespace weir::test;

namespace {

constexpr std::int64_t kMinute = 60'000;

FlowRecord flow(std::uint16_t port, std::int64_t start, std::int64_t end, std::uint64_t octets) {
  FlowRecord r;
  r.src = parse_ip_address("192.0.2.10").value();
  r.dst = parse_ip_address("192.0.2.20").value();
  r.src_port = port;
  r.dst_port = 443;
  r.protocol = 17;
  r.start_ms = start;
  r.end_ms = end;
  r.octets = octets;
  r.packets = octets / 100;
  return r;
}

struct Memory {
  explicit Memory(const FlowMemoryLimits& limits = {}) : memory(limits, total) {}
  FlowRecord settle(FlowRecord r, Counting counting, std::int64_t now, bool ended = false, std::uint64_t flow_id = 0) {
    const FlowReport report{.counting = counting, .ended = ended, .flow_id = flow_id};
    if (FlowMemory::concerns(r, report)) memory.settle(FlowMemory::key_of(r, report, 1), r, report, now);
    return r;
  }
  FlowMemoryTotal total;
  FlowMemory memory;
};

}  // namespace

TEST_CASE("A delta belongs to the time since the last report of its flow") {
  Memory m;
  for (int i = 1; i <= 60; ++i) {
    const std::int64_t end = kNowMs + i * kMinute;
    const auto r = m.settle(flow(1, kNowMs, end, 60'000), Counting::kDelta, end);
    CHECK(r.start_ms == end - kMinute);
    CHECK(r.end_ms == end);
    CHECK(r.octets == 60'000);
    CHECK(r.quality == 0);
  }
}

TEST_CASE("Flows of one five-tuple that began at different times are left alone") {
  Memory m;
  for (int i = 0; i < 10; ++i) {
    const std::int64_t start = kNowMs + i * kMinute;
    const auto r = m.settle(flow(1, start, start + kMinute, 500), Counting::kDelta, start + kMinute);
    CHECK(r.start_ms == start);
    CHECK(r.octets == 500);
  }
}

TEST_CASE("A flow that the collector did not hear from its start is marked, of exporters that keep starts") {
  Memory m;
  m.settle(flow(1, kNowMs, kNowMs + kMinute, 500), Counting::kDelta, kNowMs + kMinute);
  CHECK(m.settle(flow(2, kNowMs - kMinute, kNowMs + kMinute, 500), Counting::kDelta, kNowMs + kMinute).quality == 0);
  m.settle(flow(1, kNowMs, kNowMs + 2 * kMinute, 500), Counting::kDelta, kNowMs + 2 * kMinute);
  CHECK(m.settle(flow(3, kNowMs - 60 * kMinute, kNowMs + 2 * kMinute, 500), Counting::kDelta, kNowMs + 2 * kMinute)
            .quality == kQualityTimeRepaired);
  CHECK(
      m.settle(flow(4, kNowMs + kMinute, kNowMs + 3 * kMinute, 500), Counting::kDelta, kNowMs + 3 * kMinute).quality ==
      0);
}

TEST_CASE("Running totals become what came since the last report") {
  Memory m;
  m.settle(flow(9, kNowMs, kNowMs, 0), Counting::kTotal, kNowMs);
  SECTION("with the start of the flow") {
    for (std::uint64_t i = 1; i <= 3; ++i) {
      const std::int64_t end = kNowMs + static_cast<std::int64_t>(i) * kMinute;
      const auto r = m.settle(flow(1, kNowMs, end, 1000 * i), Counting::kTotal, end);
      CHECK(r.octets == 1000);
      CHECK(r.packets == 10);
      CHECK(r.start_ms == end - kMinute);
      CHECK(r.quality == 0);
    }
    CHECK(m.settle(flow(1, kNowMs, kNowMs + 3 * kMinute, 3000), Counting::kTotal, kNowMs + 3 * kMinute).octets ==
          0);  // once more
  }
  SECTION("with a start for each report, marked until it is proven") {
    for (std::uint64_t i = 1; i <= 20; ++i) {
      const std::int64_t end = kNowMs + static_cast<std::int64_t>(i) * kMinute;
      const auto r = m.settle(flow(1, end - kMinute, end, 1000 * i), Counting::kTotal, end);
      CHECK(r.octets == 1000);
      CHECK((r.quality == kQualityCountersUncertain) == (i > 1 && i < 9));
    }
  }
  SECTION("a total that falls is a new flow's") {
    m.settle(flow(1, kNowMs, kNowMs + kMinute, 5000), Counting::kTotal, kNowMs + kMinute);
    CHECK(m.settle(flow(1, kNowMs + 2 * kMinute, kNowMs + 3 * kMinute, 700), Counting::kTotal, kNowMs + 3 * kMinute)
              .octets == 700);
  }
  SECTION("a flow that ended does not go on") {
    m.settle(flow(1, kNowMs, kNowMs + kMinute, 500), Counting::kTotal, kNowMs + kMinute, true);
    const auto r =
        m.settle(flow(1, kNowMs + 2 * kMinute, kNowMs + 3 * kMinute, 700), Counting::kTotal, kNowMs + 3 * kMinute);
    CHECK(r.octets == 700);
    CHECK(r.quality == 0);
  }
  SECTION("a first report of what began before we listened is marked") {
    const auto r = m.settle(flow(1, kNowMs - 60 * kMinute, kNowMs + kMinute, 5000), Counting::kTotal, kNowMs + kMinute);
    CHECK(r.octets == 5000);
    CHECK(r.quality == kQualityCountersUncertain);
  }
}

TEST_CASE("A firewall's updates and the end of the flow count once") {
  Memory m;
  const auto at = [&](int s, std::uint64_t octets, Counting counting, std::int64_t start = kNowMs,
                      std::uint64_t id = 77) {
    return m.settle(flow(1, start, kNowMs + s * 1000, octets), counting, kNowMs + s * 1000, false, id);
  };
  CHECK(at(0, 0, Counting::kUpdate).octets == 0);
  CHECK(at(62, 2557, Counting::kUpdate).octets == 2557);
  const auto second = at(123, 31, Counting::kUpdate);
  CHECK(second.octets == 31);
  CHECK(second.start_ms == kNowMs + 62'000);
  const auto end = at(130, 2700, Counting::kEnd);
  CHECK(end.octets == 112);
  CHECK(end.start_ms == kNowMs + 123'000);
  CHECK(end.quality == 0);
  SECTION("the end alone counts whole") { CHECK(at(140, 500, Counting::kEnd, kNowMs + 135'000, 78).octets == 500); }
  SECTION("the number of the flow may come again") {
    CHECK(at(150, 10, Counting::kUpdate, kNowMs + 140'000).octets == 10);
    CHECK(at(160, 15, Counting::kEnd, kNowMs + 140'000).octets == 5);
  }
  SECTION("events may lack the start") {
    m.settle(flow(1, kNowMs + 200'000, kNowMs + 200'000, 40), Counting::kUpdate, kNowMs + 200'000, false, 90);
    const auto r =
        m.settle(flow(1, kNowMs + 260'000, kNowMs + 260'000, 100), Counting::kEnd, kNowMs + 260'000, false, 90);
    CHECK(r.octets == 60);
    CHECK(r.start_ms == kNowMs + 200'000);
  }
  SECTION("an end whose updates we may have missed is marked") {
    CHECK(at(140, 500, Counting::kEnd, kNowMs - 60 * kMinute, 79).quality == kQualityCountersUncertain);
  }
}

TEST_CASE("Random flows with running totals: each octet is counted once, or the record is marked") {
  std::mt19937 random(20261130);
  for (int round = 0; round < 30; ++round) {
    Memory m({.max_flows = round % 3 == 0 ? 64u : 4096u, .max_bytes = 1 << 20});
    m.settle(flow(0, kNowMs, kNowMs, 0), Counting::kTotal, kNowMs);
    struct Flow {
      std::int64_t start = 0;
      std::uint64_t total = 0, counted = 0;
      bool marked = false;
    };
    std::map<std::uint16_t, Flow> flows;
    for (int step = 0; step < 600; ++step) {
      const std::int64_t now = kNowMs + (step + 1) * 5'000;
      const auto port = static_cast<std::uint16_t>(1 + random() % 200);
      auto& f = flows[port];
      if (f.start == 0) f.start = now - 2'000;
      f.total += 100 * (random() % 50);
      const auto r = m.settle(flow(port, f.start, now, f.total), Counting::kTotal, now);
      f.counted += r.octets;
      f.marked |= r.quality != 0;
      CHECK(r.start_ms >= f.start);
      CHECK(r.start_ms <= r.end_ms);
      if (!f.marked) CHECK(f.counted == f.total);
    }
    CHECK(m.total.bytes <= (1u << 20));
    const bool bounded = round % 3 == 0;
    CHECK((m.total.forgotten != 0) == bounded);
  }
}

TEST_CASE("The memory of all exporters is bounded, and given back") {
  FlowMemoryTotal total;
  {
    FlowMemory one({.max_flows = 1'000'000, .max_bytes = 300'000}, total),
        other({.max_flows = 1'000'000, .max_bytes = 300'000}, total);
    for (std::uint32_t i = 0; i < 20'000; ++i) {
      for (auto* memory : {&one, &other}) {
        FlowRecord r = flow(static_cast<std::uint16_t>(i), kNowMs, kNowMs + 2000, 10);
        r.in_if = i;
        memory->settle(FlowMemory::key_of(r, {}, 1), r, {}, kNowMs + 2000);
      }
    }
    CHECK(total.bytes <= 300'000);
    CHECK(total.bytes != 0);
  }
  CHECK(total.bytes == 0);
}

TEST_CASE("Totals and events as they come from the wire") {
  Decoding d;
  const Wire totals = Wire().u16(152).u16(8).u16(153).u16(8).u16(7).u16(2).u16(85).u16(8).u16(86).u16(8);
  for (std::uint64_t i = 0; i <= 3; ++i) {
    d.now_ms = kNowMs + static_cast<std::int64_t>(i) * kMinute;
    d.send(ipfix_once(
        5, totals, Wire().u64(kNowMs).u64(static_cast<std::uint64_t>(d.now_ms)).u16(4000).u64(1000 * i).u64(10 * i)));
  }
  CHECK(d.exporter().octets == 3000);
  CHECK(d.exporter().packets == 30);
}

TEST_CASE("A NAT gateway behind the same address has flows of its own") {
  Decoding d;
  const Wire totals = Wire().u16(152).u16(8).u16(153).u16(8).u16(7).u16(2).u16(85).u16(8);
  for (std::uint64_t i = 0; i <= 3; ++i) {
    for (std::uint16_t port : {50000, 50001}) {
      d.port = port;
      d.now_ms = kNowMs + static_cast<std::int64_t>(i) * kMinute;
      d.send(ipfix_once(4, totals,
                        Wire()
                            .u64(kNowMs)
                            .u64(static_cast<std::uint64_t>(d.now_ms))
                            .u16(4000)
                            .u64((port == 50000 ? 1000 : 700) * i)));
    }
  }
  CHECK(d.exporter().octets == 3 * 1700);
}

TEST_CASE(
    "An exporter whose deltas are sound is followed in one flow of 32, until one carries the start of an earlier "
    "report") {
  Memory m;
  const FlowReport delta{.counting = Counting::kDelta};
  const auto followed = [&](std::uint32_t number, std::int64_t end) {
    auto r = flow(number, end - kMinute, end, 1000);
    const auto key = FlowMemory::key_of(r, delta, 1);
    if (!m.memory.follows(key, delta)) return false;
    m.memory.settle(key, r, delta, end);
    return true;
  };
  std::uint32_t first = 0, later = 0;
  for (std::uint32_t i = 0; i < 8192; ++i) first += followed(i, kNowMs);
  CHECK(first == 8192);
  for (std::uint32_t i = 8192; i < 18'192; ++i) later += followed(i, kNowMs);
  CHECK(later > 200);
  CHECK(later < 450);
  // One of those that are followed is reported again with the start that it had.
  std::uint32_t watched = 20'000;
  while (!m.memory.follows(FlowMemory::key_of(flow(watched, kNowMs, kNowMs + kMinute, 1000), delta, 1), delta))
    ++watched;
  m.settle(flow(watched, kNowMs, kNowMs + kMinute, 1000), Counting::kDelta, kNowMs + kMinute);
  CHECK(m.settle(flow(watched, kNowMs, kNowMs + 2 * kMinute, 1000), Counting::kDelta, kNowMs + 2 * kMinute).start_ms ==
        kNowMs + kMinute);
  std::uint32_t all = 0;
  for (std::uint32_t i = 30'000; i < 31'000; ++i) all += followed(i, kNowMs + 2 * kMinute);
  CHECK(all == 1000);
}
