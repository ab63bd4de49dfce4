// Random sessions, ranges, zooms, filters and group-bys: the query stage equals the plain reference in every figure,
// and chart = table = sum of parts.
#include <algorithm>

#include "query/query.hpp"
#include "scenario/conservation/checked_answer.hpp"
#include "store/memory_store.hpp"
#include "support/catch.hpp"

using namespace weir;
using namespace weir::testing;

namespace {

// The range cut at random into pieces: their totals add up to the whole's.
void check_parts(Random& random, Query query, Store& store, const QueryControl& control, const QueryResult& whole) {
  if (whole.totals.saturated) return;
  query.by.clear();
  query.buckets = 0;
  std::uint64_t octets = 0, packets = 0;
  auto at = whole.range.from_ms;
  while (at < whole.range.to_ms) {
    const auto next = std::min(whole.range.to_ms, at + 1 +
                                                      static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(
                                                          whole.range.to_ms - whole.range.from_ms))));
    query.range = TimeRange{.from_ms = at, .to_ms = next};
    const auto part = run_query(query, store, control);
    REQUIRE(part.has_value());
    octets += part->totals.octets;
    packets += part->totals.packets;
    at = next;
  }
  REQUIRE(octets == whole.totals.octets);
  REQUIRE(packets == whole.totals.packets);
}

}  // namespace

TEST_CASE("every query equals the reference, in table, chart and parts") {
  for (std::uint64_t seed = 1; seed <= 120; ++seed) {
    Random random(seed);
    const auto world = random_world(random, 1 + random.below(seed % 10 == 0 ? 700 : 90));
    MemoryStore store(static_cast<std::uint32_t>(1 + random.below(random.one_in(2) ? 8 : 600)));
    for (const auto& exporter : world.exporters) store.add_exporter(exporter);
    store.on_sessions({.sessions = world.sessions});
    QueryControl control;
    control.derived = world.sources;
    for (int round = 0; round < 40; ++round) {
      const bool unscaled = random.one_in(5);
      const auto filter = random.one_in(4) ? RandomFilter{"", [](const Session&, SessionSide) { return true; }}
                                           : random_filter(random, world, unscaled, 3);
      const auto query = random_query(random, filter.text, unscaled);
      CAPTURE(seed, round, filter.text, query.buckets);
      const auto result = run_query(query, store, control);
      INFO((result ? "" : result.error().message));
      REQUIRE(result.has_value());
      check_table(query, *result, reference_answer(world, query, filter.passes, result->range));
      if (query.buckets > 0) check_chart(world, query, filter.passes, *result);
      if (round % 4 == 0) check_parts(random, query, store, control, *result);
      if (round % 2 == 0)
        check_once(
            world, query, filter.passes, [&](const Query& q) { return run_query(q, store, control); }, *result);
    }
  }
}

