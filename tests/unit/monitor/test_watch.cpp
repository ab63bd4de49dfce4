// How the API of either Zabbix is asked for hosts, links, interfaces and templates, and what outlives failures and restarts.
#include "fake_zabbix.hpp"
#include "monitor/device_watch.hpp"
#include "monitor/monitor.hpp"
#include "monitor_bench.hpp"
#include "support/catch.hpp"

using namespace weir;
using namespace weir::testing;

namespace {

IpAddress ip(const char* text) { return *parse_ip_address(text); }

}  // namespace

TEST_CASE("watch: hosts and interfaces by the API, the token as the version wants it") {
  MonitorBench bench;
  bench.add_exporter("192.0.2.1");
  bench.seed_zabbix();
  bench.api.set_version("6.0.14");
  ZabbixApi api(bench.settings, bench.clock, nullptr);
  DeviceFile file(bench.settings.device_file, bench.clock);
  DeviceWatch watch(bench.settings, api, bench.exporters, file, bench.clock);
  watch.refresh();
  CHECK(watch.status().answered);
  CHECK(watch.status().zabbix_version == "6.0.14");
  const auto link = watch.view()->links.at(ip("192.0.2.1"));
  CHECK(link.hostid == "10084");
  CHECK(link.name == "Edge router");
  CHECK(watch.view()->interfaces_of(ip("192.0.2.1"))->at(3).name == "Gi0/3");
  CHECK(watch.view()->interfaces_of(ip("192.0.2.9")) == nullptr);

  const auto calls = bench.api.calls();
  REQUIRE(calls.size() == 5);
  CHECK(calls[0].method == "apiinfo.version");
  CHECK_FALSE(calls[0].body.contains("auth"));
  CHECK(calls[0].head.starts_with("POST /zabbix/api_jsonrpc.php HTTP/1.1"));
  CHECK(calls[1].body.at("auth") == MonitorBench::kToken);
  CHECK(calls[1].head.find("Authorization") == std::string::npos);
  CHECK(calls[1].params().at("selectInterfaces") == json::array{"ip", "dns", "useip"});
  CHECK(calls[2].method == "module.get");
  CHECK(calls[3].params().at("filter").at("key_") == "weir.exporter.lastseen");
  CHECK(calls[4].params().at("hostids") == json::array{"10084"});
  CHECK(calls[4].params().at("search").at("key_").as_array().size() == 3);

  // Not before its time; then hosts again, interfaces only every few times.
  watch.refresh();
  CHECK(bench.api.calls().size() == 5);
  bench.clock.advance(bench.settings.refresh_ms);
  watch.refresh();
  CHECK(bench.api.calls("host.get").size() == 2);
  CHECK(bench.api.calls("item.get").size() == 3);
  CHECK(watch.view()->interfaces_of(ip("192.0.2.1"))->size() == 2);
  bench.clock.advance(5 * bench.settings.refresh_ms);
  watch.refresh();
  CHECK(bench.api.calls("item.get").size() == 5);
}

TEST_CASE("watch: the loopback address that is left in an interface of a DNS name links nothing") {
  MonitorBench bench;
  bench.add_exporter("127.0.0.1");
  bench.add_exporter("192.0.2.7");
  const auto host = [](const char* id, json::object interface) {
    return json::object{{"hostid", id}, {"host", id}, {"name", id}, {"status", "0"}, {"inventory", json::array{}}, {"interfaces", json::array{std::move(interface)}}, {"macros", json::array{}}};
  };
  bench.api.set("host.get", json::array{host("10084", {{"ip", "127.0.0.1"}, {"dns", "a.example.org"}, {"useip", "0"}}),
                                        host("10085", {{"ip", "127.0.0.1"}, {"dns", ""}, {"useip", "1"}}),
                                        host("10086", {{"ip", "192.0.2.7"}, {"dns", "b.example.org"}, {"useip", "0"}})});
  bench.api.set("item.get", json::array{});
  ZabbixApi api(bench.settings, bench.clock, nullptr);
  DeviceFile file(bench.settings.device_file, bench.clock);
  DeviceWatch watch(bench.settings, api, bench.exporters, file, bench.clock);
  watch.refresh();
  CHECK(watch.view()->links.at(ip("127.0.0.1")).hostid == "10085");
  CHECK(watch.view()->links.at(ip("192.0.2.7")).hostid == "10086");
}

