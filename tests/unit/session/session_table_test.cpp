// Pairing: which records become one session, which end is the server, and what is handed on when.
#include <algorithm>
#include <map>
#include <random>

#include "pairing.hpp"

using namespace weir;
using namespace weir::test;

namespace {

std::shared_ptr<const PortTable> web_ports() {
  auto ports = std::make_shared<PortTable>();
  ports->tcp.set(8080);
  ports->udp.set(53);
  return ports;
}

}  // namespace

TEST_CASE("both directions of a conversation become one session") {
  Collected out;
  SessionTable table({}, 1, out);
  auto there = tcp(1, 40000, 2, 80, 100), back = tcp(2, 80, 1, 40000, 5000);
  there.in_if = 3;
  there.out_if = 4;
  back.in_if = 4;
  back.out_if = 3;
  there.src_as = 65001;
  back.src_as = 65002;
  back.end_ms = kNoon + 2500;
  table.add(std::array{there, back}, kNoon);
  table.finish();

  const Session& s = out.only();
  CHECK(s.client == ip(1));
  CHECK(s.server == ip(2));
  CHECK(s.server_port == 80);
  CHECK(s.reason == ServerReason::kLowerPort);
  CHECK(s.halves[kToServer].octets == 100);
  CHECK(s.halves[kToClient].octets == 5000);
  CHECK(s.halves[kToServer].in_if == 3);
  CHECK(s.halves[kToClient].in_if == 4);
  CHECK(s.client_as == 65001);
  CHECK(s.server_as == 65002);
  CHECK(s.start_ms == kNoon);
  CHECK(s.end_ms == kNoon + 2500);
  CHECK(table.counters().merged == 1);
}

TEST_CASE("the answer may come before the question: the ends stay the same") {
  Collected out;
  SessionTable table({}, 1, out);
  table.add(std::array{tcp(2, 80, 1, 40000, 5000), tcp(1, 40000, 2, 80, 100)}, kNoon);
  table.finish();
  CHECK(out.only().client == ip(1));
  CHECK(out.only().halves[kToServer].octets == 100);
}

TEST_CASE("the server is chosen by the best reason there is") {
  Collected out;
  SessionTable table({}, 1, out);
  table.set_ports(web_ports());

  SECTION("a biflow says it itself, against the port list") {
    auto r = tcp(1, 8080, 2, 40000, 10);
    r.initiator = Initiator::kSource;
    r.has_reverse = true;
    r.reverse_octets = 7;
    table.add(std::array{r}, kNoon);
    table.finish();
    CHECK(out.only().reason == ServerReason::kBiflow);
    CHECK(out.only().server == ip(2));
    CHECK(out.only().halves[kToClient].octets == 7);
    CHECK(out.only().halves[kToClient].reported());
    CHECK(out.only().halves[kToClient].flow_count() == 0);
  }
  SECTION("a SYN without ACK comes from the client") {
    auto r = tcp(1, 22, 2, 50000, 40);
    r.tcp_flags = 0x02;
    table.add(std::array{r}, kNoon);
    table.finish();
    CHECK(out.only().reason == ServerReason::kSyn);
    CHECK(out.only().server_port == 50000);
  }
  SECTION("a listed port beats the lower port") {
    table.add(std::array{tcp(1, 8080, 2, 1024, 40)}, kNoon);
    table.finish();
    CHECK(out.only().reason == ServerReason::kPortList);
    CHECK(out.only().server == ip(1));
  }
  SECTION("a half that starts clearly first is the client's, though its port is lower") {
    auto first = tcp(1, 2000, 2, 3000, 10), second = tcp(2, 3000, 1, 2000, 20);
    second.start_ms = kNoon + 500;
    table.add(std::array{first, second}, kNoon);
    table.finish();
    CHECK(out.only().reason == ServerReason::kFirstPacket);
    CHECK(out.only().server == ip(2));
    CHECK(out.only().halves[kToServer].octets == 10);
  }
  SECTION("a sampled half's first packet proves nothing") {
    auto first = tcp(1, 2000, 2, 3000, 10), second = tcp(2, 3000, 1, 2000, 20);
    first.sampling = second.sampling = 100;
    second.start_ms = kNoon + 500;
    table.add(std::array{first, second}, kNoon);
    table.finish();
    CHECK(out.only().reason == ServerReason::kLowerPort);
    CHECK(out.only().server == ip(1));
  }
  SECTION("equal ports: who was seen first asked") {
    table.add(std::array{tcp(5, 123, 6, 123, 48)}, kNoon);
    table.finish();
    CHECK(out.only().reason == ServerReason::kFirstSeen);
    CHECK(out.only().client == ip(5));
  }
}