TEST_CASE("the answer does not depend on threads and segments") {
  Random random(99);
  const auto world = random_world(random, 220'000);
  MemoryStore whole, pieces(30'000);
  for (auto* store : {&whole, &pieces}) {
    for (const auto& exporter : world.exporters) store->add_exporter(exporter);
    store->on_sessions({.sessions = world.sessions});
  }
  QueryControl alone, shared;
  alone.derived = shared.derived = world.sources;
  alone.threads = 1;
  shared.threads = 3;
  for (int round = 0; round < 12; ++round) {
    const auto filter = random_filter(random, world, false, 2);
    auto query = random_query(random, filter.text, false);
    query.buckets = 20;
    const auto a = run_query(query, whole, alone), b = run_query(query, pieces, shared);
    CAPTURE(filter.text);
    REQUIRE(a.has_value());
    REQUIRE(b.has_value());
    REQUIRE(a->totals == b->totals);
    REQUIRE(a->rows.size() == b->rows.size());
    for (std::size_t r = 0; r < a->rows.size(); ++r) {
      REQUIRE(a->rows[r].key == b->rows[r].key);
      REQUIRE(a->rows[r].measures == b->rows[r].measures);
    }
    REQUIRE(a->other.measures == b->other.measures);
    for (std::size_t s = 0; s < a->series.size(); ++s) {
      REQUIRE(a->series[s].octets == b->series[s].octets);
      REQUIRE(a->series[s].packets == b->series[s].packets);
    }
    if (round < 3) check_table(query, *a, reference_answer(world, query, filter.passes, a->range));
  }
}

TEST_CASE("keys too many for dense arrays are counted like others") {
  World world;
  world.exporters = {{.id = 1, .address = *parse_ip_address("192.0.2.1")}};
  world.sessions = RouterSessions(5, {}, kWorldStartMs).next(30'000);
  MemoryStore store(20'000);
  store.add_exporter(world.exporters[0]);
  store.on_sessions({.sessions = world.sessions});
  const HalfPredicate everything = [](const Session&, SessionSide) { return true; };
  using enum FieldId;
  const std::vector<FieldId> four{kHost, kPort, kServer, kInIf},
      five{kProtocol, kClient, kServer, kClientPort, kServerPort},
      eight{kHost, kPort, kServer, kInIf, kClientPort, kServerPort, kProtocol, kClient};
  for (const auto& by : {four, five, eight}) {
    for (const auto direction : {Direction::kBoth, Direction::kTalkers}) {
      Query query{.range = TimeRange{.from_ms = kWorldStartMs - 5'000, .to_ms = kWorldStartMs + 1'000},
                  .by = by,
                  .direction = direction,
                  .limit = 500,
                  .buckets = 3};
      const auto result = run_query(query, store);
      REQUIRE(result.has_value());
      check_table(query, *result, reference_answer(world, query, everything, result->range));
      check_chart(world, query, everything, *result);
    }
  }
}

TEST_CASE("a session list has the totals of the query, each selected session once, and halves put together") {
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    Random random(seed + 1000);
    auto world = random_world(random, 1 + random.below(300));
    const auto ends = 1 + random.below(12);
    for (auto& s : world.sessions) {
      // Few conversations, so that halves meet; starts differ, so that the order of pairing is not a matter of taste.
      if (random.one_in(2)) {
        s.client = IpAddress::from_v4(1),
        s.server = IpAddress::from_v4(static_cast<std::uint32_t>(1 + random.below(ends)));
        s.client_port = 40000, s.server_port = 53, s.protocol = 17;
        if (random.one_in(2)) std::swap(s.client, s.server), std::swap(s.client_port, s.server_port);
        s.reason = static_cast<ServerReason>(1 + random.below(6));
        s.halves[random.below(2)] = {};
      }
      const auto duration = s.end_ms - s.start_ms;
      s.start_ms = kWorldStartMs + static_cast<std::int64_t>(s.id) * 330 + static_cast<std::int64_t>(random.below(330));
      s.end_ms = s.start_ms + (random.one_in(3) ? duration : duration % 3000);
    }
    MemoryStore store(static_cast<std::uint32_t>(1 + random.below(100)));
    for (const auto& exporter : world.exporters) store.add_exporter(exporter);
    store.on_sessions({.sessions = world.sessions});
    QueryControl control;
    control.derived = world.sources;

    const bool unscaled = random.one_in(3);
    const auto filter = random.one_in(2) ? RandomFilter{"", [](const Session&, SessionSide) { return true; }}
                                         : random_filter(random, world, unscaled, 2);
    Query query{.filter = filter.text, .unscaled = unscaled};
    if (random.one_in(2)) query.range = random_range(random);
    SessionQuery list{.range = query.range,
                      .filter = filter.text,
                      .order = static_cast<SessionOrder>(random.below(kSessionOrderWords.size())),
                      .ascending = random.one_in(2),
                      .limit = 10'000,
                      .unscaled = unscaled};
    CAPTURE(seed, filter.text);
    const auto totals = run_query(query, store, control);
    const auto all = run_session_query(list, store, control);
    REQUIRE(totals.has_value());
    REQUIRE(all.has_value());
    REQUIRE(all->totals == totals->totals);
    REQUIRE(all->range == totals->range);
    REQUIRE(all->total_sessions == all->sessions.size());

    // The reference: selected sessions in order of start; a half that stands alone takes the first that fits.
    struct Expected {
      Session session;
      std::uint64_t octets, packets;
      bool lone, used;
    };
    std::vector<Expected> expected;
    for (const auto& s : world.sessions) {
      if (!reference_selected(world, s, kToServer, query, filter.passes, all->range) &&
          !reference_selected(world, s, kToClient, query, filter.passes, all->range))
        continue;
      const auto rate = reference_rate(world, s, unscaled);
      const auto both = [&](std::uint64_t a, std::uint64_t b) { return capped((static_cast<Uint128>(a) + b) * rate); };
      expected.push_back({s, both(s.halves[0].octets, s.halves[1].octets),
                          both(s.halves[0].packets, s.halves[1].packets),
                          (s.halves[0].flows == 0) != (s.halves[1].flows == 0), false});
    }
    std::sort(expected.begin(), expected.end(),
              [](const auto& a, const auto& b) { return a.session.start_ms < b.session.start_ms; });
    using End = std::pair<IpAddress, std::uint16_t>;
    const auto sender = [](const Session& s) {
      return s.halves[0].flows != 0 ? End(s.client, s.client_port) : End(s.server, s.server_port);
    };
    const auto receiver = [](const Session& s) {
      return s.halves[0].flows != 0 ? End(s.server, s.server_port) : End(s.client, s.client_port);
    };
    std::multiset<std::tuple<std::uint64_t, std::uint64_t, std::int64_t, std::int64_t>> rows;
    std::uint64_t pairs = 0;
    const auto from_high = [&](const Session& s) {
      const auto low = std::min(sender(s), receiver(s));
      return sender(s) == receiver(s) ? s.halves[0].flows == 0 : sender(s) != low;
    };
    for (auto& a : expected) {
      if (!a.lone || !from_high(a.session)) continue;
      for (auto& b : expected) {
        if (&a == &b || b.used || !b.lone || from_high(b.session)) continue;
        const auto &x = a.session, &y = b.session;
        if (x.exporter != y.exporter || x.protocol != y.protocol || sender(x) != receiver(y) ||
            receiver(x) != sender(y))
          continue;
        if (x.start_ms > y.end_ms + 1000 || y.start_ms > x.end_ms + 1000) continue;
        a.used = b.used = true;
        ++pairs;
        rows.emplace(capped(static_cast<Uint128>(a.octets) + b.octets),
                     capped(static_cast<Uint128>(a.packets) + b.packets), std::min(x.start_ms, y.start_ms),
                     std::max(x.end_ms, y.end_ms));
        break;
      }
    }
    for (const auto& e : expected) {
      if (!e.used) rows.emplace(e.octets, e.packets, e.session.start_ms, e.session.end_ms);
    }
    REQUIRE(all->total_sessions == all->totals.sessions - pairs);
    decltype(rows) found;
    for (const auto& row : all->sessions) {
      // The two directions add up to the session.
      REQUIRE(row.octets == capped(static_cast<Uint128>(row.halves[0].octets) + row.halves[1].octets));
      REQUIRE(row.packets == capped(static_cast<Uint128>(row.halves[0].packets) + row.halves[1].packets));
      REQUIRE((row.saturated || static_cast<Uint128>(row.halves[0].octets) + row.halves[1].octets <= kMost));
    }
    for (const auto& row : all->sessions)
      found.emplace(row.octets, row.packets, row.session.start_ms, row.session.end_ms);
    REQUIRE(found == rows);

    // In order, and pages are pieces of the whole list.
    for (std::size_t i = 1; i < all->sessions.size(); ++i) {
      const auto before = reference_value(all->sessions[i - 1], list.order),
                 after = reference_value(all->sessions[i], list.order);
      REQUIRE((list.ascending ? before <= after : before >= after));
    }
    list.offset = static_cast<std::uint32_t>(random.below(50));
    list.limit = static_cast<std::uint32_t>(random.below(50));
    const auto page = run_session_query(list, store, control);
    REQUIRE(page->total_sessions == all->total_sessions);
    const auto left = all->sessions.size() > list.offset ? all->sessions.size() - list.offset : 0;
    REQUIRE(page->sessions.size() == std::min<std::size_t>(list.limit, left));
    for (std::size_t i = 0; i < page->sessions.size(); ++i) {
      REQUIRE(page->sessions[i].octets == all->sessions[list.offset + i].octets);
      REQUIRE(page->sessions[i].session.start_ms == all->sessions[list.offset + i].session.start_ms);
    }
  }
}
