// Each figure of an answer against the reference's.
#include "scenario/conservation/checked_answer.hpp"

#include <algorithm>
#include <array>
#include <numeric>

#include "query/group_plan.hpp"
#include "support/catch.hpp"

namespace weir::testing {

namespace {

std::vector<FieldId> group_fields() {
  std::vector<FieldId> fields;
  for (const auto& field : kFields) {
    if (field.group_by) fields.push_back(field.id);
  }
  return fields;
}

std::uint64_t sum(const std::vector<std::uint64_t>& values) {
  return std::accumulate(values.begin(), values.end(), std::uint64_t{0});
}

void check_row(const ResultRow& row, const ReferenceRow& expected) {
  REQUIRE(row.measures == expected.measures());
  REQUIRE(row.octets_in == capped(expected.in));
  REQUIRE(row.octets_out == capped(expected.out));
  REQUIRE(row.octets_client == capped(expected.client));
  REQUIRE(row.octets_server == capped(expected.server));
}

}  // namespace

RandomFilter any_filter(Random& random, const World& world, bool unscaled) {
  return random.one_in(4) ? RandomFilter{"", [](const Session&, SessionSide) { return true; }}
                          : random_filter(random, world, unscaled, 3);
}

TimeRange random_range(Random& random) {
  // From zooms into single milliseconds to ranges far beyond the sessions.
  const auto length = std::max<std::uint64_t>(1, 800'000 >> random.below(20));
  const auto from = kWorldStartMs - 50'000 + static_cast<std::int64_t>(random.below(200'000));
  return {.from_ms = from, .to_ms = from + 1 + static_cast<std::int64_t>(random.below(length))};
}

Query random_query(Random& random, const std::string& filter, bool unscaled) {
  static const auto kGroupFields = group_fields();
  Query query{.filter = filter,
              .direction = static_cast<Direction>(random.below(3)),
              .ascending = random.one_in(4),
              .limit = static_cast<std::uint32_t>(random.below(8)),
              .unscaled = unscaled};
  if (!random.one_in(5)) query.range = random_range(random);
  if (random.one_in(2))
    query.prefix = {.v4 = static_cast<std::uint8_t>(random.below(33)),
                    .v6 = static_cast<std::uint8_t>(random.below(129))};
  for (auto count = random.below(random.one_in(4) ? 15 : 10); count > 6 || (count > 0 && query.by.empty()); --count) {
    const auto field = kGroupFields[random.below(kGroupFields.size())];
    if (std::find(query.by.begin(), query.by.end(), field) == query.by.end()) query.by.push_back(field);
  }
  // Only ends of a session have a way and a role.
  const bool ends = std::any_of(query.by.begin(), query.by.end(), is_end);
  const auto word = random.below(kRankWords.size());
  rank_by(query, ends || word < 4 ? word : kRankWords.size() - 1);
  if (random.one_in(2))
    query.buckets = 1 + static_cast<std::uint32_t>(random.one_in(12) ? random.below(200) : random.below(10));
  if (random.one_in(6))
    query.allowed_exporters = {
        {*parse_ip_address("192.0.2.2"), *parse_ip_address(random.one_in(2) ? "192.0.2.3" : "192.0.2.4")}};
  return query;
}

void check_table(const Query& query, const QueryResult& result, const ReferenceAnswer& expected) {
  REQUIRE(result.totals == expected.totals.measures());
  const auto listed = std::min<std::size_t>(64, expected.rates.size());
  REQUIRE(result.quality.sampling_rates ==
          std::vector<std::uint32_t>(expected.rates.begin(),
                                     std::next(expected.rates.begin(), static_cast<std::ptrdiff_t>(listed))));
  REQUIRE(result.quality.more_sampling_rates == (listed < expected.rates.size()));
  const auto counts = [](const auto& of) {
    return std::array{of.unsampled, of.scaled_later, of.time_repaired, of.counters_uncertain, of.no_counters};
  };
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
  REQUIRE(result.other_keys <= rows.size() - result.rows.size());
  REQUIRE((result.more_other_keys || result.other_keys == rows.size() - result.rows.size()));
  const bool either =
      std::any_of(query.by.begin(), query.by.end(), [](FieldId id) { return field_info(id).either_end; });
  // No share above 100 %, and marked is what may be one.
  for (const auto& row : result.rows)
    REQUIRE((result.totals.saturated || (row.measures.octets <= result.totals.octets && !row.measures.saturated)));
  if (!result.totals.saturated && (!either || query.direction != Direction::kBoth)) {
    auto all = rest;
    for (const auto& row : result.rows)
      all.octets += row.measures.octets, all.packets += row.measures.packets, all.flows += row.measures.flows;
    REQUIRE(all.octets == result.totals.octets);
    REQUIRE(all.packets == result.totals.packets);
    REQUIRE(all.flows == result.totals.flows);
  }
}

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

void check_once(const World& world, Query query, const HalfPredicate& passes, const Ask& ask,
                const QueryResult& plain) {
  query.once = true;
  const auto result = ask(query);
  REQUIRE(result.has_value());
  REQUIRE(result->totals == plain.totals);
  REQUIRE(result->rows.size() == plain.rows.size());
  REQUIRE((result->more_other_keys || result->other_keys == plain.other_keys));
  const bool either =
      std::any_of(query.by.begin(), query.by.end(), [](FieldId id) { return field_info(id).either_end; });
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

void check_questions(Random& random, const World& world, Answerer& answerer, const QueryControl& control, int rounds) {
  for (int round = 0; round < rounds; ++round) {
    const bool unscaled = random.one_in(5);
    const auto filter = any_filter(random, world, unscaled);
    const auto query = random_query(random, filter.text, unscaled);
    std::string by;
    for (const auto field : query.by) by += std::string(field_info(field).word) + " ";
    CAPTURE(round, filter.text, by, query.buckets, query.limit, query.ascending);
    const auto answer = answerer.answer(query, control);
    INFO((answer ? "" : answer.error().message));
    REQUIRE(answer.has_value());
    for (const auto& away : answer->gaps.away) FAIL(away.why);
    check_table(query, answer->result, reference_answer(world, query, filter.passes, answer->result.range));
    if (query.buckets > 0) check_chart(world, query, filter.passes, answer->result);
    const Ask ask = [&](const Query& q) -> Result<QueryResult> {
      auto once = answerer.answer(q, control);
      if (!once) return once.error();
      return std::move(once->result);
    };
    if (round % 2 == 0) check_once(world, query, filter.passes, ask, answer->result);
  }
}

}  // namespace weir::testing
