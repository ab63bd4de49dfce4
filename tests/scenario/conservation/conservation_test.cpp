// Random sessions, ranges, zooms, filters and group-bys: the query stage equals the plain reference in every figure, and
// chart = table = sum of parts.
#include <algorithm>
#include <array>
#include <numeric>

#include "query/group_plan.hpp"
#include "query/query.hpp"
#include "scenario/conservation/random_world.hpp"
#include "scenario/conservation/reference.hpp"
#include "store/memory_store.hpp"
#include "support/catch.hpp"

using namespace weir;
using namespace weir::testing;

namespace {

std::vector<FieldId> group_fields() {
  std::vector<FieldId> fields;
  for (const auto& field : kFields) {
    if (field.group_by) fields.push_back(field.id);
  }
  return fields;
}

TimeRange random_range(Random& random) {
  // From zooms into single milliseconds to ranges far beyond the sessions.
  const auto length = std::max<std::uint64_t>(1, 800'000 >> random.below(20));
  const auto from = kWorldStartMs - 50'000 + static_cast<std::int64_t>(random.below(200'000));
  return {.from_ms = from, .to_ms = from + 1 + static_cast<std::int64_t>(random.below(length))};
}

Query random_query(Random& random, const std::string& filter, bool unscaled) {
  static const auto fields = group_fields();
  Query query{.filter = filter, .direction = static_cast<Direction>(random.below(3)), .ascending = random.one_in(4),
              .limit = static_cast<std::uint32_t>(random.below(8)), .unscaled = unscaled};
  if (!random.one_in(5)) query.range = random_range(random);
  if (random.one_in(2)) query.prefix = {.v4 = static_cast<std::uint8_t>(random.below(33)), .v6 = static_cast<std::uint8_t>(random.below(129))};
  for (auto count = random.below(random.one_in(4) ? 15 : 10); count > 6 || (count > 0 && query.by.empty()); --count) {
    const auto field = fields[random.below(fields.size())];
    if (std::find(query.by.begin(), query.by.end(), field) == query.by.end()) query.by.push_back(field);
  }
  // Only ends of a session have a way and a role.
  const bool ends = std::any_of(query.by.begin(), query.by.end(), is_end);
  const auto word = random.below(kRankWords.size());
  rank_by(query, ends || word < 4 ? word : kRankWords.size() - 1);
  if (random.one_in(2)) query.buckets = 1 + static_cast<std::uint32_t>(random.one_in(12) ? random.below(200) : random.below(10));
  if (random.one_in(6)) query.allowed_exporters = {{2, static_cast<std::uint32_t>(3 + random.below(2))}};  // filters name 2
  return query;
}

std::uint64_t sum(const std::vector<std::uint64_t>& values) { return std::accumulate(values.begin(), values.end(), std::uint64_t{0}); }

void check_row(const ResultRow& row, const ReferenceRow& expected) {
  REQUIRE(row.measures == expected.measures());
  REQUIRE(row.octets_in == capped(expected.in));
  REQUIRE(row.octets_out == capped(expected.out));
  REQUIRE(row.octets_client == capped(expected.client));
  REQUIRE(row.octets_server == capped(expected.server));
}

void check_table(const Query& query, const QueryResult& result, const ReferenceAnswer& expected) {
  REQUIRE(result.totals == expected.totals.measures());
  const auto listed = std::min<std::size_t>(64, expected.rates.size());
  REQUIRE(result.quality.sampling_rates == std::vector<std::uint32_t>(expected.rates.begin(), std::next(expected.rates.begin(), static_cast<std::ptrdiff_t>(listed))));
  REQUIRE(result.quality.more_sampling_rates == (listed < expected.rates.size()));
  const auto counts = [](const auto& of) { return std::array{of.unsampled, of.scaled_later, of.time_repaired, of.counters_uncertain, of.no_counters}; };
  REQUIRE(counts(result.quality) == counts(expected));
  if (query.by.empty()) {
    REQUIRE(result.other.measures == expected.totals.measures());
    return;
  }
  std::string by;
  for (const auto id : query.by) by += std::string(field_info(id).word) + " ";
  CAPTURE(by);
  const auto rows = reference_order(expected, query);
  REQUIRE(result.rows.size() == std::min<std::size_t>(query.limit, rows.size()));
  ReferenceRow rest;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    if (r < result.rows.size()) {
      REQUIRE(result.rows[r].key == rows[r].first);
      check_row(result.rows[r], rows[r].second);
    } else {
      rest.add(rows[r].second);
    }
  }
  check_row(result.other, rest);
  REQUIRE(result.other_keys == rows.size() - result.rows.size());
  const bool either = std::any_of(query.by.begin(), query.by.end(), [](FieldId id) { return field_info(id).either_end; });
  // No share above 100 %, and marked is what may be one.
  for (const auto& row : result.rows) REQUIRE((result.totals.saturated || (row.measures.octets <= result.totals.octets && !row.measures.saturated)));
  if (!result.totals.saturated && (!either || query.direction != Direction::kBoth)) {
    auto all = rest;
    for (const auto& row : result.rows) all.octets += row.measures.octets, all.packets += row.measures.packets, all.flows += row.measures.flows;
    REQUIRE(all.octets == result.totals.octets);
    REQUIRE(all.packets == result.totals.packets);
    REQUIRE(all.flows == result.totals.flows);
  }
}

