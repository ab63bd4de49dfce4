// Results as CSV, byte for byte.
#include "api/export_csv.hpp"
#include "support/catch.hpp"

using namespace weir;

namespace {
QueryResult sample() {
  QueryResult r;
  r.range = {.from_ms = 1'700'000'000'000, .to_ms = 1'700'000'060'000};
  r.totals = {.octets = 2'000'000, .packets = 30, .flows = 4, .sessions = 3};
  r.rows.push_back({.key = {*parse_ip_address("10.0.0.1"), std::uint64_t{6}},
                    .measures = {.octets = 1'500'000, .packets = 20, .flows = 2, .sessions = 1},
                    .octets_in = 1'000'000,
                    .octets_out = 500'000});
  r.other = {.key = {}, .measures = {.octets = 500'000, .packets = 10, .flows = 2, .sessions = 2}};
  r.other_keys = 2;
  return r;
}
const Query kQuery{.by = {FieldId::kHost, FieldId::kProtocol}};
}  // namespace

TEST_CASE("a CSV field is quoted where it has to be") {
  CHECK(csv_field("10.0.0.1") == "10.0.0.1");
  CHECK(csv_field("a,b") == "\"a,b\"");
  CHECK(csv_field("a\"b") == "\"a\"\"b\"");
  CHECK(csv_field("a\nb") == "\"a\nb\"");
}

TEST_CASE("CSV has exact numbers and a row for what was left out, so that a column adds up to the total") {
  CHECK(query_result_csv(kQuery, sample()) ==
        "host,protocol,octets,packets,flows,sessions,octets_in,octets_out,octets_client,octets_server\r\n"
        "10.0.0.1,6,1500000,20,2,1,1000000,500000,0,0\r\n"
        "other,,500000,10,2,2,,,,\r\n");
}

TEST_CASE("asked to count an octet once, CSV has columns that add up to the wire") {
  auto result = sample();
  result.rows[0].once = Measures{.octets = 1'400'000, .packets = 18};
  Query query = kQuery;
  query.once = true;
  CHECK(query_result_csv(query, result) ==
        "host,protocol,octets,packets,flows,sessions,octets_in,octets_out,octets_client,octets_server,octets_once,"
        "packets_once\r\n"
        "10.0.0.1,6,1500000,20,2,1,1000000,500000,0,0,1400000,18\r\n"
        "other,,500000,10,2,2,,,,,500000,10\r\n");
}

TEST_CASE("without keys CSV has the totals") {
  CHECK(query_result_csv({}, sample()) == "octets,packets,flows,sessions\r\n2000000,30,4,3\r\n");
}

TEST_CASE("with buckets CSV has a line per row and bucket, which add up to the row") {
  auto result = sample();
  result.buckets = 2;
  result.series = {{.octets = {1'000'000, 500'000}, .packets = {12, 8}}, {.octets = {0, 500'000}, .packets = {0, 10}}};
  CHECK(query_result_csv(kQuery, result) ==
        "time,host,protocol,octets,packets\r\n"
        "2023-11-14T22:13:20.000Z,10.0.0.1,6,1000000,12\r\n"
        "2023-11-14T22:13:50.000Z,10.0.0.1,6,500000,8\r\n"
        "2023-11-14T22:13:20.000Z,other,,0,0\r\n"
        "2023-11-14T22:13:50.000Z,other,,500000,10\r\n");
  result.other_keys = 0;
  CHECK(query_result_csv(kQuery, result).find("other") == std::string::npos);
  result.series.erase(result.series.begin());
  CHECK(query_result_csv({}, result) ==
        "time,octets,packets\r\n2023-11-14T22:13:20.000Z,0,0\r\n2023-11-14T22:13:50.000Z,500000,10\r\n");
}
