// Sampled packets: which become one session, and that none is lost or mixed with another's.
#include <map>
#include <random>
#include <tuple>

#include "pairing.hpp"

using namespace weir;
using namespace weir::test;

namespace {

// A packet of a flow, sampled 1 in 512 at a time.
FlowRecord sampled(FlowRecord r, std::int64_t at_ms) {
  r.sample = true;
  r.sampling = 512;
  r.start_ms = r.end_ms = at_ms;
  r.in_if = 1;
  r.out_if = 2;
  return r;
}
FlowRecord answer(FlowRecord r) {
  std::swap(r.in_if, r.out_if);
  return r;
}

}  // namespace

TEST_CASE("sampled packets of one conversation become one session") {
  Collected out;
  SessionTable table({}, 1, out);
  for (int i = 0; i < 10; ++i) {
    table.add(std::array{sampled(tcp(1, 40000, 2, 443, 100), kNoon + i * 4000),
                         answer(sampled(tcp(2, 443, 1, 40000, 1500), kNoon + i * 4000 + 7))},
              kNoon + i * 4000);
    table.flush(kNoon + i * 4000);
  }
  table.finish();
  const Session& s = out.only();
  CHECK(s.client == ip(1));
  CHECK(s.halves[kToServer].octets == 1000);
  CHECK(s.halves[kToServer].packets == 10);
  CHECK(s.halves[kToServer].flow_count() == 10);
  CHECK(s.halves[kToClient].octets == 15'000);
  CHECK(s.start_ms == kNoon);
  CHECK(s.end_ms == kNoon + 36'007);
  CHECK(s.sampling == 512);
  CHECK(table.counters().samples_joined == 18);
}

TEST_CASE("sampled packets that differ in what tells flows apart are not mixed") {
  Collected out;
  SessionTable table({}, 1, out);
  const auto base = sampled(tcp(1, 40000, 2, 443, 100), kNoon);
  std::vector<FlowRecord> all(10, base);
  all[1].out_if = 3;
  all[2].in_if = 9;
  all[3].vlan = 7;
  all[4].out_vlan = 7;
  all[5].tos = 8;
  all[6].sampling = 1024;
  all[7].direction = 1;
  all[8].next_hop = ip(77);
  all[9].sample = false;  // a flow record of the same exporter
  table.add(all, kNoon);
  table.add(all, kNoon);
  table.finish();
  REQUIRE(out.by_id.size() == 11);  // the flow record opens one each time
  std::size_t joined = 0;
  for (const auto& [id, s] : out.by_id) joined += s.halves[kToServer].packets == 2;
  CHECK(joined == 9);
}

TEST_CASE("a SYN among the samples tells the client, whoever was sampled first") {
  Collected out;
  SessionTable table({}, 1, out);
  const auto from_server = sampled(tcp(2, 50000, 1, 40000, 1500), kNoon);  // by its port it is the client
  const auto data = answer(sampled(tcp(1, 40000, 2, 50000, 60), kNoon + 5));
  auto syn = data;
  syn.tcp_flags = 0x02;
  table.add(std::array{from_server, data, syn, from_server, data}, kNoon);
  table.finish();
  const Session& s = out.only();
  CHECK(s.reason == ServerReason::kSyn);
  CHECK(s.client == ip(1));
  CHECK(s.halves[kToServer].octets == 180);
  CHECK(s.halves[kToClient].octets == 3000);
}

TEST_CASE("random samples add up to what was sampled, flow by flow") {
  std::mt19937 random(7);
  Collected out;
  SessionTable table({.window_rows = 64, .window_ms = 5'000}, 1, out);
  std::map<std::tuple<std::uint32_t, std::uint32_t, std::uint32_t>, std::uint64_t>
      octets;  // source, destination, interface
  std::int64_t now_ms = kNoon;
  for (int i = 0; i < 20'000; ++i) {
    now_ms += random() % 200;
    const std::uint32_t a = 1 + random() % 6, b = 1 + random() % 6;
    auto r = sampled(
        tcp(a, static_cast<std::uint16_t>(1000 + a), b, static_cast<std::uint16_t>(1000 + b), 1 + random() % 1500),
        now_ms);
    r.in_if = 1 + random() % 2;
    r.tcp_flags = random() % 50 == 0 ? 0x02 : 0x10;
    octets[{a, b, r.in_if}] += r.octets;
    table.add(std::array{r}, now_ms);
    if (random() % 10 == 0) table.flush(now_ms);
  }
  table.finish();
  CHECK_FALSE(out.touched_final);
  std::map<std::tuple<std::uint32_t, std::uint32_t, std::uint32_t>, std::uint64_t> stored;
  for (const auto& [id, s] : out.by_id) {
    const std::uint32_t client = s.client.v4() - 0x0a000000u, server = s.server.v4() - 0x0a000000u;
    if (s.halves[kToServer].reported())
      stored[{client, server, s.halves[kToServer].in_if}] += s.halves[kToServer].octets;
    if (s.halves[kToClient].reported())
      stored[{server, client, s.halves[kToClient].in_if}] += s.halves[kToClient].octets;
  }
  CHECK(stored == octets);
  CHECK(table.counters().samples_joined > 1000);
}
