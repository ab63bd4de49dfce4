// What senders and askers choose costs no more than it should: rates are listed to a bound, sums stop and are marked,
// and turns, time and memory are shared. Steps are counted; no test waits for a clock.
#include <set>
#include <thread>

#include "query/query.hpp"
#include "query/sampling_rates.hpp"
#include "store/memory_store.hpp"
#include "support/catch.hpp"
#include "support/generated_sessions.hpp"

using namespace weir;
using weir::testing::Random;

namespace {

constexpr std::uint64_t kMost = ~std::uint64_t{0};

Session session(std::uint64_t id, std::uint64_t up, std::uint64_t down, std::uint32_t rate) {
  Session s;
  s.id = id;
  s.start_ms = 1000 + static_cast<std::int64_t>(id);
  s.end_ms = s.start_ms + 1000;
  s.client = IpAddress::from_v4(0x0a00'0000u + static_cast<std::uint32_t>(id));
  s.server = IpAddress::from_v4(0xc000'0201u);
  s.client_port = 40000, s.server_port = 443, s.protocol = 6, s.exporter = 1, s.sampling = rate;
  s.halves[kToServer] = {.octets = up, .packets = 1, .flows = up > 0 ? 1u : 0u};
  s.halves[kToClient] = {.octets = down, .packets = 1, .flows = down > 0 ? 1u : 0u};
  return s;
}

QueryResult run(MemoryStore& store, const Query& query, const QueryControl& control = {}) {
  auto result = run_query(query, store, control);
  if (!result) FAIL(result.error().message);
  return *result;
}

// Turns whose time is set by the test.
struct Slots {
  std::int64_t now = 0;
  QuerySlots slots;
  explicit Slots(std::uint32_t count, std::int64_t timeout_ms = 60'000)
      : slots({.slots = count, .timeout_ms = timeout_ms, .steady_ms = [this] { return now; }}) {}
};
constexpr QueryCost kLarge = kSmallQueryCost * 100;

}  // namespace

TEST_CASE("the smallest rates are listed, however many came and in whatever order") {
  Random random(7);
  std::set<std::uint64_t> all;
  RateList forwards, backwards, halves[2];
  std::vector<std::uint64_t> came;
  for (int i = 0; i < 20'000; ++i) came.push_back(2 + random.below(1u << 30));
  for (const auto rate : came) {
    all.insert(rate);
    forwards.add(rate);
    halves[rate % 2].add(rate);
    REQUIRE(forwards.rates().size() <= RateList::kMaxRates);
  }
  std::reverse(came.begin(), came.end());
  for (const auto rate : came) backwards.add(rate);
  halves[0].add(halves[1]);
  const std::vector<std::uint64_t> smallest(all.begin(), std::next(all.begin(), RateList::kMaxRates));
  for (const auto* list : {&forwards, &backwards, &halves[0]}) {
    CHECK(std::vector<std::uint64_t>(list->rates().begin(), list->rates().end()) == smallest);
    CHECK(list->more());
  }
}

TEST_CASE("64 rates are all; the 65th is told of") {
  MemoryStore store(100);
  std::vector<Session> sessions;
  for (std::uint32_t i = 1; i <= 64; ++i) sessions.push_back(session(i, 10, 0, i + 1));
  store.on_sessions({.sessions = sessions});
  CHECK(run(store, {}).quality.sampling_rates.size() == 64);
  CHECK_FALSE(run(store, {}).quality.more_sampling_rates);
  store.on_sessions({.sessions = {session(65, 10, 0, 1000)}});
  CHECK(run(store, {}).quality.sampling_rates.size() == 64);
  CHECK(run(store, {}).quality.more_sampling_rates);
}

TEST_CASE("one record that claims 2^56 octets times 2^32 spoils no other row") {
  MemoryStore store(2);
  store.on_sessions({.sessions = {session(1, std::uint64_t{1} << 56, 0, ~std::uint32_t{0}), session(2, 1000, 500, 1),
                                  session(3, 700, 0, 1)}});
  const auto result = run(store, {.by = {FieldId::kClient}, .buckets = 4});
  CHECK(result.totals.octets == kMost);
  CHECK(result.totals.saturated);
  REQUIRE(result.rows.size() == 3);
  CHECK(result.rows[0].measures.octets == kMost);
  CHECK(result.rows[0].measures.saturated);
  CHECK(result.rows[1].measures == Measures{.octets = 1500, .packets = 2, .flows = 2, .sessions = 1});
  CHECK(result.rows[2].measures.octets == 700);
  CHECK_FALSE(result.rows[2].measures.saturated);
  CHECK(result.series[0].saturated);
  CHECK_FALSE(result.series[1].saturated);
}

TEST_CASE("a product that is 2^86 is not zero, and filters see it as large") {
  MemoryStore store(10);
  store.on_sessions({.sessions = {session(1, std::uint64_t{1} << 55, 0, std::uint32_t{1} << 31)}});
  CHECK(run(store, {}).totals.octets == kMost);
  CHECK(run(store, {.filter = "bytes > 1000T"}).totals.sessions == 1);
  const auto list = run_session_query({.range = {}, .filter = ""}, store);
  REQUIRE(list.has_value());
  CHECK(list->sessions.at(0).octets == kMost);
  CHECK(list->sessions.at(0).saturated);
}

TEST_CASE("each direction of a session is scaled by the rate that it came with") {
  MemoryStore store(10);
  auto there = session(1, 1000, 0, 100), back = session(2, 0, 50'000, 10);
  back.client = there.client;
  back.start_ms = there.start_ms, back.end_ms = there.end_ms;
  there.halves[kToServer].packets = 10, back.halves[kToClient].packets = 10;
  store.on_sessions({.sessions = {there, back}});
  const auto list = run_session_query({.range = {}, .filter = ""}, store);
  REQUIRE(list.has_value());
  REQUIRE(list->sessions.size() == 1);
  const auto& row = list->sessions[0];
  CHECK(row.octets == 600'000);
  CHECK(row.halves[kToServer].octets == 100'000);
  CHECK(row.halves[kToClient].octets == 500'000);
  CHECK(row.halves[kToServer].packets == 1000);
  CHECK(row.halves[kToClient].packets == 100);
  CHECK(row.rate == 100);
}

TEST_CASE("lone halves beyond all passes are told of, and the passes have an end") {
  MemoryStore store(1000);
  std::vector<Session> sessions;
  for (std::uint32_t i = 1; i <= 4000; ++i) sessions.push_back(session(i, 10, 0, 1));
  store.on_sessions({.sessions = sessions});
  std::uint64_t most = 0;
  QueryControl control;
  control.on_progress = [&](std::uint64_t, std::uint64_t total) { most = std::max(most, total); };
  control.max_held_halves = 10;
  const auto list = run_session_query({.range = {}, .filter = ""}, store, control);
  REQUIRE(list.has_value());
  CHECK(list->totals.sessions == 4000);
  CHECK(most <= 17 * 4000);
  CHECK(list->warnings.size() == 1);
}

TEST_CASE("a query beyond the memory of all is told so, and gives back what it held") {
  MemoryStore store(5000);
  store.on_sessions({.sessions = weir::testing::RouterSessions(3, {}, 1'700'000'000'000).next(200'000)});
  QueryMemory memory(24 << 20);
  bool over_limit = false;
  const QueryControl control{.threads = 1, .memory = &memory, .over_limit = &over_limit};
  const auto refused = run_query(
      {.by = {FieldId::kClient, FieldId::kClientPort, FieldId::kServer, FieldId::kServerPort}}, store, control);
  REQUIRE_FALSE(refused.has_value());
  CHECK(over_limit);
  CHECK(refused.error().message.find("query.memory_bytes") != std::string::npos);
  CHECK(memory.used() == 0);
  CHECK(memory.refused() == 1);
  CHECK(run(store, {.by = {FieldId::kProtocol}}, control).totals.sessions == 200'000);
  CHECK(memory.used() == 0);
}

TEST_CASE("small queries never wait for large ones") {
  Slots s(1);
  QueryTurn large(&s.slots, {.client = "a"}, nullptr), next(&s.slots, {.client = "b"}, nullptr),
      small(&s.slots, {.client = "a"}, nullptr);
  CHECK(large.ask(kLarge));
  CHECK_FALSE(next.ask(kLarge));
  CHECK(small.ask(1000));
  CHECK(s.slots.status().waiting == 1);
}

TEST_CASE("clients take turns: first one query of each") {
  Slots s(1);
  auto first = std::make_unique<QueryTurn>(&s.slots, QueryTurn::Asker{.client = "a"}, nullptr);
  QueryTurn second(&s.slots, {.client = "a"}, nullptr), third(&s.slots, {.client = "a"}, nullptr),
      other(&s.slots, {.client = "b"}, nullptr);
  CHECK(first->ask(kLarge));
  CHECK_FALSE(second.ask(kLarge));
  CHECK_FALSE(third.ask(kLarge));
  CHECK_FALSE(other.ask(kLarge));
  first.reset();
  CHECK(other.wait());
  CHECK(s.slots.status().large_running == 1);
  CHECK(s.slots.status().waiting == 2);
}

TEST_CASE("what runs makes way between segments for what is much smaller, and goes on afterwards") {
  Slots s(1);
  QueryTurn large(&s.slots, {.client = "a"}, nullptr);
  CHECK(large.ask(kLarge));
  auto smaller = std::make_unique<QueryTurn>(&s.slots, QueryTurn::Asker{.client = "b"}, nullptr);
  CHECK_FALSE(smaller->ask(kLarge / 10));
  CHECK(large.go_on());  // its slice has only begun
  CHECK(s.slots.status().paused == 0);
  s.now = 300;
  std::atomic<bool> went_on{false};
  std::thread paused([&] { went_on = large.go_on(); });
  CHECK(smaller->wait());
  CHECK(s.slots.status().paused == 1);
  CHECK_FALSE(went_on);
  smaller.reset();
  paused.join();
  CHECK(went_on);
  CHECK(s.slots.status().pauses == 1);
}

TEST_CASE("background queries make way for all others") {
  Slots s(1);
  QueryTurn background(&s.slots, {.client = "a", .background = true}, nullptr);
  auto large = std::make_unique<QueryTurn>(&s.slots, QueryTurn::Asker{.client = "a"}, nullptr);
  CHECK(background.ask(1));
  CHECK_FALSE(large->ask(kLarge));
  std::thread paused([&] { CHECK(background.go_on()); });
  CHECK(large->wait());
  large.reset();
  paused.join();
}

TEST_CASE("reading has a time limit, and waiting does not count") {
  Slots s(1, 5000);
  auto first = std::make_unique<QueryTurn>(&s.slots, QueryTurn::Asker{.client = "a"}, nullptr);
  QueryTurn second(&s.slots, {.client = "b"}, nullptr);
  CHECK(first->ask(kLarge));
  CHECK_FALSE(second.ask(kLarge));
  s.now = 4999;
  CHECK(first->go_on());
  s.now = 5000;
  CHECK_FALSE(first->go_on());
  CHECK(first->timed_out());
  first.reset();
  CHECK(second.wait());
  s.now = 9999;
  CHECK(second.go_on());
  CHECK(s.slots.status().timed_out == 1);
}

TEST_CASE("a query that is cancelled while it waits gives up its turn") {
  Slots s(1);
  std::atomic<bool> cancelled{false};
  QueryTurn first(&s.slots, {.client = "a"}, nullptr);
  CHECK(first.ask(kLarge));
  {
    QueryTurn second(&s.slots, {.client = "b"}, &cancelled);
    CHECK_FALSE(second.ask(kLarge));
    cancelled = true;
    CHECK_FALSE(second.wait());
  }
  CHECK(s.slots.status().waiting == 0);
}

TEST_CASE("a query out of time says so") {
  MemoryStore store(10);
  std::vector<Session> sessions;
  for (std::uint32_t i = 1; i <= 100; ++i) sessions.push_back(session(i, 10, 0, 1));
  store.on_sessions({.sessions = sessions});
  std::int64_t now = 0;
  QuerySlots slots({.slots = 1, .timeout_ms = 3000, .steady_ms = [&] { return now += 1000; }});
  bool over_limit = false;
  const auto result = run_query({}, store, {.slots = &slots, .asker = {.client = "a"}, .over_limit = &over_limit});
  REQUIRE_FALSE(result.has_value());
  CHECK(over_limit);
  CHECK(result.error().message.find("query.timeout_ms") != std::string::npos);
}