TEST_CASE("what must not merge stays apart") {
  Collected out;
  SessionTable table({}, 1, out);
  const auto there = tcp(1, 40000, 2, 80, 100);
  auto back = tcp(2, 80, 1, 40000, 5000);

  SECTION("another exporter saw it") { back.exporter = 2; }
  SECTION("another protocol") { back.protocol = kIpProtocolUdp; }
  SECTION("another sampling rate") { back.sampling = 10; }
  SECTION("the same five-tuple, a minute later") {
    back.start_ms += 60'000;
    back.end_ms += 60'000;
  }
  SECTION("the same direction again") { back = there; }
  table.add(std::array{there, back}, kNoon);
  table.finish();
  CHECK(out.by_id.size() == 2);
  CHECK(table.counters().merged == 0);
}

TEST_CASE("a long transfer gives one session per reporting interval, each with both halves") {
  Collected out;
  SessionTable table({}, 1, out);
  for (int minute = 0; minute < 5; ++minute) {
    auto there = tcp(1, 40000, 2, 80, 100), back = tcp(2, 80, 1, 40000, 5000);
    for (auto* r : {&there, &back}) {
      r->start_ms = kNoon + minute * 60'000;
      r->end_ms = r->start_ms + 60'000;
    }
    table.add(std::array{there, back}, kNoon + minute * 60'000);
  }
  table.finish();
  REQUIRE(out.by_id.size() == 5);
  for (const auto& [id, s] : out.by_id) {
    CAPTURE(id);
    CHECK(s.halves[kToServer].octets == 100);
    CHECK(s.halves[kToClient].octets == 5000);
    CHECK(s.duration_ms() == 60'000);
  }
}

TEST_CASE("a session is seen at once, and again when its other half comes") {
  Collected out;
  SessionTable table({}, 1, out);
  table.add(std::array{tcp(1, 40000, 2, 80, 100)}, kNoon);
  table.flush(kNoon);
  CHECK(out.only().halves[kToClient].flows == 0);
  CHECK(out.final_below <= 1);

  table.add(std::array{tcp(2, 80, 1, 40000, 5000)}, kNoon + 30'000);
  table.flush(kNoon + 30'000);
  CHECK(out.only().halves[kToClient].octets == 5000);

  SECTION("after the window it is final, and a late half stands alone") {
    table.flush(kNoon + 60'000);
    CHECK(out.final_below == 2);
    table.add(std::array{tcp(2, 80, 1, 40000, 1)}, kNoon + 60'000);
    table.finish();
    CHECK(out.by_id.size() == 2);
  }
}

TEST_CASE("a full window releases its oldest rows and loses nothing") {
  Collected out;
  SessionTable table({.window_rows = 64}, 1, out);
  std::uint64_t octets = 0;
  std::mt19937 random(42);
  for (std::uint32_t i = 0; i < 5000; ++i) {
    const auto r =
        tcp(random() % 50, static_cast<std::uint16_t>(random() % 20 + 1000), random() % 50 + 100, 80, random() % 1000);
    octets += r.octets;
    auto back = r;
    std::swap(back.src, back.dst);
    std::swap(back.src_port, back.dst_port);
    octets += back.octets;
    table.add(std::array{r, back}, kNoon + i);
    if (i % 97 == 0) table.flush(kNoon + i);
  }
  table.finish();
  std::uint64_t stored = 0, flows = 0;
  for (const auto& [id, s] : out.by_id) {
    for (const auto& h : s.halves) {
      stored += h.octets;
      flows += h.flows;
    }
  }
  CHECK(stored == octets);
  CHECK(flows == 10'000);
  CHECK_FALSE(out.touched_final);
  CHECK(table.counters().released_full > 0);
  CHECK(table.counters().merged > 4000);
  CHECK(out.final_below == out.by_id.rbegin()->first + 1);
}

TEST_CASE("a flow that was metered where it came in and where it left counts once") {
  const auto metered = [](std::uint8_t direction, std::uint64_t octets, std::int64_t shift_ms = 0) {
    auto r = tcp(1, 40000, 2, 80, octets);
    r.direction = direction;
    r.count_once = true;
    r.in_if = 3;
    r.out_if = 7;
    r.start_ms += shift_ms;
    r.end_ms += shift_ms;
    return r;
  };
  Collected out;
  SessionTable table({}, 1, out);
  SECTION("in either order, with the octets that came in") {
    const bool ingress_first = GENERATE(true, false);
    auto in = metered(0, 1000), left = metered(1, 900, 4);
    in.out_if = 0;  // not known yet where it comes in
    left.in_if = 0;
    table.add(ingress_first ? std::array{in, left} : std::array{left, in}, kNoon);
    table.finish();
    const auto& half = out.only().halves[kToServer];
    CHECK(half.octets == 1000);
    CHECK(half.direction == 0);
    CHECK(half.in_if == 3);
    CHECK(half.out_if == 7);
    CHECK(half.flow_count() == 1);
    CHECK(table.counters().metered_twice == 1);
  }
  SECTION("beside the other direction of the conversation") {
    auto back = tcp(2, 80, 1, 40000, 5000);
    back.direction = 0;
    back.count_once = true;
    back.in_if = 7;
    back.out_if = 3;
    auto back_left = back;
    back_left.direction = 1;
    table.add(std::array{metered(0, 1000), back, metered(1, 1000), back_left}, kNoon);
    table.finish();
    CHECK(out.only().halves[kToServer].octets == 1000);
    CHECK(out.only().halves[kToClient].octets == 5000);
    CHECK(table.counters().metered_twice == 2);
  }
  SECTION("every minute, whichever cache is emptied first") {
    const bool caches_apart = GENERATE(true, false);
    std::vector<FlowRecord> all;
    for (std::uint8_t direction = 0; direction < 2; ++direction) {
      for (std::int64_t i = 0; i < 5; ++i) {
        auto r = metered(direction, 100 + static_cast<std::uint64_t>(i), i * 60'000);
        r.end_ms = r.start_ms + 60'000;
        all.push_back(r);
      }
    }
    if (!caches_apart)
      std::sort(all.begin(), all.end(), [](auto& a, auto& b) {
        return a.start_ms != b.start_ms ? a.start_ms < b.start_ms : a.direction < b.direction;
      });
    table.add(all, kNoon);
    table.finish();
    CHECK(out.by_id.size() == 5);
    std::uint64_t sum = 0;
    for (const auto& [id, s] : out.by_id) sum += s.halves[kToServer].octets;
    CHECK(sum == 510);
  }
}

TEST_CASE("what was metered once is never left out") {
  Collected out;
  SessionTable table({}, 1, out);
  auto first = tcp(1, 40000, 2, 80, 100), second = first;
  first.count_once = second.count_once = true;
  first.direction = 0;
  second.direction = 1;
  first.in_if = second.in_if = 3;
  SECTION("other interfaces") { second.in_if = 4; }
  SECTION("the same direction") { second.direction = 0; }
  SECTION("another time") { second.start_ms = second.end_ms = kNoon + 60'000; }
  SECTION("another sampling rate") { second.sampling = 100; }
  SECTION("an operator who wants both") { second.count_once = false; }
  table.add(std::array{first, second}, kNoon);
  table.finish();
  CHECK(out.by_id.size() == 2);
  CHECK(table.counters().metered_twice == 0);
}

TEST_CASE("records without addresses are paired by their frames' ends") {
  Collected out;
  SessionTable table({}, 1, out);
  const auto frame = [](std::uint64_t from, std::uint64_t to, std::uint64_t octets) {
    FlowRecord r;
    r.src_mac = from;
    r.dst_mac = to;
    r.octets = octets;
    r.start_ms = r.end_ms = kNoon;
    return r;
  };
  table.add(std::array{frame(5, 6, 100), frame(7, 8, 20), frame(6, 5, 3)}, kNoon);
  table.finish();
  REQUIRE(out.by_id.size() == 2);
  const auto& s = out.by_id.begin()->second;
  CHECK(s.client_mac == 5);
  CHECK(s.server_mac == 6);
  CHECK(s.halves[kToServer].octets == 100);
  CHECK(s.halves[kToClient].octets == 3);
}

TEST_CASE("halves of a conversation that is reported every minute meet by their time") {
  Collected out;
  SessionTable table({}, 1, out);
  std::vector<FlowRecord> all;
  for (std::int64_t i = 0; i < 4; ++i) {
    auto r = tcp(1, 40000, 2, 80, 10);
    r.start_ms = kNoon + i * 60'000;
    r.end_ms = r.start_ms + 60'000;
    all.push_back(r);
  }
  for (std::int64_t i = 0; i < 4; ++i) {
    auto r = tcp(2, 80, 1, 40000, 500);
    r.start_ms = kNoon + i * 60'000 + 5;
    r.end_ms = r.start_ms + 59'900;
    all.push_back(r);
  }
  table.add(all, kNoon);
  table.finish();
  CHECK(out.by_id.size() == 4);
  for (const auto& [id, s] : out.by_id) CHECK(s.duration_ms() == 60'000);
}

TEST_CASE("a later day of a flow of several days is no flow of its own") {
  Collected out;
  SessionTable table({}, 1, out);
  auto r = tcp(1, 40000, 2, 80, 10);
  r.continued = true;
  table.add(std::array{r}, kNoon);
  table.finish();
  CHECK(out.only().halves[kToServer].reported());
  CHECK(out.only().halves[kToServer].flow_count() == 0);
}
