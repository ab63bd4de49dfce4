// The windows of one pass against a query of each window: the same exact numbers, whatever the windows' overlap.
#include <algorithm>
#include <map>

#include "alert/window_scan.hpp"
#include "store/memory_store.hpp"
#include "support/catch.hpp"
#include "support/generated_sessions.hpp"

using namespace weir;

namespace {

constexpr std::int64_t kFrom = 1'700'006'400'000;

MemoryStore& generated() {
  static MemoryStore* store = [] {
    auto* s = new MemoryStore(2'000);
    for (std::uint32_t e = 1; e <= 3; ++e) s->add_exporter({.id = e, .address = IpAddress::from_v4(0xc0000200u + e)});
    testing::RouterSessions sessions(
        7, {.exporters = 3, .inside_hosts = 60, .outside_hosts = 300, .sessions_per_s = 20}, kFrom + 60'000);
    auto rows = sessions.next(20'000);
    // Long ones across many windows, points on the edges, and sessions that end on an edge.
    for (std::size_t i = 0; i < rows.size(); i += 50) rows[i].start_ms -= static_cast<std::int64_t>(i % 7) * 100'000;
    for (std::size_t i = 1; i < rows.size(); i += 60)
      rows[i].start_ms = rows[i].end_ms = rows[i].end_ms / 60'000 * 60'000;
    for (std::size_t i = 2; i < rows.size(); i += 60) rows[i].end_ms = (rows[i].start_ms / 60'000 + 1) * 60'000;
    for (std::size_t i = 3; i < rows.size(); i += 40) rows[i].sampling = 10;
    s->on_sessions({.sessions = rows, .final_below = 0});
    return s;
  }();
  return *store;
}

using Rows = std::map<std::string, RowFigures>;

RowFigures figures_of(const ResultRow& r) {
  return {.octets = r.measures.octets,
          .packets = r.measures.packets,
          .flows = r.measures.flows,
          .sessions = r.measures.sessions,
          .octets_in = r.octets_in,
          .octets_out = r.octets_out,
          .octets_client = r.octets_client,
          .octets_server = r.octets_server};
}

Rows queried(const Rule& rule, TimeRange range) {
  auto query = rule.query;
  query.range = range;
  query.limit = kMaxLimit;
  const auto result = run_query(query, generated());
  REQUIRE(result.has_value());
  REQUIRE(result->other_keys == 0);
  Rows rows;
  for (const auto& row : result->rows) rows[row_key_text(row.key)] = figures_of(row);
  if (rule.query.by.empty() && result->totals.sessions != 0) rows["all"] = figures_of(result->other);
  return rows;
}

Rows rows_of(const WindowGroups& groups) {
  Rows rows;
  for (std::size_t i = 0; i < groups.size(); ++i) rows[row_key_text(groups.key(i))] = groups.figures(i);
  return rows;
}

}  // namespace

TEST_CASE("windows of one pass equal a query each") {
  struct Case {
    std::vector<FieldId> by;
    Direction direction;
    std::string filter;
    std::int64_t window_s, every_s;
  };
  const auto& c = GENERATE(values<Case>({
      {{FieldId::kHost}, Direction::kBoth, "", 300, 60},
      {{FieldId::kHost}, Direction::kTalkers, "proto tcp", 60, 60},
      {{FieldId::kClient, FieldId::kServerPort}, Direction::kBoth, "", 120, 30},
      {{FieldId::kExporter, FieldId::kInterface}, Direction::kBoth, "", 60, 60},
      {{FieldId::kServer}, Direction::kBoth, "in_if 1", 60, 180},
      {{FieldId::kProtocol}, Direction::kBoth, "duration > 1s", 3600, 60},
      {{}, Direction::kBoth, "port 443", 300, 100},
  }));
  Rule rule;
  rule.query = {.filter = c.filter, .by = c.by, .direction = c.direction};
  rule.window_ms = c.window_s * 1000;
  rule.every_ms = c.every_s * 1000;
  const auto first = (kFrom / rule.every_ms + 1) * rule.every_ms, last = first + 20 * rule.every_ms;
  const unsigned threads = GENERATE(1u, 2u);
  std::int64_t expected_end = first;
  std::size_t rows = 0;
  const auto scanned = scan_windows({.rule = &rule, .first_end_ms = first, .last_end_ms = last, .threads = threads},
                                    generated(), [&](const WindowGroups& groups) {
                                      CHECK(groups.range() == TimeRange{expected_end - rule.window_ms, expected_end});
                                      const auto query_rows = queried(rule, groups.range());
                                      const auto scan_rows = rows_of(groups);
                                      CHECK(scan_rows.size() == query_rows.size());
                                      CHECK((scan_rows == query_rows));
                                      rows += query_rows.size();
                                      expected_end += rule.every_ms;
                                      return true;
                                    });
  REQUIRE(scanned.has_value());
  CHECK(expected_end == last + rule.every_ms);
  CHECK(rows > 0);

  // One window alone is the same window.
  Rows alone;
  const auto one = scan_windows({.rule = &rule, .first_end_ms = last, .last_end_ms = last, .threads = threads},
                                generated(), [&](const WindowGroups& groups) {
                                  alone = rows_of(groups);
                                  return true;
                                });
  REQUIRE(one.has_value());
  CHECK((alone == queried(rule, {last - rule.window_ms, last})));
}

TEST_CASE("distinct values are counted per key") {
  Rule rule;
  rule.query.by = {FieldId::kClient};
  rule.distinct = {FieldId::kServer, FieldId::kServerPort};
  rule.window_ms = rule.every_ms = 300'000;
  const auto end = kFrom + 600'000;
  std::map<std::string, std::uint64_t> counted;
  RowFigures sum;
  REQUIRE(scan_windows({.rule = &rule, .first_end_ms = end, .last_end_ms = end}, generated(),
                       [&](const WindowGroups& groups) {
                         for (std::size_t i = 0; i < groups.size(); ++i) {
                           counted[row_key_text(groups.key(i))] = groups.figures(i).distinct;
                           sum.octets += groups.figures(i).octets;
                         }
                         CHECK(sum.octets == groups.totals().octets);
                         CHECK(groups.find({*parse_ip_address("203.0.113.99")}) == RowFigures{});
                         CHECK(groups.find(groups.key(0)) == groups.figures(0));
                         return true;
                       })
              .has_value());
  Rule pairs = rule;
  pairs.distinct.clear();
  pairs.query.by = {FieldId::kClient, FieldId::kServer, FieldId::kServerPort};
  std::map<std::string, std::uint64_t> expected;
  for (const auto& [key, figures] : queried(pairs, {end - rule.window_ms, end}))
    ++expected[key.substr(0, key.find(','))];
  CHECK(counted == expected);
}

TEST_CASE("with too many keys for memory the totals and the largest keys are exact, and it is said which those are") {
  Rule rule;
  rule.query.by = {FieldId::kHost};
  rule.window_ms = 120'000;
  rule.every_ms = 60'000;
  const auto first = kFrom + 180'000;
  const auto max_groups = GENERATE(10u, 60u, 300u);
  const auto kept = *parse_ip_address("203.0.113.99");
  std::size_t cut = 0, windows = 0;
  const auto scanned = scan_windows({.rule = &rule,
                                     .first_end_ms = first,
                                     .last_end_ms = first + 300'000,
                                     .max_groups = max_groups,
                                     .kept_keys = [&] { return std::vector<RowKey>{{kept}}; }},
                                    generated(), [&](const WindowGroups& groups) {
                                      ++windows;
                                      const auto expected = queried(rule, groups.range());
                                      for (std::size_t i = 0; i < groups.size(); ++i)
                                        CHECK((expected.at(row_key_text(groups.key(i))) == groups.figures(i)));
                                      if (groups.remark().empty()) {
                                        CHECK(groups.size() == expected.size());
                                        return true;
                                      }
                                      ++cut;
                                      CHECK(groups.size() <= max_groups);
                                      const auto from = groups.remark().find("every key with more than ") + 25;
                                      const auto complete_above = std::stoull(groups.remark().substr(from));
                                      for (const auto& [key, figures] : expected) {
                                        if (figures.octets > complete_above)
                                          CHECK(groups.find(*parse_row_key(rule.query.by, key)) == figures);
                                      }
                                      return true;
                                    });
  REQUIRE(scanned.has_value());
  CHECK(windows == 6);
  CHECK((cut > 0 || max_groups > 60));
}

TEST_CASE("a wrong filter is an error, a stop stops") {
  Rule rule;
  rule.query.by = {FieldId::kHost};
  rule.window_ms = rule.every_ms = 60'000;
  const auto first = kFrom + 120'000;
  const auto run = [&](std::uint32_t max_groups, int windows) {
    return scan_windows(
        {.rule = &rule, .first_end_ms = first, .last_end_ms = first + 600'000, .max_groups = max_groups}, generated(),
        [&](const WindowGroups&) { return --windows > 0; });
  };
  CHECK(run(1'000'000, 3).has_value());
  rule.query.filter = "prot tcp";
  CHECK(run(1'000, 3).error().column == 1);
  rule.query.filter = "";
  rule.query.by = {FieldId::kCountry};
  CHECK(run(1'000, 3).error().message.find("enrich.country_database") != std::string::npos);
}
