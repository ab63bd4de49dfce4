// Several answerers together answer as one store that has the sessions of all of them.
#include <algorithm>

#include "query/local_answerer.hpp"
#include "query/merged_answerer.hpp"
#include "scenario/conservation/checked_answer.hpp"
#include "scenario/conservation/collectors.hpp"
#include "store/memory_store.hpp"
#include "support/catch.hpp"

using namespace weir;
using namespace weir::testing;

namespace {

// Fails from its n-th question on.
class FailingAnswerer final : public Answerer {
 public:
  FailingAnswerer(Answerer& inner, int good) : inner_(inner), good_(good) {}
  Result<Answer<QueryResult>> answer(const Query& query, const QueryControl& control) override {
    if (good_-- <= 0) return error("connection refused");
    return inner_.answer(query, control);
  }
  Result<Answer<SessionResult>> sessions(const SessionQuery& query, const QueryControl& control) override {
    if (good_-- <= 0) return error("connection refused");
    return inner_.sessions(query, control);
  }

 private:
  Answerer& inner_;
  int good_;
};

}  // namespace

TEST_CASE("several collectors answer every query as one store would") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Random random(seed + 5000);
    const auto world = random_world(random, 1 + random.below(seed % 10 == 0 ? 700 : 90));
    const auto count = 1 + random.below(4);
    const Collectors collectors(world, random, count, [&](const Session&) { return random.below(count); });
    MergedAnswerer merged(collectors.sources());
    QueryControl control;
    control.derived = world.sources;
    CAPTURE(seed, count);
    check_questions(random, world, merged, control, 25);
  }
}

TEST_CASE("few of many keys are told, and the first rows are right") {
  // Hosts whose octets lie at several collectors, so that the largest of one need not be the largest of all.
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    Random random(seed);
    World world;
    world.exporters = {{.id = 1, .address = *parse_ip_address("192.0.2.1")}};
    const auto hosts = 50 + random.below(400);
    for (std::uint64_t i = 0; i < 4 * hosts; ++i) {
      Session s{.id = i + 1, .start_ms = kWorldStartMs, .end_ms = kWorldStartMs};
      s.client = IpAddress::from_v4(static_cast<std::uint32_t>(0x0a000000 + random.below(hosts)));
      s.server = IpAddress::from_v4(0xc0000201);
      s.exporter = 1;
      s.halves[kToServer] = {.octets = 1 + random.below(random.one_in(3) ? 10'000 : 60), .packets = 1, .flows = 1};
      world.sessions.push_back(s);
    }
    const std::size_t count = 2 + random.below(4);
    const Collectors collectors(world, random, count, [&](const Session&) { return random.below(count); });
    const HalfPredicate everything = [](const Session&, SessionSide) { return true; };
    Query query{.by = {FieldId::kClient}, .limit = static_cast<std::uint32_t>(1 + random.below(12)), .buckets = 2};
    CAPTURE(seed, hosts, count, query.limit);
    const auto answer = MergedAnswerer(collectors.sources()).answer(query, {});
    REQUIRE(answer.has_value());
    check_table(query, answer->result, reference_answer(world, query, everything, answer->result.range));
  }
}

TEST_CASE("rows that are named, and rows above a value, are those of one store") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Random random(seed + 3000);
    const auto world = random_world(random, 1 + random.below(120));
    MemoryStore whole(64);
    for (const auto& exporter : world.exporters) whole.add_exporter(exporter);
    whole.on_sessions({.sessions = world.sessions});
    const std::size_t count = 1 + random.below(4);
    const Collectors collectors(world, random, count, [&](const Session&) { return random.below(count); });
    QueryControl control;
    control.derived = world.sources;
    auto query = random_query(random, "", random.one_in(4));
    query.limit = static_cast<std::uint32_t>(1 + random.below(6));
    CAPTURE(seed, count);
    const auto same = [&](const Query& asked) {
      const auto expected = run_query(asked, whole, control);
      const auto answer = MergedAnswerer(collectors.sources()).answer(asked, control);
      REQUIRE(expected.has_value());
      REQUIRE(answer.has_value());
      const auto& result = answer->result;
      CHECK(result.totals == expected->totals);
      CHECK(result.other.measures == expected->other.measures);
      REQUIRE(result.rows.size() == expected->rows.size());
      for (std::size_t r = 0; r < result.rows.size(); ++r) {
        CHECK(result.rows[r].key == expected->rows[r].key);
        CHECK(result.rows[r].measures == expected->rows[r].measures);
      }
      REQUIRE(result.series.size() == expected->series.size());
      for (std::size_t s = 0; s < result.series.size(); ++s)
        CHECK(result.series[s].octets == expected->series[s].octets);
      return *expected;
    };
    const auto rows = same(query).rows;
    auto above = query;
    above.ascending = false;
    above.at_least = rows.empty() ? 1 : rows[random.below(rows.size())].measures.octets;
    same(above);
    auto named = query;
    named.keys.emplace();
    for (const auto& row : rows)
      named.keys->insert(named.keys->begin() + static_cast<std::ptrdiff_t>(random.below(named.keys->size() + 1)),
                         row.key);
    same(named);
  }
}