// Each bucket of each series is what the reference counts in just the bucket's range.
void check_chart(const World& world, const Query& query, const HalfPredicate& passes, const QueryResult& result) {
  REQUIRE(result.series.size() == result.rows.size() + 1);
  for (std::size_t s = 0; s < result.series.size(); ++s) {
    const auto& row = s < result.rows.size() ? result.rows[s] : result.other;
    REQUIRE(result.series[s].octets.size() == query.buckets);
    if (row.measures.saturated) continue;
    REQUIRE_FALSE(result.series[s].saturated);
    REQUIRE(sum(result.series[s].octets) == row.measures.octets);
    REQUIRE(sum(result.series[s].packets) == row.measures.packets);
  }
  const auto span = static_cast<std::uint64_t>(result.range.to_ms - result.range.from_ms);
  for (std::uint32_t b = 0; b < query.buckets; ++b) {
    const TimeRange bucket{.from_ms = result.range.from_ms + static_cast<std::int64_t>(span * b / query.buckets),
                           .to_ms = result.range.from_ms + static_cast<std::int64_t>(span * (b + 1) / query.buckets)};
    auto part = bucket.from_ms < bucket.to_ms ? reference_answer(world, query, passes, bucket) : ReferenceAnswer{};
    for (std::size_t r = 0; r < result.rows.size(); ++r) {
      const auto row = part.rows[result.rows[r].key];
      REQUIRE(result.series[r].octets[b] == row.measures().octets);
      REQUIRE(result.series[r].packets[b] == row.measures().packets);
      REQUIRE((result.series[r].saturated || !row.measures().saturated));
      part.rows.erase(result.rows[r].key);
    }
    auto rest = query.by.empty() ? part.totals : ReferenceRow{};
    for (const auto& [key, row] : part.rows) rest.add(row);
    REQUIRE(result.series.back().octets[b] == rest.measures().octets);
    REQUIRE(result.series.back().packets[b] == rest.measures().packets);
    REQUIRE((result.series.back().saturated || !rest.measures().saturated));
  }
}

// Asked to count each octet once: the rows stay as they are, what counts for each is what the reference says, and rows and
// others add up to the totals, in the table and in each bucket.
void check_once(const World& world, Query query, const HalfPredicate& passes, Store& store, const QueryControl& control, const QueryResult& plain) {
  query.once = true;
  const auto result = run_query(query, store, control);
  REQUIRE(result.has_value());
  REQUIRE(result->totals == plain.totals);
  REQUIRE(result->rows.size() == plain.rows.size());
  REQUIRE(result->other_keys == plain.other_keys);
  const bool either = std::any_of(query.by.begin(), query.by.end(), [](FieldId id) { return field_info(id).either_end; });
  if (!either || query.direction != Direction::kBoth) {
    for (const auto& row : result->rows) REQUIRE_FALSE(row.once.has_value());
    REQUIRE(result->other.measures == plain.other.measures);
    return;
  }
  std::vector<std::vector<KeyValue>> ranked;
  for (const auto& row : result->rows) ranked.push_back(row.key);
  const auto expected = reference_once(world, query, passes, result->range, ranked);
  ReferenceRow all;
  for (std::size_t r = 0; r <= ranked.size(); ++r) {
    if (r < ranked.size()) REQUIRE(result->rows[r].measures == plain.rows[r].measures);
    const auto& once = r < ranked.size() ? *result->rows[r].once : result->other.measures;
    REQUIRE(once.octets == expected[r].measures().octets);
    REQUIRE(once.packets == expected[r].measures().packets);
    REQUIRE(once.flows == expected[r].flows);
    REQUIRE(once.sessions == expected[r].sessions);
    REQUIRE((once.saturated || !expected[r].measures().saturated));
    all.add(expected[r]);
    if (query.buckets == 0 || once.saturated) continue;
    REQUIRE(sum(result->series[r].octets) == once.octets);
    REQUIRE(sum(result->series[r].packets) == once.packets);
  }
  REQUIRE(all.measures() == result->totals);
  // The row that ranks first has all that it has a part in.
  if (!result->rows.empty() && !result->totals.saturated) {
    REQUIRE(result->rows[0].once->octets == result->rows[0].measures.octets);
    REQUIRE(result->rows[0].once->sessions == result->rows[0].measures.sessions);
  }
}

