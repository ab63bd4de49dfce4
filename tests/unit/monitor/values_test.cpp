// What reaches the trapper, round by round: values of the templates' keys, stamps that rise, and nothing lost while
// Zabbix is away.
#include <algorithm>
#include <filesystem>

#include "fake_zabbix.hpp"
#include "monitor/exporter_meter.hpp"
#include "monitor/monitor.hpp"
#include "monitor_bench.hpp"
#include "support/catch.hpp"

using namespace weir;
using namespace weir::testing;

namespace {

// Of each item.
bool rise(const std::vector<FakeTrapper::Value>& values) {
  std::map<std::pair<std::string, std::string>, std::pair<std::int64_t, std::int64_t>> last;
  return std::all_of(values.begin(), values.end(), [&](const auto& v) {
    const std::pair stamp(v.clock, v.ns);
    return std::exchange(last[{v.host, v.key}], stamp) < stamp;
  });
}

std::int64_t stamp_of(FakeTrapper& trapper, const std::string& key) {
  std::int64_t clock = 0;
  for (const auto& v : trapper.values()) {
    if (v.key == key) clock = v.clock;
  }
  return clock;
}

}  // namespace

TEST_CASE("values: of a linked exporter, of one without a host, of the collector") {
  MonitorBench bench;
  auto& edge = bench.add_exporter("192.0.2.1");
  auto& lone = bench.add_exporter("192.0.2.9");
  lone.name.with([](std::string& n) { n = "lone \"one\""; });
  bench.hear();
  bench.seed_zabbix();
  Monitor monitor(bench.settings, bench.store, bench.exporters, bench.clock, "1.2.3");
  monitor.run_api_round();
  monitor.run_values_round();

  auto& t = bench.trapper;
  CHECK(t.last("Weir", "weir.version") == "1.2.3");
  CHECK(t.last("Weir", "weir.records").empty());  // a rate needs two rounds
  CHECK(json::parse(t.last("Weir", "weir.exporters")) ==
        json::array{json::object{{"{#EXPORTER}", "192.0.2.9"}, {"{#EXPORTER.NAME}", "lone \"one\""}}});
  CHECK(t.values().front().key.starts_with("weir."));

  // 80 s later: 800 records and 200 that were lost; 1000 octets a second through interfaces 3 and 4.
  edge.protocols = kProtocolIpfix;
  edge.records += 800;
  edge.datagrams += 80;
  edge.lost += 200;
  bench.clock.advance(80'000);
  edge.last_seen_ms = bench.clock.now_ms() - 2'000;
  bench.add_flow(edge, 3, 4, 120'000, 140, 20);
  monitor.run_values_round();
  CHECK(t.last("edge-r1", "weir.exporter.records") == "10.00");
  CHECK(t.last("edge-r1", "weir.exporter.loss") == "20.00");
  CHECK(t.last("edge-r1", "weir.exporter.silence") == "2");
  CHECK(t.last("edge-r1", "weir.exporter.lastseen") == std::to_string((MonitorBench::kNow + 78'000) / 1000));
  CHECK(t.last("edge-r1", "weir.if.in[3]") == "8000");
  CHECK(t.last("edge-r1", "weir.if.out[3]") == "0");
  CHECK(t.last("edge-r1", "weir.if.out[4]") == "8000");
  CHECK(stamp_of(t, "weir.if.in[3]") == MonitorBench::kNow / 1000 + 60);
  CHECK(json::parse(t.last("edge-r1", "weir.interfaces")) ==
        json::array{json::object{{"{#IFINDEX}", "3"}, {"{#IFNAME}", "Gi0/3"}, {"{#IFALIAS}", "link 3"}},
                    json::object{{"{#IFINDEX}", "4"}, {"{#IFNAME}", "Gi0/4"}, {"{#IFALIAS}", "link 4"}}});
  CHECK(t.last("Weir", "weir.exporter.silence[192.0.2.9]") == "80");
  CHECK(t.last("Weir", "weir.exporter.records[192.0.2.9]").empty());  // it was not heard
  CHECK(t.last("Weir", "weir.records") == "10.00");
  CHECK(rise(t.values()));

  // A list goes again when it changed, or after ten minutes; values of an interface go on when it is idle.
  const auto lists = [&] {
    const auto values = t.values();
    return std::count_if(values.begin(), values.end(), [](const auto& v) { return is_discovery(v.key); });
  };
  const auto count = lists();
  bench.clock.advance(60'000);
  bench.hear();
  monitor.run_values_round();
  monitor.run_values_round();  // not due
  CHECK(lists() == count);
  CHECK(t.last("edge-r1", "weir.if.in[3]") == "0");
  CHECK(stamp_of(t, "weir.if.in[3]") == MonitorBench::kNow / 1000 + 120);
  bench.clock.advance(600'000);
  bench.hear();
  monitor.run_values_round();
  CHECK(lists() == count + 2);
  CHECK(stamp_of(t, "weir.if.in[3]") == MonitorBench::kNow / 1000 + 720);
  CHECK(rise(t.values()));
}

TEST_CASE("values: several exporters of one host are one device") {
  MonitorBench bench;
  auto& a = bench.add_exporter("192.0.2.1");
  auto& b = bench.add_exporter("192.0.2.2");
  bench.hear();
  bench.seed_zabbix();
  bench.api.set("host.get", json::array{json::object{{"hostid", "10084"},
                                                     {"host", "edge-r1"},
                                                     {"name", "Edge"},
                                                     {"status", "0"},
                                                     {"hostgroups", json::array{{{"groupid", "5"}}}},
                                                     {"interfaces", json::array{{{"ip", "192.0.2.1"}, {"dns", ""}}}}}});
  bench.api.set("module.get", json::array{json::object{{"config", {{"links", {{"192.0.2.2", "10084"}}}}}}});
  Monitor monitor(bench.settings, bench.store, bench.exporters, bench.clock, "1");
  monitor.run_api_round();
  monitor.run_values_round();
  a.records += 60;
  b.records += 120;
  bench.clock.advance(60'000);
  bench.add_flow(a, 3, 4, 60'000, 60, 0);
  bench.add_flow(b, 3, 5, 60'000, 60, 0);
  bench.clock.advance(15'000);
  bench.hear();
  monitor.run_values_round();
  CHECK(bench.trapper.last("edge-r1", "weir.exporter.records") == "2.40");
  CHECK(bench.trapper.last("edge-r1", "weir.if.in[3]") == "16000");
  CHECK(bench.trapper.last("Weir", "weir.exporters") == "[]");
}

TEST_CASE("values: an exporter of a device that is not heard after a start holds the others up for an hour or so") {
  MonitorBench bench;
  auto& alive = bench.add_exporter("192.0.2.1");
  auto& dead = bench.add_exporter("192.0.2.2");
  dead.last_seen_ms = bench.clock.now_ms() - 3'600'000;
  bench.seed_zabbix();
  bench.api.set("module.get", json::array{json::object{{"config", {{"links", {{"192.0.2.2", "10084"}}}}}}});
  Monitor monitor(bench.settings, bench.store, bench.exporters, bench.clock, "1");
  monitor.run_api_round();
  monitor.run_values_round();
  std::int64_t first_ms = 0;
  for (std::int64_t minute = 1; minute <= 80 && first_ms == 0; ++minute) {
    bench.clock.advance(60'000);
    alive.last_seen_ms = bench.clock.now_ms();
    bench.add_flow(alive, 3, 4, 60'000, 60, 0);
    monitor.run_values_round();
    if (!bench.trapper.last("edge-r1", "weir.if.in[3]").empty()) first_ms = bench.clock.now_ms() - MonitorBench::kNow;
  }
  CHECK(first_ms > 60 * 60'000);
  CHECK(first_ms < 75 * 60'000);
}

TEST_CASE("values: no traffic of an exporter whose data could not be read is not told as none") {
  MonitorBench bench;
  auto& edge = bench.add_exporter("192.0.2.1");
  bench.hear();
  RangeQuality quality;
  quality.exporters = {{.exporter = edge.id, .waiting = 3}};
  bench.store.set_quality(quality);
  bench.seed_zabbix();
  Monitor monitor(bench.settings, bench.store, bench.exporters, bench.clock, "1");
  monitor.run_api_round();
  monitor.run_values_round();
  bench.clock.advance(75'000);
  bench.add_flow(edge, 3, 4, 60'000, 75, 15);
  bench.hear();
  monitor.run_values_round();
  CHECK(bench.trapper.last("edge-r1", "weir.if.in[3]") == "8000");
  bench.clock.advance(60'000);
  bench.hear();
  monitor.run_values_round();
  CHECK(stamp_of(bench.trapper, "weir.if.in[3]") == MonitorBench::kNow / 1000 + 60);
  bench.store.set_quality({});
  bench.clock.advance(60'000);
  bench.hear();
  monitor.run_values_round();
  CHECK(bench.trapper.last("edge-r1", "weir.if.in[3]") == "0");
  CHECK(stamp_of(bench.trapper, "weir.if.in[3]") == MonitorBench::kNow / 1000 + 180);
}

TEST_CASE("values: lists go again in the round after a refusal, for items that were not there yet") {
  MonitorBench bench;
  bench.add_exporter("192.0.2.9");
  bench.seed_zabbix();
  Monitor monitor(bench.settings, bench.store, bench.exporters, bench.clock, "1");
  monitor.run_api_round();
  const auto lists_of_a_round = [&] {
    const auto count = [&] {
      const auto values = bench.trapper.values();
      return std::count_if(values.begin(), values.end(), [](const auto& v) { return v.key == "weir.exporters"; });
    };
    const auto before = count();
    monitor.run_values_round();
    bench.clock.advance(60'000);
    return count() - before;
  };
  bench.trapper.refuse("Weir");
  lists_of_a_round();
  bench.trapper.accept("Weir");
  CHECK(lists_of_a_round() == 1);
  CHECK(lists_of_a_round() == 0);
}

TEST_CASE("values: what was counted as lost and came late after all is no loss") {
  ExporterTable table{10};
  auto* e = table.find_or_add(*parse_ip_address("192.0.2.1"));
  ExporterMeter meter(table);
  e->datagrams = 1;
  meter.sample(500, {});
  e->datagrams = 2;
  e->records = 10;
  e->lost = 5;
  meter.sample(1'000, {});
  e->datagrams = 3;
  e->records = 20;
  e->lost = 3;
  meter.sample(2'000, {});
  REQUIRE(meter.figures(e->id).has_value());
  CHECK(meter.figures(e->id)->loss == 0);
}

TEST_CASE("values: a damaged queue is set aside, and values go on") {
  MonitorBench bench;
  bench.seed_zabbix();
  bench.settings.queue_file = bench.folder.file("damaged.sqlite");
  bench.folder.write("damaged.sqlite", std::string(20'000, 'x'));
  Monitor monitor(bench.settings, bench.store, bench.exporters, bench.clock, "1");
  monitor.run_api_round();
  monitor.run_values_round();
  CHECK(bench.trapper.last("Weir", "weir.version") == "1");
  CHECK(std::filesystem::file_size(bench.settings.queue_file + ".damaged-" + std::to_string(bench.clock.now_ms())) ==
        20'000);
}

TEST_CASE("values: before Zabbix has named its hosts, only the collector's") {
  MonitorBench bench;
  bench.add_exporter("192.0.2.1");
  bench.api.set_status(503);
  Monitor monitor(bench.settings, bench.store, bench.exporters, bench.clock, "1");
  monitor.run_api_round();
  monitor.run_values_round();
  CHECK_FALSE(bench.trapper.last("Weir", "weir.version").empty());
  CHECK(bench.trapper.last("Weir", "weir.exporters").empty());
  // Without an API at all, every exporter is one without a host.
  bench.settings.url.clear();
  bench.settings.queue_file = bench.folder.file("other.sqlite");
  Monitor without(bench.settings, bench.store, bench.exporters, bench.clock, "1");
  without.run_values_round();
  CHECK(bench.trapper.last("Weir", "weir.exporters").find("192.0.2.1") != std::string::npos);
}

TEST_CASE("values: kept on disk while Zabbix is away, sent in order afterwards, over a restart") {
  MonitorBench bench;
  bench.add_exporter("192.0.2.1");
  bench.seed_zabbix();
  bench.trapper.set_down(true);
  {
    Monitor monitor(bench.settings, bench.store, bench.exporters, bench.clock, "1");
    monitor.run_api_round();
    for (int round = 0; round < 3; ++round) {
      monitor.run_values_round();
      bench.clock.advance(60'000);
    }
  }
  CHECK(bench.trapper.values().empty());
  bench.trapper.set_down(false);
  Monitor monitor(bench.settings, bench.store, bench.exporters, bench.clock, "2");
  monitor.run_values_round();
  const auto values = bench.trapper.values();
  std::vector<std::int64_t> clocks;
  for (const auto& v : values) {
    if (v.key == "weir.version") clocks.push_back(v.clock - MonitorBench::kNow / 1000);
    // A list that waited would be old.
    if (v.clock * 1000 < bench.clock.now_ms()) CHECK_FALSE(is_discovery(v.key));
  }
  CHECK(clocks == std::vector<std::int64_t>{0, 60, 120, 180});
  CHECK(rise(values));
}

TEST_CASE("values: tries pause longer and longer") {
  MonitorBench bench;
  bench.seed_zabbix();
  bench.settings.values_ms = 600'000;
  bench.trapper.set_down(true);
  const std::atomic<bool> stopping{false};
  ValueSender sender(bench.settings, bench.clock, &stopping);
  sender.deliver({{.host = "h", .key = "k", .value = "v", .stamp = {}}});
  CHECK(sender.status().failures == 1);
  CHECK(sender.status().waiting == 1);
  sender.drain();
  CHECK(sender.status().failures == 1);
  bench.clock.advance(1'000);
  sender.drain();
  CHECK(sender.status().failures == 2);
  bench.clock.advance(1'999);
  sender.drain();
  CHECK(sender.status().failures == 2);
  bench.trapper.set_down(false);
  bench.clock.advance(1);
  sender.drain();
  CHECK(sender.status().waiting == 0);
  CHECK(sender.status().sent == 1);
  CHECK(sender.status().last_error.empty());
}

TEST_CASE("values: what Zabbix refuses is counted and not kept") {
  MonitorBench bench;
  bench.trapper.refuse("h");
  const std::atomic<bool> stopping{false};
  ValueSender sender(bench.settings, bench.clock, &stopping);
  sender.deliver(
      {{.host = "h", .key = "k", .value = "v", .stamp = {}}, {.host = "i", .key = "k", .value = "v", .stamp = {}}});
  CHECK(sender.status().refused == 1);
  CHECK(sender.status().sent == 1);
  CHECK(sender.status().waiting == 0);
  bench.settings.server = "x:y";
  CHECK_THROWS_WITH(ValueSender(bench.settings, bench.clock, &stopping),
                    Catch::Matchers::ContainsSubstring("zabbix.server"));
}

TEST_CASE("queue: bounded, the oldest goes first") {
  const ScratchFolder folder;
  ManualClock clock{1};
  ValueQueue queue(folder.file("q.sqlite"), 3, clock);
  std::vector<SenderValue> values;
  for (int i = 0; i < 5; ++i)
    values.push_back({.host = "h", .key = "k", .value = std::to_string(i), .stamp = {.clock_s = i, .ns = 7}});
  queue.push(values);
  CHECK(queue.size() == 3);
  CHECK(queue.given_up() == 2);
  CHECK(queue.newest_stamp_ns() == 4'000'000'007);
  const auto front = queue.front(2);
  REQUIRE(front.values.size() == 2);
  CHECK(front.values[0].value == "2");
  CHECK(front.values[0].stamp.clock_s == 2);
  queue.pop(front.last);
  CHECK(queue.size() == 1);
  CHECK(ValueQueue(folder.file("q.sqlite"), 3, clock).front(9).values.at(0).value == "4");
}
