// What a part tells of a change.
#include "query/explain_changes.hpp"

#include <cmath>

#include "support/catch.hpp"

using namespace weir;

namespace {

KeyChange part(std::uint64_t now, std::uint64_t then) { return {.key = {}, .now = now, .then = then}; }

bool near(double a, double b) { return std::abs(a - b) < 1e-9; }

QueryResult rows(std::vector<std::pair<ItemKey, std::uint64_t>> octets) {
  QueryResult result{.range = {}, .totals = {}, .rows = {}, .other = {}, .series = {}, .quality = {}, .warnings = {}};
  for (auto& [key, sum] : octets) result.rows.push_back({.key = std::move(key), .measures = {.octets = sum}});
  return result;
}
ItemKey number(std::uint64_t n) { return {n}; }

}  // namespace

TEST_CASE("what rose alone tells all, what rose as all did tells nothing") {
  CHECK(near(telling(part(100, 0), 200, 100), 1.0));
  CHECK(near(telling(part(50, 0), 200, 100), 0.5));
  CHECK(near(telling(part(100, 50), 200, 100), 0.0));
  // Most of the traffic, and alone in its growth.
  CHECK(near(telling(part(190, 90), 200, 100), 1.0));
  CHECK(near(telling(part(0, 50), 200, 100), 0.0));
}

TEST_CASE("a fall is told by what fell more than the rest") {
  CHECK(near(telling(part(0, 50), 50, 100), 1.0));
  CHECK(near(telling(part(25, 50), 50, 100), 0.0));
  CHECK(near(telling(part(10, 60), 50, 100), 1.0));
  CHECK(near(telling(part(60, 50), 50, 100), 0.0));
}

TEST_CASE("nothing is told of no change") { CHECK(telling(part(5, 0), 100, 100) == 0.0); }

TEST_CASE("keys of both answers stand in one table; a part can be taken out of it") {
  const std::vector by{FieldId::kServerPort};
  ChangeTable table(by, rows({{number(443), 100}, {number(53), 10}}), rows({{number(443), 60}, {number(22), 30}}),
                    Measure::kOctets);
  REQUIRE(table.changes().size() == 3);
  CHECK(table.find(number(443))->now == 100);
  CHECK(table.find(number(443))->then == 60);
  CHECK(table.find(number(22))->now == 0);
  table.subtract(
      ChangeTable(by, rows({{number(443), 70}, {number(99), 5}}), rows({{number(22), 40}}), Measure::kOctets));
  CHECK(table.find(number(443))->now == 30);
  CHECK(table.find(number(22))->then == 0);
  CHECK(table.find(number(99)) == nullptr);
}

TEST_CASE("a host is what it is as client and as server") {
  const auto address = [](std::uint32_t n) { return ItemKey{IpAddress::from_v4(n)}; };
  const ChangeTable clients({FieldId::kClient}, rows({{address(1), 10}, {address(2), 20}}), rows({}), Measure::kOctets);
  const ChangeTable servers({FieldId::kServer}, rows({{address(2), 5}, {address(3), 7}}), rows({{address(2), 1}}),
                            Measure::kOctets);
  const auto hosts = ChangeTable::hosts(clients, servers);
  REQUIRE(hosts.changes().size() == 1);
  CHECK(hosts.changes()[0].now == 25);
  CHECK(hosts.changes()[0].then == 1);
}
