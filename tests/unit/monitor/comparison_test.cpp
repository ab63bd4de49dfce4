// Flow against SNMP: one interface after the other in each way in which it goes wrong, from the sums and from the wire.
#include <cmath>

#include "fake_zabbix.hpp"
#include "monitor/monitor.hpp"
#include "monitor_bench.hpp"
#include "support/catch.hpp"

using namespace weir;
using namespace weir::testing;

namespace {

constexpr std::int64_t kHourMs = 3'600'000;

InterfaceComparison sums(double in, double out, double snmp_in = 1e9, double snmp_out = 1e9) {
  InterfaceComparison c;
  c.in = WayComparison{.flow_octets = in, .snmp_octets = snmp_in};
  c.out = WayComparison{.flow_octets = out, .snmp_octets = snmp_out};
  return c;
}

std::string said(const InterfaceComparison& c) {
  const auto verdict = judge_interface(c);
  if (!verdict) return "";
  CHECK(verdict->text.size() <= 255);
  return verdict->text;
}
bool says(const InterfaceComparison& c, const std::string& start, const std::string& part = "") {
  const auto text = said(c);
  INFO(text);
  CHECK(text.starts_with(start));
  CHECK(text.find(part) != std::string::npos);
  return text.starts_with(start) && text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("verdict: each cause in words, with the mending step") {
  CHECK(says(sums(9.8e8, 1.02e9), "fine: flows are 100 % of SNMP"));
  auto c = sums(1e7, 1.1e7);
  CHECK(says(c, "sampling not announced", "set the sampling of this exporter to 95"));
  c.sampling = 10;
  CHECK(says(c, "rate wrong by 95", "to 952"));
  c = sums(1e11, 1e11);
  c.sampling = 100;
  CHECK(says(c, "rate wrong by 100", "multiplies itself; set the sampling of this exporter to 1"));
  CHECK(says(sums(2e9, 2e9), "counted in and out", "let the device export one of both"));
  CHECK(says(sums(1e9, 2e9), "counted in and out"));
  CHECK(says(sums(1e9, 1.4e9), "counted in and out", "some traffic"));
  c = sums(7e8, 7e8);
  CHECK(says(c, "part missing: flows are 70 % of SNMP"));
  c.loss = 0.3;
  CHECK(says(c, "loss: flows are 70 %", "30.0 %"));
  c = sums(0, 0);
  CHECK(says(c, "no flows any more"));
  CHECK(is_problem(judge_interface(c)->kind));
  c.had_flows = false;
  CHECK(says(c, "not exported"));
  CHECK_FALSE(is_problem(judge_interface(c)->kind));
  c.other_index = 17;
  CHECK(says(c, "index mismatch", "interface 17"));
  CHECK(says(sums(1e9, 0), "one way only: what this interface sends"));
  CHECK(says(sums(0, 1e9), "one way only: what this interface receives"));
}

TEST_CASE("verdict: none of too little traffic, or of too few sampled packets") {
  CHECK(said(sums(0, 0, 0, 0)).empty());
  CHECK(said(sums(0, 0, 4e5, 4e5)).empty());
  auto c = sums(0, 0, 1e7, 1e7);
  CHECK_FALSE(said(c).empty());
  c.sampling = 1000;
  CHECK(said(c).empty());
  c = sums(1e9, 0);
  c.out.reset();  // no such counter
  CHECK(said(c).starts_with("fine"));
  // A way with next to nothing is not judged by itself.
  CHECK(said(sums(1e9, 3e5, 1e9, 1e5)).starts_with("fine"));
}

TEST_CASE("history: stretches between polls, without gaps and what is older") {
  SnmpHistory history;
  for (const auto& [at, rate] : std::vector<std::pair<std::int64_t, double>>{
           {100, 5}, {160, 10}, {160, 99}, {150, 99}, {220, 20}, {2000, 1}, {2060, 30}})
    history.add(at, rate);
  std::string found;
  history.for_each_stretch(100'000, 2'060'000, [&](std::int64_t from, std::int64_t to, double octets) {
    found += std::to_string(from / 1000) + "-" + std::to_string(to / 1000) + ":" +
             std::to_string(static_cast<int>(octets)) + " ";
  });
  CHECK(found == "100-160:600 160-220:1200 2000-2060:1800 ");
  found.clear();
  history.forget_before(160);
  history.for_each_stretch(
      0, 2'000'000, [&](std::int64_t from, std::int64_t, double) { found += std::to_string(from / 1000) + " "; });
  CHECK(found == "160 ");
}

TEST_CASE("comparison: flows and Zabbix's counters of the same minutes, out to items and API") {
  MonitorBench bench;
  auto& edge = bench.add_exporter("192.0.2.1");
  bench.seed_zabbix();
  bench.clock.advance(-kHourMs);
  Monitor monitor(bench.settings, bench.store, bench.exporters, bench.clock, "1");
  bench.clock.advance(kHourMs);
  // An hour of 1 Mbyte/s in by 3 and out by 4, on the wire 18 octets more for each 1000.
  bench.add_flow(edge, 3, 4, 3'600'000'000, 3600, 0);
  bench.set_history({{"31", 8e6 * 1.018}, {"32", 0}, {"41", 0}, {"42", 8e6 * 1.018 * 2}});
  monitor.run_api_round();
  monitor.run_values_round();
  const auto asked = bench.api.calls("history.get");
  REQUIRE(asked.size() == 1);
  CHECK(asked[0].params().at("itemids").as_array().size() == 4);
  CHECK(asked[0].params().at("history") == 3);
  CHECK(asked[0].params().at("time_from") == (MonitorBench::kNow - 300'000 - 1'800'000) / 1000);

  auto interfaces = monitor.interfaces(*parse_ip_address("192.0.2.1"));
  REQUIRE(interfaces.size() == 2);
  CHECK(interfaces[0].index == 3);
  CHECK(interfaces[0].name == "Gi0/3");
  REQUIRE(interfaces[0].verdict);
  CHECK(std::abs(interfaces[0].verdict->ratio - 1.0) < 0.001);
  CHECK(interfaces[0].verdict->kind == VerdictKind::kFine);
  REQUIRE(interfaces[1].verdict);
  CHECK(std::abs(interfaces[1].verdict->ratio - 0.5) < 0.001);
  CHECK(interfaces[1].verdict->kind == VerdictKind::kSamplingNotAnnounced);
  CHECK(bench.trapper.last("edge-r1", "weir.if.ratio[3]") == "100.0");
  CHECK(bench.trapper.last("edge-r1", "weir.if.verdict[3]").starts_with("fine"));
  CHECK(bench.trapper.last("edge-r1", "weir.if.verdict[4]").starts_with("sampling not announced"));

  // A new verdict is believed the second time; history is read on from where it ended.
  bench.add_flow(edge, 3, 4, 3'600'000'000, 3600, 0);
  const auto step = [&] {
    bench.clock.advance(5 * bench.settings.refresh_ms);
    monitor.run_api_round();
    return monitor.interfaces(*parse_ip_address("192.0.2.1"))[1].verdict;
  };
  CHECK(step()->kind == VerdictKind::kSamplingNotAnnounced);
  CHECK(bench.api.calls("history.get").back().params().at("time_from") == MonitorBench::kNow / 1000 + 1);
  CHECK(step()->kind == VerdictKind::kFine);

  // With another sampling rate it begins anew.
  edge.configured_sampling = 2;
  CHECK_FALSE(step());
}

TEST_CASE("comparison: nothing is said about the time before the exporter was heard, or before the collector ran") {
  MonitorBench bench;
  auto& edge = bench.add_exporter("192.0.2.1");
  bench.seed_zabbix();
  bench.set_history({{"31", 8e6 * 1.018}, {"32", 0}, {"41", 0}, {"42", 8e6 * 1.018}});
  Monitor late(bench.settings, bench.store, bench.exporters, bench.clock, "1");
  late.run_api_round();
  CHECK_FALSE(late.interfaces(edge.address)[0].verdict);

  // Heard for ten minutes, the last five of which are too young.
  bench.clock.advance(-kHourMs);
  Monitor monitor(bench.settings, bench.store, bench.exporters, bench.clock, "1");
  bench.clock.advance(kHourMs);
  edge.first_seen_ms = bench.clock.now_ms() - 600'000;
  bench.add_flow(edge, 3, 4, 600'000'000, 600, 0);
  monitor.run_api_round();
  REQUIRE(monitor.interfaces(edge.address)[0].verdict);
  CHECK(monitor.interfaces(edge.address)[0].verdict->kind == VerdictKind::kFine);
}

TEST_CASE("comparison: only an interface that was in flows before is a problem without them, over a restart too") {
  MonitorBench bench;
  auto& edge = bench.add_exporter("192.0.2.1");
  bench.seed_zabbix();
  bench.set_history({{"31", 8e6}, {"32", 8e6}, {"41", 8e6}, {"42", 8e6}});
  bench.clock.advance(-kHourMs);
  const auto verdict_of = [&](Monitor& monitor, std::size_t i) {
    const auto verdict = monitor.interfaces(edge.address)[i].verdict;
    return verdict ? verdict->text.substr(0, 12) : "";
  };
  {
    Monitor monitor(bench.settings, bench.store, bench.exporters, bench.clock, "1");
    bench.clock.advance(kHourMs);
    bench.add_flow(edge, 3, 0, 3'600'000'000, 3600, 0);
    monitor.run_api_round();
    monitor.run_values_round();
    CHECK(verdict_of(monitor, 1) == "not exported");
    const auto told = bench.trapper.last("edge-r1", "weir.verdicts");
    CHECK(
        told.starts_with("@IFNAME.MATCHES@\n@IFNAME.NOT_MATCHES@\n@IFALIAS.MATCHES@\n@IFALIAS.NOT_MATCHES@\n{"
                         "\"problems\":[{\"name\":\"Gi0/3\",\"alias\":\"link 3\""));
    CHECK(told.find("Gi0/4") == std::string::npos);
    // No items for what is in no flows.
    CHECK(bench.trapper.last("edge-r1", "weir.interfaces").find("Gi0/4") == std::string::npos);
  }
  // The exporter goes on with other interfaces alone.
  Monitor monitor(bench.settings, bench.store, bench.exporters, bench.clock, "1");
  bench.clock.advance(kHourMs);
  bench.hear();
  bench.set_history({{"31", 8e6}, {"32", 8e6}, {"41", 8e6}, {"42", 8e6}});
  monitor.run_api_round();
  CHECK(verdict_of(monitor, 0) == "no flows any");
  CHECK(verdict_of(monitor, 1) == "not exported");
  // For a day: then somebody has switched it off.
  bench.clock.advance(25 * kHourMs);
  bench.set_history({{"31", 8e6}, {"32", 8e6}, {"41", 8e6}, {"42", 8e6}});
  for (int i = 0; i < 2; ++i) {
    bench.hear();
    monitor.run_api_round();
    bench.clock.advance(5 * bench.settings.refresh_ms);
  }
  CHECK(verdict_of(monitor, 0) == "not exported");
}

TEST_CASE(
    "comparison: the time in which the exporter was silent is left out, and of none that is known nothing is said") {
  MonitorBench bench;
  auto& edge = bench.add_exporter("192.0.2.1");
  bench.seed_zabbix();
  bench.clock.advance(-kHourMs);
  Monitor monitor(bench.settings, bench.store, bench.exporters, bench.clock, "1");
  bench.clock.advance(kHourMs);
  // SNMP goes on; flows are there until 20 minutes ago, and again since 10.
  bench.add_flow(edge, 3, 4, 2'400'000'000, 3600, 1200);
  bench.add_flow(edge, 3, 4, 600'000'000, 600, 0);
  bench.set_history({{"31", 8e6 * 1.018}, {"32", 0}, {"41", 0}, {"42", 8e6 * 1.018}});
  bench.hear();
  const auto now = bench.clock.now_ms();
  RangeQuality quality;
  quality.gaps = {
      {.from_ms = now - 1'200'000, .to_ms = now - 600'000, .reason = GapReason::kNotHeard, .exporter = edge.id}};
  bench.store.set_quality(quality);
  monitor.run_api_round();
  monitor.run_values_round();
  CHECK(bench.trapper.last("edge-r1", "weir.if.ratio[3]") == "100.0");
  CHECK_FALSE(bench.trapper.last("edge-r1", "weir.verdicts").empty());

  // For half an hour now: there was a ratio, and there is no new one.
  bench.clock.advance(kHourMs);
  bench.set_history({{"31", 8e6 * 1.018}, {"32", 0}, {"41", 0}, {"42", 8e6 * 1.018}});
  monitor.run_api_round();
  const auto count = bench.trapper.values().size();
  monitor.run_values_round();
  const auto values = bench.trapper.values();
  CHECK(values.size() > count);
  for (std::size_t i = count; i < values.size(); ++i) {
    CHECK_FALSE(values[i].key.starts_with("weir.if."));
    CHECK(values[i].key != "weir.verdicts");
  }
}

TEST_CASE("comparison: an interface whose flows carry another ifIndex") {
  MonitorBench bench;
  auto& edge = bench.add_exporter("192.0.2.1");
  bench.seed_zabbix();
  bench.clock.advance(-kHourMs);
  Monitor monitor(bench.settings, bench.store, bench.exporters, bench.clock, "1");
  bench.clock.advance(kHourMs);
  bench.add_flow(edge, 17, 4, 3'600'000'000, 3600, 0);
  bench.add_flow(edge, 4, 17, 1'800'000'000, 3600, 0);
  bench.set_history({{"31", 8e6}, {"32", 4e6}, {"42", 8e6}, {"41", 4e6}});
  monitor.run_api_round();
  const auto interfaces = monitor.interfaces(*parse_ip_address("192.0.2.1"));
  REQUIRE(interfaces[0].verdict);
  CHECK(interfaces[0].verdict->text.find("flows of interface 17") != std::string::npos);
  CHECK(interfaces[1].verdict->kind == VerdictKind::kFine);
}

TEST_CASE("monitor: threads start, work and stop while Zabbix does not answer") {
  MonitorBench bench;
  bench.add_exporter("192.0.2.1");
  boost::asio::io_context io;
  boost::asio::ip::tcp::acceptor silent(
      io, {boost::asio::ip::address_v4::loopback(), 0});  // takes connections and says nothing
  bench.settings.url = "http://127.0.0.1:" + std::to_string(silent.local_endpoint().port());
  bench.settings.server = "127.0.0.1:" + std::to_string(silent.local_endpoint().port());
  bench.settings.timeout_ms = 600'000;
  Monitor monitor(bench.settings, bench.store, bench.exporters, bench.clock, "1");
  monitor.start();
  for (int connection = 0; connection < 2; ++connection) silent.accept().release();
  monitor.stop();
  MetricsWriter metrics;
  monitor.write_metrics(metrics);
  const auto text = metrics.take();
  CHECK(text.find("weir_monitor_api_answers 0") != std::string::npos);
  CHECK(text.find("weir_monitor_values_waiting 4") == std::string::npos);
  CHECK_FALSE(monitor.device(*parse_ip_address("192.0.2.1")));
  Monitor off({}, bench.store, bench.exporters, bench.clock, "1");
  off.start();
  CHECK(off.interfaces(*parse_ip_address("192.0.2.1")).empty());
}