// The range cut at random into pieces: their totals add up to the whole's.
void check_parts(Random& random, Query query, Store& store, const QueryControl& control, const QueryResult& whole) {
  if (whole.totals.saturated) return;
  query.by.clear();
  query.buckets = 0;
  std::uint64_t octets = 0, packets = 0;
  auto at = whole.range.from_ms;
  while (at < whole.range.to_ms) {
    const auto next = std::min(whole.range.to_ms, at + 1 + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(whole.range.to_ms - whole.range.from_ms))));
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
      const auto filter = random.one_in(4) ? RandomFilter{"", [](const Session&, SessionSide) { return true; }} : random_filter(random, world, unscaled, 3);
      const auto query = random_query(random, filter.text, unscaled);
      CAPTURE(seed, round, filter.text, query.buckets);
      const auto result = run_query(query, store, control);
      INFO((result ? "" : result.error().message));
      REQUIRE(result.has_value());
      check_table(query, *result, reference_answer(world, query, filter.passes, result->range));
      if (query.buckets > 0) check_chart(world, query, filter.passes, *result);
      if (round % 4 == 0) check_parts(random, query, store, control, *result);
      if (round % 2 == 0) check_once(world, query, filter.passes, store, control, *result);
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
  const std::vector<FieldId> four{kHost, kPort, kServer, kInIf}, five{kProtocol, kClient, kServer, kClientPort, kServerPort},
      eight{kHost, kPort, kServer, kInIf, kClientPort, kServerPort, kProtocol, kClient};
  for (const auto& by : {four, five, eight}) {
    for (const auto direction : {Direction::kBoth, Direction::kTalkers}) {
      Query query{.range = TimeRange{.from_ms = kWorldStartMs - 5'000, .to_ms = kWorldStartMs + 1'000}, .by = by, .direction = direction, .limit = 500, .buckets = 3};
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
        s.client = IpAddress::from_v4(1), s.server = IpAddress::from_v4(static_cast<std::uint32_t>(1 + random.below(ends)));
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
    const auto filter = random.one_in(2) ? RandomFilter{"", [](const Session&, SessionSide) { return true; }} : random_filter(random, world, unscaled, 2);
    Query query{.filter = filter.text, .unscaled = unscaled};
    if (random.one_in(2)) query.range = random_range(random);
    SessionQuery list{.range = query.range, .filter = filter.text, .order = static_cast<SessionOrder>(random.below(kSessionOrderWords.size())), .ascending = random.one_in(2), .limit = 10'000, .unscaled = unscaled};
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
      if (!reference_selected(s, kToServer, query, filter.passes, all->range) && !reference_selected(s, kToClient, query, filter.passes, all->range)) continue;
      const auto rate = reference_rate(world, s, unscaled);
      const auto both = [&](std::uint64_t a, std::uint64_t b) { return capped((static_cast<Uint128>(a) + b) * rate); };
      expected.push_back({s, both(s.halves[0].octets, s.halves[1].octets), both(s.halves[0].packets, s.halves[1].packets),
                          (s.halves[0].flows == 0) != (s.halves[1].flows == 0), false});
    }
    std::sort(expected.begin(), expected.end(), [](const auto& a, const auto& b) { return a.session.start_ms < b.session.start_ms; });
    using End = std::pair<IpAddress, std::uint16_t>;
    const auto sender = [](const Session& s) { return s.halves[0].flows != 0 ? End(s.client, s.client_port) : End(s.server, s.server_port); };
    const auto receiver = [](const Session& s) { return s.halves[0].flows != 0 ? End(s.server, s.server_port) : End(s.client, s.client_port); };
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
        if (x.exporter != y.exporter || x.protocol != y.protocol || sender(x) != receiver(y) || receiver(x) != sender(y)) continue;
        if (x.start_ms > y.end_ms + 1000 || y.start_ms > x.end_ms + 1000) continue;
        a.used = b.used = true;
        ++pairs;
        rows.emplace(capped(static_cast<Uint128>(a.octets) + b.octets), capped(static_cast<Uint128>(a.packets) + b.packets), std::min(x.start_ms, y.start_ms), std::max(x.end_ms, y.end_ms));
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
    for (const auto& row : all->sessions) found.emplace(row.octets, row.packets, row.session.start_ms, row.session.end_ms);
    REQUIRE(found == rows);

    // In order, and pages are pieces of the whole list.
    for (std::size_t i = 1; i < all->sessions.size(); ++i) {
      const auto before = reference_value(all->sessions[i - 1], list.order), after = reference_value(all->sessions[i], list.order);
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