TEST_CASE("a session list of several collectors is that of one store") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Random random(seed + 9000);
    const auto world = random_world(random, 1 + random.below(200));
    MemoryStore whole(64);
    for (const auto& exporter : world.exporters) whole.add_exporter(exporter);
    whole.on_sessions({.sessions = world.sessions});
    // Halves of a session come from one exporter, so that they are at one collector.
    const std::size_t count = 2 + random.below(2);
    const Collectors collectors(world, random, count, [&](const Session& s) { return s.exporter % count; });
    QueryControl control;
    control.derived = world.sources;
    const bool unscaled = random.one_in(4);
    const auto filter = any_filter(random, world, unscaled);
    SessionQuery query{.filter = filter.text,
                       .order = static_cast<SessionOrder>(random.below(kSessionOrderWords.size())),
                       .ascending = random.one_in(2),
                       .limit = static_cast<std::uint32_t>(random.below(60)),
                       .offset = static_cast<std::uint32_t>(random.below(40)),
                       .unscaled = unscaled};
    if (random.one_in(2)) query.range = random_range(random);
    CAPTURE(seed, filter.text);
    const auto expected = run_session_query(query, whole, control);
    const auto answer = MergedAnswerer(collectors.sources()).sessions(query, control);
    REQUIRE(expected.has_value());
    REQUIRE(answer.has_value());
    REQUIRE(answer->result.totals == expected->totals);
    REQUIRE(answer->result.total_sessions == expected->total_sessions);
    REQUIRE(answer->result.sessions.size() == expected->sessions.size());
    for (std::size_t i = 0; i < expected->sessions.size(); ++i) {
      REQUIRE(reference_value(answer->result.sessions[i], query.order) ==
              reference_value(expected->sessions[i], query.order));
    }
  }
}

TEST_CASE("a collector that fails at any moment is named, and the answer is that of the others") {
  for (int good = 0; good < 5; ++good) {
    Random random(77);
    const auto world = random_world(random, 120);
    const Collectors collectors(world, random, 3, [&](const Session& s) { return s.id % 3; });
    auto sources = collectors.sources();
    FailingAnswerer failing(*sources[1].answerer, good);
    sources[1].answerer = &failing;
    World rest = world;
    std::erase_if(rest.sessions, [](const Session& s) { return s.id % 3 == 1; });
    const HalfPredicate everything = [](const Session&, SessionSide) { return true; };
    const Query query{.range = TimeRange{.from_ms = kWorldStartMs - 100'000, .to_ms = kWorldStartMs + 900'000},
                      .by = {FieldId::kHost},
                      .limit = 3,
                      .buckets = 4};
    const auto answer = MergedAnswerer(sources).answer(query, {});
    REQUIRE(answer.has_value());
    CAPTURE(good);
    if (answer->gaps.away.empty()) {
      CHECK(good >= 2);
      check_table(query, answer->result, reference_answer(world, query, everything, answer->result.range));
      continue;
    }
    REQUIRE(answer->gaps.away.size() == 1);
    CHECK(answer->gaps.away[0].name == "peer 1");
    CHECK(answer->gaps.away[0].why == "connection refused");
    check_table(query, answer->result, reference_answer(rest, query, everything, answer->result.range));
    check_chart(rest, query, everything, answer->result);
  }
}

TEST_CASE("a name that one collector knows finds nothing at the others, and a name that nobody knows is refused") {
  MemoryStore berlin, paris;
  berlin.add_exporter({.id = 1, .address = *parse_ip_address("192.0.2.1"), .name = "core"});
  paris.add_exporter({.id = 1, .address = *parse_ip_address("192.0.2.2"), .name = "edge"});
  for (auto* store : {&berlin, &paris}) {
    Session s{.id = 1, .start_ms = kWorldStartMs, .end_ms = kWorldStartMs + 10};
    s.exporter = 1;
    s.halves[kToServer] = {.octets = store == &berlin ? 5u : 7u, .packets = 1, .flows = 1};
    store->on_sessions({.sessions = {s}});
  }
  const ManualClock clock(kWorldStartMs);
  LocalAnswerer a(berlin, clock, [](std::uint32_t) { return IpAddress{}; }),
      b(paris, clock, [](std::uint32_t) { return IpAddress{}; });
  MergedAnswerer merged({{.name = "", .answerer = &a}, {.name = "paris", .answerer = &b}});
  const auto octets = [&](const char* filter) { return merged.answer({.filter = filter}, {})->result.totals.octets; };
  CHECK(octets("exporter core") == 5);
  CHECK(octets("exporter edge") == 7);
  CHECK(octets("exporter edge or exporter core") == 12);
  const auto refused = merged.answer({.filter = "exporter nobody"}, {});
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().message.find("no exporter is named 'nobody'") == 0);
  CHECK(refused.error().column == 10);
  const auto row = merged.answer({.by = {FieldId::kExporter}}, {});
  REQUIRE(row->result.rows.size() == 2);
  CHECK(std::get<IpAddress>(row->result.rows[0].key[0]) == *parse_ip_address("192.0.2.2"));
  CHECK(row->result.rows[0].measures.octets == 7);
}
