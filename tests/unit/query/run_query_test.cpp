// Small stores whose answers can be worked out by hand.
#include "query/filter.hpp"
#include "query/key_text.hpp"
#include "small_store.hpp"
#include "support/catch.hpp"

using namespace weir;
using namespace weir::test;

TEST_CASE("totals count both halves, and only reported ones") {
  SmallStore f({session(1, "10.0.0.1", "10.0.0.2", 100, 900), session(2, "10.0.0.1", "10.0.0.3", 50, 0)});
  const auto result = f.run({});
  CHECK(result.totals == Measures{.octets = 1050, .packets = 105, .flows = 3, .sessions = 2});
  CHECK(result.other.measures == result.totals);
  CHECK(result.range == TimeRange{.from_ms = 1000, .to_ms = 2001});
  CHECK(result.sessions_scanned == 2);
}

TEST_CASE(
    "a rate that was announced after the sessions scales them, and that is said; where it is uncertain, they are "
    "marked") {
  SmallStore f({session(1, "10.0.0.1", "10.0.0.2", 100, 900), session(2, "10.0.0.1", "10.0.0.3", 50, 0)});
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
  CHECK(with({{.from_ms = 0, .until_ms = 1500, .rate = 7}, {.from_ms = 1500, .until_ms = 9000, .rate = 8}})
            .quality.unsampled == 2);
}

TEST_CASE("an empty store answers with zeros") {
  SmallStore f({});
  const auto result = f.run({.by = {FieldId::kHost}, .buckets = 3});
  CHECK(result.totals == Measures{});
  CHECK(result.rows.empty());
  REQUIRE(result.series.size() == 1);
  CHECK(result.series[0].octets == std::vector<std::uint64_t>{0, 0, 0});
}

TEST_CASE("hosts by either end, as talkers and as listeners") {
  SmallStore f({session(1, "10.0.0.1", "10.0.0.2", 100, 900), session(2, "10.0.0.2", "10.0.0.3", 50, 70),
                session(3, "10.0.0.3", "10.0.0.3", 5, 6)});
  CHECK(texts_of(f.run({.by = {FieldId::kHost}})) ==
        Texts{"10.0.0.2 1120/4/2 in 170 out 950 as client 50 as server 900",
              "10.0.0.1 1000/2/1 in 900 out 100 as client 100 as server 0",
              "10.0.0.3 131/4/2 in 61 out 81 as client 5 as server 76"});
  CHECK(texts_of(f.run({.by = {FieldId::kHost}, .direction = Direction::kTalkers})) ==
        Texts{"10.0.0.2 950/2/2 in 0 out 950 as client 50 as server 900",
              "10.0.0.1 100/1/1 in 0 out 100 as client 100 as server 0",
              "10.0.0.3 81/3/2 in 0 out 81 as client 5 as server 76"});
  CHECK(texts_of(f.run({.by = {FieldId::kHost}, .direction = Direction::kListeners})) ==
        Texts{"10.0.0.1 900/1/1 in 900 out 0 as client 0 as server 0",
              "10.0.0.2 170/2/2 in 170 out 0 as client 0 as server 0",
              "10.0.0.3 61/3/2 in 61 out 0 as client 0 as server 0"});
}

TEST_CASE("an interface receives what comes in by it") {
  SmallStore f({session(1, "10.0.0.1", "10.0.0.2", 100, 900)});
  CHECK(texts_of(f.run({.by = {FieldId::kInterface}})) == Texts{"1 1000/2/1 in 100 out 900 as client 0 as server 0",
                                                                "2 1000/2/1 in 900 out 100 as client 0 as server 0"});
  CHECK(texts_of(f.run({.by = {FieldId::kInIf}})) ==
        Texts{"2 900/1/1 in 900 out 0 as client 0 as server 0", "1 100/1/1 in 100 out 0 as client 0 as server 0"});
}