TEST_CASE("watch: the template goes once to each host that exports, as far as the token's role lets it") {
  MonitorBench bench;
  bench.add_exporter("192.0.2.1");
  bench.seed_zabbix();
  bench.api.set("item.get", json::array{});
  ZabbixApi api(bench.settings, bench.clock, nullptr);
  DeviceFile file(bench.settings.device_file, bench.clock);
  DeviceWatch watch(bench.settings, api, bench.exporters, file, bench.clock);
  const auto again = [&] {
    bench.clock.advance(bench.settings.refresh_ms);
    watch.refresh();
    return watch.status();
  };
  watch.refresh();
  CHECK(watch.status().answered);
  CHECK(watch.status().without_template == 1);
  CHECK(watch.status().template_error.find("template.get") != std::string::npos);
  CHECK_FALSE(watch.view()->takes_values("10084"));
  CHECK(api.failures() == 0);
  bench.api.set("template.get", json::array{});
  CHECK(again().template_error.find("not imported") != std::string::npos);
  bench.api.set("template.get", json::array{json::object{{"templateid", "500"}}});
  bench.api.set("host.massadd", json::object{{"hostids", json::array{"10084"}}});
  CHECK(again().without_template == 0);
  CHECK(watch.view()->takes_values("10084"));
  const auto calls = bench.api.calls("host.massadd");
  REQUIRE(calls.size() == 1);
  CHECK(calls[0].params() == json::object{{"hosts", json::array{{{"hostid", "10084"}}}}, {"templates", json::array{{{"templateid", "500"}}}}});
  // Somebody took it away again: that holds, over a restart too.
  CHECK(again().without_template == 1);
  CHECK(bench.api.calls("host.massadd").size() == 1);
  DeviceFile later_file(bench.settings.device_file, bench.clock);
  CHECK(later_file.templated() == std::set<std::string>{"10084"});
}

TEST_CASE("watch: names and links are there after a restart while the token is dead") {
  MonitorBench bench;
  bench.add_exporter("192.0.2.1");
  bench.seed_zabbix();
  {
    Monitor monitor(bench.settings, bench.store, bench.exporters, bench.clock, "1");
    monitor.run_api_round();
  }
  bench.api.set_body(R"({"jsonrpc":"2.0","error":{"code":-32602,"message":"Invalid params.","data":"Not authorized."},"id":1})");
  Monitor monitor(bench.settings, bench.store, bench.exporters, bench.clock, "1");
  monitor.run_api_round();
  CHECK(monitor.device(ip("192.0.2.1"))->name == "Edge router");
  CHECK(monitor.interfaces(ip("192.0.2.1")).at(0).name == "Gi0/3");
  const auto status = monitor.status();
  REQUIRE(status.api);
  CHECK_FALSE(status.api->answered);
  CHECK(status.api->since_ms == bench.clock.now_ms());
  CHECK(status.api->last_error.find("Not authorized") != std::string::npos);
  CHECK(status.linked == 1);
}

TEST_CASE("watch: links by hand are those of the module's settings, and stay while these cannot be read") {
  MonitorBench bench;
  bench.add_exporter("192.0.2.77");
  bench.seed_zabbix();
  bench.api.set("module.get", json::array{json::object{{"config", {{"links", {{"192.0.2.77", "10084"}, {"nonsense", "1"}}}}}}});
  Monitor monitor(bench.settings, bench.store, bench.exporters, bench.clock, "1");
  const auto again = [&] {
    monitor.run_api_round();
    bench.clock.advance(bench.settings.refresh_ms);
    const auto device = monitor.device(ip("192.0.2.77"));
    return device ? device->hostid : "";
  };
  CHECK(again() == "10084");
  // An error of the role.
  bench.api.set("module.get", json::object{});
  CHECK(again() == "10084");
  bench.api.set("module.get", json::array{json::object{{"config", json::array{}}}});
  CHECK(again().empty());
}

