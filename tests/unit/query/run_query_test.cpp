// Small stores whose answers can be worked out by hand.
#include "query/filter.hpp"
#include "query/key_text.hpp"
#include "query/label_column.hpp"
#include "query/query.hpp"
#include "store/memory_store.hpp"
#include "support/catch.hpp"
#include "support/labels_by_function.hpp"

using namespace weir;
using weir::testing::country_sources;

namespace {

IpAddress ip(const char* text) { return *parse_ip_address(text); }

Session session(std::uint64_t id, const char* client, const char* server, std::uint64_t up, std::uint64_t down) {
  Session s;
  s.id = id;
  s.start_ms = 1000;
  s.end_ms = 2000;
  s.client = ip(client);
  s.server = ip(server);
  s.client_port = 40000;
  s.server_port = 443;
  s.protocol = 6;
  s.exporter = 1;
  s.halves[kToServer] = {.octets = up, .packets = up / 10, .flows = up > 0 ? 1u : 0u, .in_if = 1, .out_if = 2};
  s.halves[kToClient] = {.octets = down, .packets = down / 10, .flows = down > 0 ? 1u : 0u, .in_if = 2, .out_if = 1};
  return s;
}

// Segments of one row, so that every query merges.
struct Fixture {
  explicit Fixture(std::vector<Session> sessions) : store(1) {
    store.add_exporter({.id = 1, .address = ip("192.0.2.1"), .name = "Edge-1"});
    store.add_exporter({.id = 2, .address = ip("192.0.2.2"), .name = "core", .configured_sampling = 10});
    store.on_sessions({.sessions = std::move(sessions)});
  }
  QueryResult run(const Query& query) {
    auto result = run_query(query, store);
    if (!result) FAIL(result.error().message);
    return *result;
  }
  std::string failure(const Query& query) {
    auto result = run_query(query, store);
    return result ? "" : result.error().message;
  }
  MemoryStore store;
};

std::string text_of(const KeyValue& value) {
  if (const auto* number = std::get_if<std::uint64_t>(&value)) return std::to_string(*number);
  if (const auto* address = std::get_if<IpAddress>(&value)) return address->text();
  return std::get<std::string>(value);
}
std::string text_of(const ResultRow& row) {
  std::string text;
  for (const auto& value : row.key) text += text_of(value) + " ";
  return text + std::to_string(row.measures.octets) + "/" + std::to_string(row.measures.flows) + "/" + std::to_string(row.measures.sessions) + " in " +
         std::to_string(row.octets_in) + " out " + std::to_string(row.octets_out) + " as client " + std::to_string(row.octets_client) + " as server " +
         std::to_string(row.octets_server);
}
std::vector<std::string> texts_of(const QueryResult& result) {
  std::vector<std::string> texts;
  for (const auto& row : result.rows) texts.push_back(text_of(row));
  return texts;
}
using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("totals count both halves, and only reported ones") {
  Fixture f({session(1, "10.0.0.1", "10.0.0.2", 100, 900), session(2, "10.0.0.1", "10.0.0.3", 50, 0)});
  const auto result = f.run({});
  CHECK(result.totals == Measures{.octets = 1050, .packets = 105, .flows = 3, .sessions = 2});
  CHECK(result.other.measures == result.totals);
  CHECK(result.range == TimeRange{.from_ms = 1000, .to_ms = 2001});
  CHECK(result.sessions_scanned == 2);
}

TEST_CASE("a rate that was announced after the sessions scales them, and that is said; where it is uncertain, they are marked") {
  Fixture f({session(1, "10.0.0.1", "10.0.0.2", 100, 900), session(2, "10.0.0.1", "10.0.0.3", 50, 0)});
  const auto with = [&](std::vector<LateRate> late) {
    f.store.add_exporter({.id = 1, .address = ip("192.0.2.1"), .late_rates = std::move(late)});
    return f.run({});
  };
  const auto scaled = with({{.from_ms = 2000, .until_ms = 5000, .rate = 7}});
  CHECK(scaled.totals.octets == 7350);
  CHECK(scaled.quality.scaled_later == 2);
  CHECK(scaled.quality.sampling_rates == std::vector<std::uint32_t>{7});
  CHECK(scaled.quality.unsampled == 0);
  const auto uncertain = with({{.from_ms = 0, .until_ms = 1000, .rate = 0}});
  CHECK(uncertain.totals.octets == 1050);
  CHECK(uncertain.quality.unsampled == 2);
  const auto elsewhere = with({{.from_ms = 2001, .until_ms = 5000, .rate = 7}});
  CHECK(elsewhere.totals.octets == 1050);
  CHECK(elsewhere.quality.scaled_later + elsewhere.quality.unsampled == 0);
  CHECK(with({{.from_ms = 0, .until_ms = 1500, .rate = 7}, {.from_ms = 1500, .until_ms = 9000, .rate = 8}}).quality.unsampled == 2);
}

TEST_CASE("an empty store answers with zeros") {
  Fixture f({});
  const auto result = f.run({.by = {FieldId::kHost}, .buckets = 3});
  CHECK(result.totals == Measures{});
  CHECK(result.rows.empty());
  REQUIRE(result.series.size() == 1);
  CHECK(result.series[0].octets == std::vector<std::uint64_t>{0, 0, 0});
}

TEST_CASE("hosts by either end, as talkers and as listeners") {
  Fixture f({session(1, "10.0.0.1", "10.0.0.2", 100, 900), session(2, "10.0.0.2", "10.0.0.3", 50, 70), session(3, "10.0.0.3", "10.0.0.3", 5, 6)});
  CHECK(texts_of(f.run({.by = {FieldId::kHost}})) ==
        Texts{"10.0.0.2 1120/4/2 in 170 out 950 as client 50 as server 900", "10.0.0.1 1000/2/1 in 900 out 100 as client 100 as server 0",
              "10.0.0.3 131/4/2 in 61 out 81 as client 5 as server 76"});
  CHECK(texts_of(f.run({.by = {FieldId::kHost}, .direction = Direction::kTalkers})) ==
        Texts{"10.0.0.2 950/2/2 in 0 out 950 as client 50 as server 900", "10.0.0.1 100/1/1 in 0 out 100 as client 100 as server 0",
              "10.0.0.3 81/3/2 in 0 out 81 as client 5 as server 76"});
  CHECK(texts_of(f.run({.by = {FieldId::kHost}, .direction = Direction::kListeners})) ==
        Texts{"10.0.0.1 900/1/1 in 900 out 0 as client 0 as server 0", "10.0.0.2 170/2/2 in 170 out 0 as client 0 as server 0",
              "10.0.0.3 61/3/2 in 61 out 0 as client 0 as server 0"});
}

TEST_CASE("an interface receives what comes in by it") {
  Fixture f({session(1, "10.0.0.1", "10.0.0.2", 100, 900)});
  CHECK(texts_of(f.run({.by = {FieldId::kInterface}})) ==
        Texts{"1 1000/2/1 in 100 out 900 as client 0 as server 0", "2 1000/2/1 in 900 out 100 as client 0 as server 0"});
  CHECK(texts_of(f.run({.by = {FieldId::kInIf}})) == Texts{"2 900/1/1 in 900 out 0 as client 0 as server 0", "1 100/1/1 in 100 out 0 as client 0 as server 0"});
}

TEST_CASE("filters on a half's fields count that half alone") {
  Fixture f({session(1, "10.0.0.1", "10.0.0.2", 100, 900)});
  CHECK(f.run({.filter = "in if 1"}).totals == Measures{.octets = 100, .packets = 10, .flows = 1, .sessions = 1});
  CHECK(f.run({.filter = "not in if 1"}).totals.octets == 900);
  CHECK(f.run({.filter = "if 1"}).totals.octets == 1000);
  CHECK(f.run({.filter = "src host 10.0.0.2"}).totals.octets == 900);
  CHECK(f.run({.filter = "dst port 443"}).totals.octets == 100);
  CHECK(f.run({.filter = "host 10.0.0.2 bytes = 1000"}).totals.octets == 1000);
  CHECK(f.run({.filter = "src host 10.0.0.2 and dst host 10.0.0.2"}).totals.sessions == 0);
}

TEST_CASE("rows are the largest by the measure; equal ones are ordered by key; the rest is other") {
  Fixture f({session(1, "10.0.0.4", "10.0.0.9", 100, 0), session(2, "10.0.0.3", "10.0.0.9", 100, 0), session(3, "10.0.0.2", "10.0.0.9", 300, 0),
             session(4, "10.0.0.1", "10.0.0.9", 20, 0), session(5, "10.0.0.1", "10.0.0.9", 20, 0)});
  const auto result = f.run({.by = {FieldId::kClient}, .limit = 2});
  CHECK(texts_of(result) == Texts{"10.0.0.2 300/1/1 in 0 out 300 as client 300 as server 0", "10.0.0.3 100/1/1 in 0 out 100 as client 100 as server 0"});
  CHECK(result.other.measures == Measures{.octets = 140, .packets = 14, .flows = 3, .sessions = 3});
  CHECK(result.other_keys == 2);
  CHECK(text_of(f.run({.by = {FieldId::kClient}, .measure = Measure::kSessions, .limit = 1}).rows.at(0)).substr(0, 15) == "10.0.0.1 40/2/2");
}

TEST_CASE("rows can be ranked by what an end received, sent, or sent in a role, by their key, and from the other end") {
  Fixture f({session(1, "10.0.0.1", "10.0.0.9", 500, 10), session(2, "10.0.0.2", "10.0.0.9", 20, 900), session(3, "10.0.0.9", "10.0.0.3", 30, 40)});
  const auto first = [&](RankBy rank, bool ascending = false) { return text_of(f.run({.by = {FieldId::kHost}, .rank = rank, .ascending = ascending, .limit = 1}).rows.at(0).key[0]); };
  CHECK(first(RankBy::kMeasure) == "10.0.0.9");
  CHECK(first(RankBy::kOctetsIn) == "10.0.0.2");
  CHECK(first(RankBy::kOctetsOut) == "10.0.0.9");
  CHECK(first(RankBy::kOctetsClient) == "10.0.0.1");
  CHECK(first(RankBy::kOctetsServer) == "10.0.0.9");
  CHECK(first(RankBy::kOctetsIn, true) == "10.0.0.1");
  CHECK(first(RankBy::kKey) == "10.0.0.9");
  CHECK(first(RankBy::kKey, true) == "10.0.0.1");
  const auto rest = f.run({.by = {FieldId::kHost}, .rank = RankBy::kKey, .ascending = true, .limit = 3});
  CHECK(rest.other_keys == 1);
  CHECK(f.failure({.by = {FieldId::kProtocol}, .rank = RankBy::kOctetsIn}).find("is told of ends only") != std::string::npos);
}

TEST_CASE("several fields make one key; ends stay together") {
  Fixture f({session(1, "10.0.0.1", "10.0.0.2", 100, 900)});
  CHECK(texts_of(f.run({.by = {FieldId::kHost, FieldId::kPort, FieldId::kExporter}})) ==
        Texts{"10.0.0.1 40000 192.0.2.1 1000/2/1 in 900 out 100 as client 100 as server 0",
              "10.0.0.2 443 192.0.2.1 1000/2/1 in 100 out 900 as client 0 as server 900"});
}

TEST_CASE("counters are scaled by the session's rate, else by the exporter's") {
  auto announced = session(1, "10.0.0.1", "10.0.0.2", 100, 0), configured = session(2, "10.0.0.1", "10.0.0.2", 1, 0), unknown = session(3, "10.0.0.1", "10.0.0.2", 7, 0);
  announced.sampling = 100;
  configured.exporter = 2;
  unknown.quality = kQualitySamplingUnknown | kQualityTimeRepaired;
  announced.quality = kQualityCountersUncertain;
  configured.quality = kQualityCountersUncertain | kQualityNoCounters;
  Fixture f({announced, configured, unknown});
  const auto result = f.run({});
  CHECK(result.totals.octets == 10'000 + 10 + 7);
  CHECK(result.totals.flows == 3);
  CHECK(result.quality.sampling_rates == std::vector<std::uint32_t>{10, 100});
  CHECK(result.quality.sampling_unknown);
  CHECK(result.quality.time_repaired == 1);
  CHECK(result.quality.counters_uncertain == 2);
  CHECK(result.quality.no_counters == 1);
  CHECK(f.run({.unscaled = true}).totals.octets == 108);
  CHECK(f.run({.unscaled = true}).quality.sampling_rates.empty());
  CHECK(f.run({.filter = "bytes >= 10000"}).totals.sessions == 1);
  CHECK_FALSE(f.run({.filter = "exporter core"}).quality.sampling_unknown);
}

TEST_CASE("exporters are named by address or name, and those that may not be seen do not exist") {
  auto second = session(2, "10.0.0.1", "10.0.0.2", 1, 0);
  second.exporter = 2;
  Fixture f({session(1, "10.0.0.1", "10.0.0.2", 5, 0), second});
  CHECK(f.run({.filter = "exporter EDGE-1", .unscaled = true}).totals.octets == 5);
  CHECK(f.run({.filter = "exporter 192.0.2.2", .unscaled = true}).totals.octets == 1);
  CHECK(f.run({.filter = "exporter 192.0.2.0/24", .unscaled = true}).totals.octets == 6);
  CHECK(f.run({.filter = "exporter 192.0.2.77"}).totals.sessions == 0);
  CHECK(f.failure({.filter = "vlan 0 exporter edge-2"}) == "no exporter is named 'edge-2' (column 17); did you mean 'Edge-1'?");
  CHECK(f.run({.unscaled = true, .allowed_exporters = {{*parse_ip_address("192.0.2.2")}}}).totals.octets == 1);
  CHECK(f.run({.filter = "not vlan 7", .unscaled = true, .allowed_exporters = {{*parse_ip_address("192.0.2.2")}}}).totals.octets == 1);
  CHECK(f.run({.allowed_exporters = std::vector<IpAddress>{}}).totals.sessions == 0);
  CHECK(f.failure({.filter = "exporter core", .allowed_exporters = {{*parse_ip_address("192.0.2.1")}}}) == "no exporter is named 'core' (column 10); expected the name or address of an exporter");
}

TEST_CASE("a chart's buckets hold what the session sent in them") {
  Fixture f({session(1, "10.0.0.1", "10.0.0.2", 10, 0)});
  const auto result = f.run({.range = TimeRange{.from_ms = 900, .to_ms = 2100}, .by = {FieldId::kHost}, .limit = 1, .buckets = 4});
  REQUIRE(result.series.size() == 2);
  // Edges 900 1200 1500 1800 2100; of 10 octets over 1000..2000, 2 are sent by 1200, 5 by 1500, 8 by 1800.
  CHECK(result.series[0].octets == std::vector<std::uint64_t>{2, 3, 3, 2});
  CHECK(result.series[0].packets == std::vector<std::uint64_t>{0, 0, 0, 1});
  CHECK(result.series[1].octets == result.series[0].octets);
  CHECK(f.run({.range = TimeRange{.from_ms = 1200, .to_ms = 1500}}).totals.octets == 3);
}

TEST_CASE("asked to count an octet once, a chart of both ends is as high as the wire") {
  // 97 % is between .1 and .2, the rest between .3 and others.
  Fixture f({session(1, "10.0.0.1", "10.0.0.2", 900, 70), session(2, "10.0.0.3", "10.0.0.4", 20, 0), session(3, "10.0.0.5", "10.0.0.3", 10, 0)});
  Query query{.by = {FieldId::kHost}, .limit = 3, .buckets = 2, .once = true};
  const auto result = f.run(query);
  REQUIRE(result.totals.octets == 1000);
  CHECK(texts_of(result)[0] == "10.0.0.1 970/2/1 in 70 out 900 as client 900 as server 0");
  CHECK(texts_of(result)[1] == "10.0.0.2 970/2/1 in 900 out 70 as client 0 as server 70");
  CHECK(result.rows[0].once == Measures{.octets = 970, .packets = 97, .flows = 2, .sessions = 1});
  CHECK(result.rows[1].once == Measures{});
  CHECK(result.rows[2].once == Measures{.octets = 30, .packets = 3, .flows = 2, .sessions = 2});
  CHECK(result.other.measures == Measures{});
  CHECK(result.other_keys == 2);
  CHECK(result.series[0].octets[0] + result.series[0].octets[1] == 970);
  CHECK(result.series[1].octets == std::vector<std::uint64_t>{0, 0});
  query.buckets = 0;
  CHECK(f.run(query).rows[0].once == result.rows[0].once);
  CHECK(f.run(query).series.empty());
  query.limit = 1;
  CHECK(f.run(query).other.measures.octets == 30);
  query.direction = Direction::kTalkers;
  CHECK_FALSE(f.run(query).rows[0].once.has_value());
}

TEST_CASE("countries come from the addresses' lookup") {
  Fixture f({session(1, "10.0.0.1", "10.0.0.2", 100, 900), session(2, "10.0.0.1", "10.0.0.3", 1, 1)});
  CHECK(f.failure({.by = {FieldId::kCountry}}) == "by: " + country_column().missing({}) + "; else leave 'country' out");
  CHECK(f.failure({.filter = "country DE"}) == country_column().missing({}) + "; else leave 'country' out of the filter");
  QueryControl control;
  control.derived = country_sources({"DE", "FR"}, [](const IpAddress& a) { return a == ip("10.0.0.1") ? "DE" : a == ip("10.0.0.2") ? "FR" : ""; });
  const auto rows = texts_of(*run_query({.by = {FieldId::kCountry}}, f.store, control));
  CHECK(rows == Texts{"DE 1002/4/2 in 901 out 101 as client 101 as server 0", "FR 1000/2/1 in 100 out 900 as client 0 as server 900",
                      " 2/2/1 in 1 out 1 as client 0 as server 1"});
  CHECK(run_query({.filter = "src country fr"}, f.store, control)->totals.octets == 900);
}

TEST_CASE("applications are what the rules of now call them") {
  auto said = session(3, "10.0.0.1", "10.0.0.4", 7, 0);
  said.application = 13u << 24 | 453;
  auto other_port = session(4, "10.0.0.1", "10.0.0.5", 5, 0);
  other_port.server_port = 9;
  Fixture f({session(1, "10.0.0.1", "10.0.0.2", 100, 900), session(2, "10.0.0.1", "10.0.0.3", 1, 1), said, other_port});
  const auto names = [](std::vector<ApplicationRule> rules) {
    return QueryControl{.derived = {.names = std::make_shared<const TrafficNames>(TrafficNames{.applications = ApplicationTable(std::move(rules)), .networks = {}})}};
  };
  const ApplicationRule web{.name = "Web", .ports = {{.protocol = 6, .first = 443, .last = 443}}};
  const ApplicationRule shop{.name = "Shop", .servers = {*parse_ip_prefix("10.0.0.3")}};
  const auto ruled = names({shop, web});
  const auto first_words = [&](const QueryControl& control) {
    Texts words;
    const auto result = run_query({.by = {FieldId::kApplication}}, f.store, control);
    for (const auto& row : result->rows) words.push_back(text_of(row.key[0]) + " " + std::to_string(row.measures.octets));
    return words;
  };
  CHECK(first_words({}) == Texts{"0 1007", "218104261 7"});
  CHECK(first_words(names({web})) == Texts{"Web 1002", "218104261 7", "0 5"});
  CHECK(first_words(ruled) == Texts{"Web 1000", "218104261 7", "0 5", "Shop 2"});
  const auto octets = [&](const char* filter, const QueryControl& control) { return run_query({.filter = filter}, f.store, control)->totals.octets; };
  CHECK(octets("application web", ruled) == 1000);
  CHECK(octets("application 'shop',13:453", ruled) == 9);
  CHECK(octets("not application Web", ruled) == 14);
  CHECK(octets("application 13:453", {}) == 7);
  CHECK(octets("application 0", ruled) == 5);
  CHECK(run_query({.filter = "application weeb"}, f.store, ruled).error().message == "no application is named 'weeb' (column 13); did you mean 'Web'?");
}

TEST_CASE("networks come from the longest prefix of either end") {
  Fixture f({session(1, "10.1.0.1", "10.2.0.2", 100, 900), session(2, "10.1.0.1", "192.0.2.3", 1, 1)});
  CHECK(f.failure({.by = {FieldId::kNetwork}}) == "by: networks are not known here; else leave 'network' out");
  const QueryControl control{.derived = {.names = std::make_shared<const TrafficNames>(TrafficNames{
                                             .applications = {}, .networks = NetworkTable({{*parse_ip_prefix("10.0.0.0/8"), "Private"}, {*parse_ip_prefix("10.1.0.0/16"), "Branch Oslo"}})})}};
  const auto rows = texts_of(*run_query({.by = {FieldId::kNetwork}}, f.store, control));
  CHECK(rows == Texts{"Branch Oslo 1002/4/2 in 901 out 101 as client 101 as server 0", "Private 1000/2/1 in 100 out 900 as client 0 as server 900",
                      " 2/2/1 in 1 out 1 as client 0 as server 1"});
  CHECK(run_query({.filter = "src network \"branch oslo\""}, f.store, control)->totals.octets == 101);
  CHECK(run_query({.filter = "network Private"}, f.store, control)->totals.octets == 1000);
}

TEST_CASE("prefixes of the lengths that are asked for hold what lies in them") {
  Fixture f({session(1, "10.1.2.3", "10.1.3.4", 100, 900), session(2, "10.1.2.9", "2001:db8:1:2::5", 10, 0), session(3, "10.9.9.9", "2001:db8:1:3::5", 1, 0)});
  const auto keys = [&](const char* word) {
    Query query;
    REQUIRE(add_group_fields(word, query).has_value());
    Texts texts;
    const auto result = f.run(query);
    for (const auto& row : result.rows) texts.push_back(text_of(row.key[0]) + " " + std::to_string(row.measures.octets));
    return texts;
  };
  CHECK(keys("client_prefix") == Texts{"10.1.2.0/24 1010", "10.9.9.0/24 1"});
  CHECK(keys("server_prefix") == Texts{"10.1.3.0/24 1000", "2001:db8:1:2::/64 10", "2001:db8:1:3::/64 1"});
  CHECK(keys("prefix/16") == Texts{"10.1.0.0/16 1010", "2001:db8:1:2::/64 10", "10.9.0.0/16 1", "2001:db8:1:3::/64 1"});
  CHECK(keys("server_prefix/48") == Texts{"10.1.3.0/24 1000", "2001:db8:1::/48 11"});
  CHECK(keys("server_prefix/0/0") == Texts{"0.0.0.0/0 1000", "::/0 11"});
  Query query;
  CHECK(add_group_fields("prefix/129", query).error().message.find("expected a length such as prefix/24") == 0);
  CHECK(add_group_fields("prefix/33/64", query).has_error());
  Query two;
  CHECK(add_group_fields("client_prefix/24", two).has_value());
  CHECK(add_group_fields("server_prefix/8", two).error().message == "'server_prefix/8': all prefixes of one question have the same lengths");
  CHECK(add_group_fields("host/24", query).error().message == "'host/24' cannot be grouped by; only prefixes have a length");
  // A filter looks at the address itself.
  CHECK(f.run({.filter = "prefix 10.1.2.0/30"}).totals.octets == 1000);
  CHECK(key_filter({FieldId::kPrefix}, {std::string("10.1.2.0/24")}) == "prefix 10.1.2.0/24");
}

TEST_CASE("an answer tells what was read for it, and what was not") {
  Fixture f({session(1, "10.0.0.1", "10.0.0.2", 100, 900), session(2, "10.0.0.1", "10.0.0.3", 1, 1), session(3, "10.0.0.9", "10.0.0.3", 1, 1)});
  const auto all = f.run({.by = {FieldId::kHost}}).work;
  CHECK(all.segments == 3);
  CHECK(all.read == 3);
  CHECK(all.passes == 1);
  CHECK(all.columns[column_index(ColumnId::kClient)]);
  CHECK_FALSE(all.columns[column_index(ColumnId::kTosToServer)]);
  CHECK(all.column_bytes > 0);
  const auto some = f.run({.filter = "host 10.0.0.9", .by = {FieldId::kTos}, .buckets = 2}).work;
  CHECK(some.segments == 3);
  CHECK(some.read == 1);
  CHECK(some.ruled_out == 2);
  CHECK(some.passes == 2);
  CHECK(some.columns[column_index(ColumnId::kTosToServer)]);
}

TEST_CASE("questions out of bounds are refused by name") {
  Fixture f({});
  CHECK(f.failure({.limit = 10'001}) == "limit: at most 10000, found 10001");
  CHECK(f.failure({.buckets = 2001}) == "buckets: at most 2000, found 2001");
  CHECK(f.failure({.by = {FieldId::kOctets}}) == "by: 'octets' cannot be grouped by");
  CHECK(f.failure({.by = {FieldId::kHost, FieldId::kHost}}) == "by: 'host' is named twice");
  const std::vector nine{FieldId::kHost, FieldId::kPort, FieldId::kVlan, FieldId::kTos, FieldId::kAs, FieldId::kProtocol, FieldId::kInIf, FieldId::kOutIf, FieldId::kMask};
  CHECK(f.failure({.by = nine}) == "by: at most 8 fields, found 9");
  CHECK(f.failure({.range = TimeRange{.from_ms = 5, .to_ms = 5}}) == "range: expected 0 <= from < to <= 9007199254740992 in epoch milliseconds, found from 5 to 5");
  CHECK(f.failure({.filter = "port x"}).find("at column 6") != std::string::npos);
  CHECK(*parse_group_field("Proto") == FieldId::kProtocol);
  CHECK(parse_group_field("dport").has_error());
  CHECK(parse_group_field("bytes").error().message.find("client, server, host, client_port") != std::string::npos);
}

TEST_CASE("a query can be cancelled and reports its progress") {
  Fixture f({session(1, "10.0.0.1", "10.0.0.2", 1, 1), session(2, "10.0.0.1", "10.0.0.2", 1, 1)});
  QueryControl control;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> reports;
  control.on_progress = [&](auto done, auto total) { reports.emplace_back(done, total); };
  REQUIRE(run_query({.by = {FieldId::kHost}, .buckets = 2}, f.store, control).has_value());
  CHECK(reports == std::vector<std::pair<std::uint64_t, std::uint64_t>>{{1, 4}, {2, 4}, {3, 4}, {4, 4}});
  std::atomic<bool> cancelled{true};
  control.cancelled = &cancelled;
  CHECK(run_query({}, f.store, control).error().message == "cancelled");
  CHECK(run_session_query({}, f.store, control).error().message == "cancelled");
}