TEST_CASE("filters on a half's fields count that half alone") {
  SmallStore f({session(1, "10.0.0.1", "10.0.0.2", 100, 900)});
  CHECK(f.run({.filter = "in if 1"}).totals == Measures{.octets = 100, .packets = 10, .flows = 1, .sessions = 1});
  CHECK(f.run({.filter = "not in if 1"}).totals.octets == 900);
  CHECK(f.run({.filter = "if 1"}).totals.octets == 1000);
  CHECK(f.run({.filter = "src host 10.0.0.2"}).totals.octets == 900);
  CHECK(f.run({.filter = "dst port 443"}).totals.octets == 100);
  CHECK(f.run({.filter = "host 10.0.0.2 bytes = 1000"}).totals.octets == 1000);
  CHECK(f.run({.filter = "src host 10.0.0.2 and dst host 10.0.0.2"}).totals.sessions == 0);
}

TEST_CASE("rows are the largest by the measure; equal ones are ordered by key; the rest is other") {
  SmallStore f({session(1, "10.0.0.4", "10.0.0.9", 100, 0), session(2, "10.0.0.3", "10.0.0.9", 100, 0),
                session(3, "10.0.0.2", "10.0.0.9", 300, 0), session(4, "10.0.0.1", "10.0.0.9", 20, 0),
                session(5, "10.0.0.1", "10.0.0.9", 20, 0)});
  const auto result = f.run({.by = {FieldId::kClient}, .limit = 2});
  CHECK(texts_of(result) == Texts{"10.0.0.2 300/1/1 in 0 out 300 as client 300 as server 0",
                                  "10.0.0.3 100/1/1 in 0 out 100 as client 100 as server 0"});
  CHECK(result.other.measures == Measures{.octets = 140, .packets = 14, .flows = 3, .sessions = 3});
  CHECK(result.other_keys == 2);
  CHECK(
      text_of(f.run({.by = {FieldId::kClient}, .measure = Measure::kSessions, .limit = 1}).rows.at(0)).substr(0, 15) ==
      "10.0.0.1 40/2/2");
}

TEST_CASE("rows can be ranked by what an end received, sent, or sent in a role, by their key, and from the other end") {
  SmallStore f({session(1, "10.0.0.1", "10.0.0.9", 500, 10), session(2, "10.0.0.2", "10.0.0.9", 20, 900),
                session(3, "10.0.0.9", "10.0.0.3", 30, 40)});
  const auto first = [&](RankBy rank, bool ascending = false) {
    return text_of(f.run({.by = {FieldId::kHost}, .rank = rank, .ascending = ascending, .limit = 1}).rows.at(0).key[0]);
  };
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
  CHECK(f.failure({.by = {FieldId::kProtocol}, .rank = RankBy::kOctetsIn}).find("is told of ends only") !=
        std::string::npos);
}

TEST_CASE("several fields make one key; ends stay together") {
  SmallStore f({session(1, "10.0.0.1", "10.0.0.2", 100, 900)});
  CHECK(texts_of(f.run({.by = {FieldId::kHost, FieldId::kPort, FieldId::kExporter}})) ==
        Texts{"10.0.0.1 40000 192.0.2.1 1000/2/1 in 900 out 100 as client 100 as server 0",
              "10.0.0.2 443 192.0.2.1 1000/2/1 in 100 out 900 as client 0 as server 900"});
}

TEST_CASE("counters are scaled by the session's rate, else by the exporter's") {
  auto announced = session(1, "10.0.0.1", "10.0.0.2", 100, 0), configured = session(2, "10.0.0.1", "10.0.0.2", 1, 0),
       unknown = session(3, "10.0.0.1", "10.0.0.2", 7, 0);
  announced.sampling = 100;
  configured.exporter = 2;
  unknown.quality = kQualitySamplingUnknown | kQualityTimeRepaired;
  announced.quality = kQualityCountersUncertain;
  configured.quality = kQualityCountersUncertain | kQualityNoCounters;
  SmallStore f({announced, configured, unknown});
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
  SmallStore f({session(1, "10.0.0.1", "10.0.0.2", 5, 0), second});
  CHECK(f.run({.filter = "exporter EDGE-1", .unscaled = true}).totals.octets == 5);
  CHECK(f.run({.filter = "exporter 192.0.2.2", .unscaled = true}).totals.octets == 1);
  CHECK(f.run({.filter = "exporter 192.0.2.0/24", .unscaled = true}).totals.octets == 6);
  CHECK(f.run({.filter = "exporter 192.0.2.77"}).totals.sessions == 0);
  CHECK(f.failure({.filter = "vlan 0 exporter edge-2"}) ==
        "no exporter is named 'edge-2' (column 17); did you mean 'Edge-1'?");
  CHECK(f.run({.unscaled = true, .allowed_exporters = {{*parse_ip_address("192.0.2.2")}}}).totals.octets == 1);
  CHECK(f.run({.filter = "not vlan 7", .unscaled = true, .allowed_exporters = {{*parse_ip_address("192.0.2.2")}}})
            .totals.octets == 1);
  CHECK(f.run({.allowed_exporters = std::vector<IpAddress>{}}).totals.sessions == 0);
  CHECK(f.failure({.filter = "exporter core", .allowed_exporters = {{*parse_ip_address("192.0.2.1")}}}) ==
        "no exporter is named 'core' (column 10); expected the name or address of an exporter");
}

