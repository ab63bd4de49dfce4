// Interfaces that occur in flows are listed, with a monitor and without one.
#include "monitor/monitor.hpp"
#include "monitor_bench.hpp"
#include "support/catch.hpp"

using namespace weir;
using namespace weir::testing;

namespace {

std::vector<std::uint32_t> indexes_of(const std::vector<MonitoredInterface>& interfaces) {
  std::vector<std::uint32_t> indexes;
  for (const auto& i : interfaces) indexes.push_back(i.index);
  return indexes;
}

}  // namespace

TEST_CASE("interfaces in flows: without a monitor, with what passed in the last round") {
  MonitorBench bench;
  bench.settings.url.clear();
  bench.settings.server.clear();
  auto& edge = bench.add_exporter("192.0.2.1");
  auto& other = bench.add_exporter("192.0.2.2");
  Monitor monitor(bench.settings, bench.store, bench.exporters, bench.clock, "1.2.3");
  monitor.run_values_round();
  CHECK(monitor.interfaces(edge.address).empty());

  bench.clock.advance(75'000);
  bench.add_flow(edge, 3, 4, 120'000, 75, 15);
  bench.add_flow(edge, 3, 0, 60'000, 75, 15);
  bench.hear();
  monitor.run_values_round();
  const auto seen = monitor.interfaces(edge.address);
  REQUIRE(indexes_of(seen) == std::vector<std::uint32_t>{3, 4});
  CHECK(seen[0].flow_bps == 24'000);
  CHECK(seen[1].flow_bps == 16'000);
  CHECK(seen[0].name.empty());
  CHECK(monitor.interfaces(other.address).empty());

  // An idle one stays for a day.
  bench.clock.advance(60'000);
  bench.hear();
  monitor.run_values_round();
  CHECK(indexes_of(monitor.interfaces(edge.address)) == std::vector<std::uint32_t>{3, 4});
  CHECK(monitor.interfaces(edge.address)[0].flow_bps == 0);
  // When its exporter is silent, its rate is not known.
  bench.clock.advance(180'000);
  monitor.run_values_round();
  CHECK(indexes_of(monitor.interfaces(edge.address)) == std::vector<std::uint32_t>{3, 4});
  CHECK_FALSE(monitor.interfaces(edge.address)[0].flow_bps);
  bench.clock.advance(25 * 3600'000);
  monitor.run_values_round();
  CHECK(monitor.interfaces(edge.address).empty());
}

TEST_CASE("interfaces in flows: of an exporter that the monitor does not know, too") {
  MonitorBench bench;
  bench.add_exporter("192.0.2.1");
  auto& lone = bench.add_exporter("192.0.2.9");
  bench.seed_zabbix();
  Monitor monitor(bench.settings, bench.store, bench.exporters, bench.clock, "1.2.3");
  monitor.run_api_round();
  monitor.run_values_round();
  bench.clock.advance(75'000);
  bench.add_flow(lone, 7, 8, 120'000, 75, 15);
  bench.hear();
  monitor.run_values_round();
  CHECK(indexes_of(monitor.interfaces(lone.address)) == std::vector<std::uint32_t>{7, 8});
}
