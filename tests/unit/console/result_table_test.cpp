// The text table of a result: keys with names, shares, other, blocks over time.
#include "console/result_table.hpp"
#include "support/catch.hpp"

using namespace weir;

namespace {

const Query kQuery{.by = {FieldId::kServerPort, FieldId::kProtocol}};

QueryResult sample() {
  QueryResult r;
  r.totals = {.octets = 2'000'000, .packets = 30, .flows = 4, .sessions = 3};
  r.rows.push_back({.key = {std::uint64_t{443}, std::uint64_t{6}},
                    .measures = {.octets = 1'500'000, .packets = 20, .flows = 2, .sessions = 1}});
  r.other = {.key = {}, .measures = {.octets = 500'000, .packets = 10, .flows = 2, .sessions = 2}};
  r.other_keys = 2;
  return r;
}

KeyNames with_services() {
  return {.service = [](std::uint8_t protocol,
                        std::uint16_t port) { return std::string(protocol == 6 && port == 443 ? "https" : ""); },
          .exporter = {},
          .interface = {}};
}

ResultRow of(KeyValue key) { return {.key = {std::move(key)}}; }
std::string title(FieldId field, KeyValue key, const KeyNames& names = with_services()) {
  return key_title({.by = {field}}, of(std::move(key)), 0, names);
}

}  // namespace

TEST_CASE("the table is aligned, names ports and protocols, and shows shares") {
  CHECK(result_table(kQuery, sample(), with_services()) ==
        "server_port  protocol   octets   share  packets  flows  sessions\n"
        "443 https    tcp         1.5 M  75.0 %       20      2         1\n"
        "other (2)    -         500.0 k  25.0 %       10      2         2\n");
}

TEST_CASE("the share is one of the measure that was asked for") {
  auto query = kQuery;
  query.measure = Measure::kFlows;
  CHECK(result_table(query, sample(), {}).find("50.0 %") != std::string::npos);
}

TEST_CASE("with buckets each row ends in its course") {
  auto result = sample();
  result.buckets = 4;
  result.series = {{.octets = {0, 1, 4, 8}, .packets = {0, 1, 1, 1}},
                   {.octets = {0, 0, 0, 500'000}, .packets = {0, 0, 0, 1}}};
  const auto text = result_table(kQuery, result, {});
  CHECK(text.find("over time\n") != std::string::npos);
  CHECK(text.find("  \u2581\u2584\u2588\n") != std::string::npos);
}

TEST_CASE("keys are called by their names") {
  CHECK(title(FieldId::kServerPort, std::uint64_t{443}) == "443 https");
  CHECK(title(FieldId::kServerPort, std::uint64_t{444}) == "444");
  CHECK(title(FieldId::kProtocol, std::uint64_t{17}) == "udp");
  CHECK(title(FieldId::kProtocol, std::uint64_t{253}) == "253");
  CHECK(title(FieldId::kApplication, std::uint64_t{0}) == "unknown");
  CHECK(title(FieldId::kNetwork, std::string()) == "unknown");
  CHECK(title(FieldId::kNetwork, std::string("office")) == "office");
  CHECK(title(FieldId::kVlan, std::uint64_t{0}) == "0");
  CHECK(title(FieldId::kExporter, *parse_ip_address("192.0.2.1"),
              {.service = {}, .exporter = [](const IpAddress&) { return std::string("edge-1"); }, .interface = {}}) ==
        "192.0.2.1 edge-1");
}