TEST_CASE("a chart's buckets hold what the session sent in them") {
  SmallStore f({session(1, "10.0.0.1", "10.0.0.2", 10, 0)});
  const auto result =
      f.run({.range = TimeRange{.from_ms = 900, .to_ms = 2100}, .by = {FieldId::kHost}, .limit = 1, .buckets = 4});
  REQUIRE(result.series.size() == 2);
  // Edges 900 1200 1500 1800 2100; of 10 octets over 1000..2000, 2 are sent by 1200, 5 by 1500, 8 by 1800.
  CHECK(result.series[0].octets == std::vector<std::uint64_t>{2, 3, 3, 2});
  CHECK(result.series[0].packets == std::vector<std::uint64_t>{0, 0, 0, 1});
  CHECK(result.series[1].octets == result.series[0].octets);
  CHECK(f.run({.range = TimeRange{.from_ms = 1200, .to_ms = 1500}}).totals.octets == 3);
}

TEST_CASE("asked to count an octet once, a chart of both ends is as high as the wire") {
  // 97 % is between .1 and .2, the rest between .3 and others.
  SmallStore f({session(1, "10.0.0.1", "10.0.0.2", 900, 70), session(2, "10.0.0.3", "10.0.0.4", 20, 0),
                session(3, "10.0.0.5", "10.0.0.3", 10, 0)});
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

TEST_CASE("an answer tells what was read for it, and what was not") {
  SmallStore f({session(1, "10.0.0.1", "10.0.0.2", 100, 900), session(2, "10.0.0.1", "10.0.0.3", 1, 1),
                session(3, "10.0.0.9", "10.0.0.3", 1, 1)});
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
  SmallStore f({});
  CHECK(f.failure({.limit = 10'001}) == "limit: at most 10000, found 10001");
  CHECK(f.failure({.buckets = 2001}) == "buckets: at most 2000, found 2001");
  CHECK(f.failure({.by = {FieldId::kOctets}}) == "by: 'octets' cannot be grouped by");
  CHECK(f.failure({.by = {FieldId::kHost, FieldId::kHost}}) == "by: 'host' is named twice");
  const std::vector nine{FieldId::kHost,     FieldId::kPort, FieldId::kVlan,  FieldId::kTos, FieldId::kAs,
                         FieldId::kProtocol, FieldId::kInIf, FieldId::kOutIf, FieldId::kMask};
  CHECK(f.failure({.by = nine}) == "by: at most 8 fields, found 9");
  CHECK(f.failure({.range = TimeRange{.from_ms = 5, .to_ms = 5}}) ==
        "range: expected 0 <= from < to <= 9007199254740992 in epoch milliseconds, found from 5 to 5");
  CHECK(f.failure({.filter = "port x"}).find("at column 6") != std::string::npos);
  CHECK(*parse_group_field("Proto") == FieldId::kProtocol);
  CHECK(parse_group_field("dport").has_error());
  CHECK(parse_group_field("bytes").error().message.find("client, server, host, client_port") != std::string::npos);
}

TEST_CASE("a query can be cancelled and reports its progress") {
  SmallStore f({session(1, "10.0.0.1", "10.0.0.2", 1, 1), session(2, "10.0.0.1", "10.0.0.2", 1, 1)});
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