TEST_CASE("watch: 7.0 takes the token in the header only") {
  MonitorBench bench;
  bench.add_exporter("192.0.2.1");
  bench.seed_zabbix();
  for (const char* version : {"6.4.0", "7.0.22", "10.0.0"}) {
    bench.api.set_version(version);
    ZabbixApi api(bench.settings, bench.clock, nullptr);
    REQUIRE(api.call("host.get", {}).has_value());
    const auto call = bench.api.calls("host.get").back();
    CHECK_FALSE(call.body.contains("auth"));
    CHECK(call.head.find(std::string("Authorization: Bearer ") + MonitorBench::kToken) != std::string::npos);
  }
}

TEST_CASE("watch: failures are states, back off, and keep what was known") {
  MonitorBench bench;
  bench.add_exporter("192.0.2.1");
  bench.seed_zabbix();
  ZabbixApi api(bench.settings, bench.clock, nullptr);
  DeviceFile file(bench.settings.device_file, bench.clock);
  DeviceWatch watch(bench.settings, api, bench.exporters, file, bench.clock);
  watch.refresh();
  REQUIRE(watch.status().answered);

  const auto fails_with = [&](const std::string& words) {
    bench.clock.advance(bench.settings.refresh_ms + bench.settings.max_retry_ms);
    watch.refresh();
    CHECK_FALSE(watch.status().answered);
    INFO(watch.status().last_error);
    CHECK(watch.status().last_error.find(words) != std::string::npos);
    CHECK(watch.status().last_error.find(MonitorBench::kToken) == std::string::npos);
    CHECK(watch.view()->links.size() == 1);
  };
  bench.api.set_status(502);
  fails_with("answers 502");
  // The pauses double: 1 s, 2 s, 4 s.
  const auto tried = bench.api.calls().size();
  watch.refresh();
  CHECK(bench.api.calls().size() == tried);
  bench.clock.advance(999);
  watch.refresh();
  CHECK(bench.api.calls().size() == tried);
  bench.clock.advance(1);
  watch.refresh();
  CHECK(bench.api.calls().size() == tried + 1);
  bench.clock.advance(1999);
  watch.refresh();
  CHECK(bench.api.calls().size() == tried + 1);

  bench.api.set_status(404);
  fails_with("see zabbix.url");
  bench.api.set_status(0);
  fails_with("127.0.0.1 port");
  bench.api.set_status(200);
  bench.api.set_body("<html>not Zabbix</html>");
  fails_with("not Zabbix's");
  bench.api.set_body(R"({"jsonrpc":"2.0","error":{"code":-32602,"message":"Invalid params.","data":"Not authorized."},"id":1})");
  fails_with("Invalid params. Not authorized.");
  bench.api.set_body("");
  bench.folder.write("token", " \n");
  fails_with("zabbix.token_file");
  bench.folder.write("token", std::string(MonitorBench::kToken) + "\n");
  bench.clock.advance(bench.settings.max_retry_ms);
  watch.refresh();
  CHECK(watch.status().answered);
  CHECK(watch.status().last_error.empty());
}

TEST_CASE("api: a URL that is none, and nobody there") {
  MonitorBench bench;
  auto settings = bench.settings;
  settings.url = "monitor.example/zabbix";
  CHECK_THROWS_WITH(ZabbixApi(settings, bench.clock, nullptr), Catch::Matchers::ContainsSubstring("zabbix.url"));
  settings.url = "http://127.0.0.1:1/api_jsonrpc.php";
  ZabbixApi api(settings, bench.clock, nullptr);
  const auto result = api.call("host.get", {});
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error().message.find("127.0.0.1 port 1") != std::string::npos);
}
