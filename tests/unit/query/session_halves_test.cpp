// Which halves are put together, and what becomes of their ends.
#include "query/session_halves.hpp"
#include "support/catch.hpp"

#include "query/query.hpp"
#include "store/memory_store.hpp"

using namespace weir;

namespace {

const IpAddress kA = IpAddress::from_v4(0x0a00'0001), kB = IpAddress::from_v4(0x0a00'0002);

LoneHalf half(bool from_a, std::int64_t start, std::int64_t end, std::uint32_t row) {
  auto h = from_a ? make_lone_half(kA, 40000, kB, 53, 1, 17, kToServer)
                  : make_lone_half(kB, 53, kA, 40000, 1, 17, kToServer);
  h.start_ms = start;
  h.end_ms = end;
  h.place = {.segment = 0, .row = row};
  return h;
}

std::vector<std::pair<std::uint32_t, std::uint32_t>> paired_rows(std::vector<LoneHalf> halves) {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> rows;
  for (const auto& pair : pair_halves(halves)) {
    const auto [low, high] = std::minmax(halves[pair.first].place.row, halves[pair.second].place.row);
    rows.emplace_back(low, high);
  }
  std::sort(rows.begin(), rows.end());
  return rows;
}
using Rows = std::vector<std::pair<std::uint32_t, std::uint32_t>>;

}  // namespace

TEST_CASE("the key of a conversation does not depend on who is called the client") {
  const auto out = make_lone_half(kA, 40000, kB, 53, 1, 17, kToServer),
             back = make_lone_half(kB, 53, kA, 40000, 1, 17, kToServer);
  CHECK(out.key == back.key);
  CHECK(out.hash == back.hash);
  CHECK(out.from_low != back.from_low);
  CHECK(make_lone_half(kA, 40000, kB, 53, 1, 17, kToClient).from_low == back.from_low);
  CHECK(make_lone_half(kA, 53, kB, 40000, 1, 17, kToServer).key != out.key);
  CHECK(make_lone_half(kA, 40000, kB, 53, 2, 17, kToServer).key != out.key);
}

TEST_CASE("opposite halves pair when they overlap or nearly meet, in order of time, each once") {
  CHECK(paired_rows({half(true, 1000, 2000, 0), half(false, 1500, 2500, 1)}) == Rows{{0, 1}});
  CHECK(paired_rows({half(true, 1000, 2000, 0), half(true, 1500, 2500, 1)}).empty());
  CHECK(paired_rows({half(true, 1000, 2000, 0), half(false, 3000, 4000, 1)}) == Rows{{0, 1}});
  CHECK(paired_rows({half(true, 1000, 2000, 0), half(false, 3001, 4000, 1)}).empty());
  CHECK(paired_rows({half(false, 1000, 2000, 0), half(true, 3000, 4000, 1)}) == Rows{{0, 1}});
  CHECK(paired_rows({half(false, 1000, 2000, 0), half(true, 3001, 4000, 1)}).empty());
  // A long transfer in three reporting intervals each way.
  CHECK(paired_rows({half(true, 0, 60'000, 0), half(true, 60'001, 120'000, 1), half(true, 120'001, 180'000, 2),
                     half(false, 10, 60'000, 3), half(false, 60'002, 120'000, 4), half(false, 120'003, 180'000, 5)}) ==
        Rows{{0, 3}, {1, 4}, {2, 5}});
  CHECK(paired_rows({half(true, 0, 10, 0), half(false, 5, 9, 1), half(false, 6, 9, 2)}) == Rows{{0, 1}});
}

TEST_CASE("the better reason decides the ends of a session of two halves") {
  Session guessed, known;
  guessed.client = kB, guessed.server = kA, guessed.client_port = 53, guessed.server_port = 40000;
  guessed.reason = ServerReason::kFirstSeen;
  guessed.halves[kToServer] = {.octets = 500, .packets = 5, .flows = 1, .in_if = 2};
  guessed.client_as = 64501, guessed.server_as = 64500;
  guessed.start_ms = 10, guessed.end_ms = 30;
  guessed.quality = kQualityTimeRepaired;
  known.client = kA, known.server = kB, known.client_port = 40000, known.server_port = 53;
  known.reason = ServerReason::kPortList;
  known.halves[kToServer] = {.octets = 60, .packets = 1, .flows = 1, .in_if = 1};
  known.start_ms = 12, known.end_ms = 12;
  for (const auto& merged : {merge_sessions(guessed, known).session, merge_sessions(known, guessed).session}) {
    CHECK(merged.client == kA);
    CHECK(merged.server_port == 53);
    CHECK(merged.reason == ServerReason::kPortList);
    CHECK(merged.halves[kToServer].octets == 60);
    CHECK(merged.halves[kToClient].octets == 500);
    CHECK(merged.halves[kToClient].in_if == 2);
    CHECK(merged.client_as == 64500);
    CHECK(merged.server_as == 64501);
    CHECK(merged.start_ms == 10);
    CHECK(merged.end_ms == 30);
    CHECK(merged.quality == kQualityTimeRepaired);
  }
}

TEST_CASE("more lone halves than are held at once are paired in parts of their keys") {
  MemoryStore store(500);
  std::vector<Session> sessions;
  for (std::uint32_t i = 0; i < 4000; ++i) {
    Session s;
    s.id = i + 1;
    s.start_ms = s.end_ms = 1000 + i % 7;
    s.client = IpAddress::from_v4(i / 2), s.server = IpAddress::from_v4(0xff00'0000);
    s.client_port = 40000, s.server_port = 53, s.protocol = 17, s.exporter = 1;
    s.halves[i % 2] = {.octets = i, .packets = 1, .flows = 1};
    sessions.push_back(s);
  }
  store.on_sessions({.sessions = std::move(sessions)});
  QueryControl few;
  few.max_held_halves = 600;  // about twice what a part has: how keys spread differs from run to run
  const auto all = run_session_query({.limit = 10'000}, store),
             parts = run_session_query({.limit = 10'000}, store, few);
  REQUIRE(all.has_value());
  REQUIRE(parts.has_value());
  CHECK(all->total_sessions == 2000);
  CHECK(parts->total_sessions == 2000);
  CHECK(parts->warnings.empty());
  CHECK(parts->totals == all->totals);
  REQUIRE(parts->sessions.size() == 2000);
  for (std::size_t i = 0; i < 2000; ++i) REQUIRE(parts->sessions[i].octets == all->sessions[i].octets);

  // All of one key: what does not fit is shown in halves, with a warning, and still counted.
  std::vector<Session> same;
  for (std::uint32_t i = 0; i < 3000; ++i) {
    Session s;
    s.id = i + 1;
    s.start_ms = s.end_ms = 1'000'000 + std::int64_t{i} * 10'000;
    s.client = kA, s.server = kB;
    s.halves[kToServer] = {.octets = 1, .flows = 1};
    same.push_back(s);
  }
  MemoryStore one_key;
  one_key.on_sessions({.sessions = std::move(same)});
  const auto bounded = run_session_query({.limit = 10'000}, one_key, few);
  REQUIRE(bounded.has_value());
  CHECK(bounded->total_sessions == 3000);
  CHECK(bounded->sessions.size() == 3000);
  CHECK(bounded->warnings.size() == 1);
}
