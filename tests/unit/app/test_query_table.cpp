// The terminal's table and CSV of a result.
#include "app/query_table.hpp"
#include "support/catch.hpp"

using namespace weir;

namespace {
QueryResult sample() {
  QueryResult r;
  r.range = {.from_ms = 1'700'000'000'000, .to_ms = 1'700'000'060'000};
  r.totals = {.octets = 2'000'000, .packets = 30, .flows = 4, .sessions = 3};
  r.rows.push_back({.key = {*parse_ip_address("10.0.0.1"), std::uint64_t{6}}, .measures = {.octets = 1'500'000, .packets = 20, .flows = 2, .sessions = 1}});
  r.other = {.key = {}, .measures = {.octets = 500'000, .packets = 10, .flows = 2, .sessions = 2}};
  r.other_keys = 2;
  return r;
}
const Query kQuery{.by = {FieldId::kHost, FieldId::kProtocol}};
}  // namespace

TEST_CASE("the table is aligned, shows shares, and names protocols") {
  const std::string table = query_table(kQuery, sample(), 7);
  CHECK(table.find("2023-11-14T22:13:20.000Z to 2023-11-14T22:14:20.000Z") == 0);
  CHECK(table.find("10.0.0.1   tcp") != std::string::npos);
  CHECK(table.find("1.5 M  75.0") != std::string::npos);
  CHECK(table.find("other (2)") != std::string::npos);
}

TEST_CASE("CSV has exact numbers and a row for what was left out") {
  CHECK(query_csv(kQuery, sample()) ==
        "host,protocol,octets,packets,flows,sessions\r\n10.0.0.1,6,1500000,20,2,1\r\nother,,500000,10,2,2\r\n");
}

TEST_CASE("numbers are short from ten thousand up") {
  CHECK(short_number(0) == "0");
  CHECK(short_number(9999) == "9999");
  CHECK(short_number(10'000) == "10.0 k");
  CHECK(short_number(999'999'999'999) == "1000.0 G");
  CHECK(short_number(1'234'567) == "1.2 M");
}
