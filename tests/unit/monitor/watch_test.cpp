// How the API of either Zabbix is asked for hosts, links, interfaces and templates, and what outlives failures and
// restarts.
#include "fake_zabbix.hpp"
#include "monitor/monitor.hpp"
#include "monitor/zabbix/device_watch.hpp"
#include "monitor/zabbix/template_revision.hpp"
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
  REQUIRE(calls.size() == 8);
  CHECK(calls[0].method == "apiinfo.version");
  CHECK_FALSE(calls[0].body.contains("auth"));
  CHECK(calls[0].head.starts_with("POST /zabbix/api_jsonrpc.php HTTP/1.1"));
  CHECK(calls[1].body.at("auth") == MonitorBench::kToken);
  CHECK(calls[1].head.find("Authorization") == std::string::npos);
  CHECK(calls[1].params().at("selectInterfaces") == json::array{"ip", "dns", "useip"});
  CHECK(calls[2].method == "module.get");
  CHECK(calls[3].method == "role.get");
  CHECK(calls[4].method == "usergroup.get");
  CHECK(calls[4].params().contains("selectRights"));
  CHECK(calls[5].params().at("filter").at("key_") == "weir.exporter.lastseen");
  CHECK(calls[6].params().at("hostids") == json::array{"10084"});
  CHECK(calls[6].params().at("search").at("key_").as_array().size() == 3);
  CHECK(calls[7].method == "template.get");

  // Not before its time; then hosts again, interfaces only every few times.
  watch.refresh();
  CHECK(bench.api.calls().size() == 8);
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
    return json::object{{"hostid", id},
                        {"host", id},
                        {"name", id},
                        {"status", "0"},
                        {"inventory", json::array{}},
                        {"hostgroups", json::array{{{"groupid", "5"}}}},
                        {"interfaces", json::array{std::move(interface)}}};
  };
  bench.api.set("host.get",
                json::array{host("10084", {{"ip", "127.0.0.1"}, {"dns", "a.example.org"}, {"useip", "0"}}),
                            host("10085", {{"ip", "127.0.0.1"}, {"dns", ""}, {"useip", "1"}}),
                            host("10086", {{"ip", "192.0.2.7"}, {"dns", "b.example.org"}, {"useip", "0"}})});
  bench.api.set("item.get", json::array{});
  bench.api.set("role.get", json::array{});
  bench.api.set("usergroup.get", json::array{});
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
  bench.api.set("template.get", json::array{json::object{{"templateid", "500"}, {"host", "Weir exporter"}}});
  bench.api.set("host.massadd", json::object{{"hostids", json::array{"10084"}}});
  CHECK(again().without_template == 0);
  CHECK(watch.view()->takes_values("10084"));
  const auto calls = bench.api.calls("host.massadd");
  REQUIRE(calls.size() == 1);
  CHECK(calls[0].params() == json::object{{"hosts", json::array{{{"hostid", "10084"}}}},
                                          {"templates", json::array{{{"templateid", "500"}}}}});
  // Somebody took it away again: that holds, over a restart too.
  CHECK(again().without_template == 1);
  CHECK(bench.api.calls("host.massadd").size() == 1);
  DeviceFile later_file(bench.settings.device_file, bench.clock);
  CHECK(later_file.templated() == std::set<std::string>{"10084"});
}

TEST_CASE("watch: a host that administrators may edit gets a new exporter only where super admins allow it") {
  MonitorBench bench;
  bench.add_exporter("192.0.2.1");
  bench.seed_zabbix();
  for (const char* version : {"6.0.14", "7.0.22"}) {
    CAPTURE(version);
    bench.api.set_version(version);
    const std::string rights = std::string(version).starts_with("6.0") ? "rights" : "hostgroup_rights";
    const auto group = [&](const char* roleid, const char* permission) {
      return json::array{json::object{{"usrgrpid", "20"},
                                      {"users", json::array{json::object{{"userid", "9"}, {"roleid", roleid}}}},
                                      {rights, json::array{json::object{{"id", "5"}, {"permission", permission}}}}}};
    };
    const auto linked = [&] {
      auto settings = bench.settings;
      settings.device_file = "";
      Monitor monitor(settings, bench.store, bench.exporters, bench.clock, "1");
      monitor.run_api_round();
      REQUIRE(monitor.status().api->answered);
      CHECK(monitor.status().linked + monitor.status().unsettled == 1);
      return monitor.status().linked == 1;
    };
    bench.api.set("usergroup.get", group("2", "2"));
    CHECK(linked());  // reads only
    bench.api.set("usergroup.get", group("3", "3"));
    CHECK(linked());  // a super admin
    bench.api.set("usergroup.get", group("2", "3"));
    CHECK_FALSE(linked());
    bench.api.set("usergroup.get", json::array{});
    CHECK(linked());
    bench.api.set("usergroup.get", group("2", "3"));
    // In the answer that names the hosts, so that both are of one moment.
    CHECK(bench.api.calls("host.get")
              .back()
              .params()
              .at(std::string(version).starts_with("6.0") ? "selectGroups" : "selectHostGroups") ==
          json::array{"groupid"});
    bench.api.set("module.get", json::array{json::object{{"config", {{"trust_administrators", 1}}}}});
    CHECK(linked());
    bench.api.set("module.get", json::array{json::object{{"config", {{"trust_administrators", 0}}}}});
    CHECK_FALSE(linked());
    // An answer that is no list is one that cannot be read.
    bench.api.set("usergroup.get", json::object{});
    CHECK_FALSE(linked());
    bench.api.set("module.get", json::array{});
  }
}

TEST_CASE("watch: that who may edit hosts cannot be read is told while no exporter is new, too") {
  MonitorBench bench;
  bench.add_exporter("192.0.2.1");
  bench.seed_zabbix();
  Monitor monitor(bench.settings, bench.store, bench.exporters, bench.clock, "1");
  monitor.run_api_round();
  REQUIRE(monitor.status().linked == 1);
  CHECK(monitor.status().api->choices_error.empty());
  bench.api.set("usergroup.get", json::object{});
  bench.clock.advance(bench.settings.refresh_ms);
  monitor.run_api_round();
  CHECK(monitor.status().linked == 1);  // it was linked before
  CHECK_FALSE(monitor.status().api->choices_error.empty());
}

TEST_CASE("watch: templates are missing, of another version, or current") {
  MonitorBench bench;
  bench.add_exporter("192.0.2.1");
  bench.seed_zabbix();
  Monitor monitor(bench.settings, bench.store, bench.exporters, bench.clock, "1");
  const auto again = [&] {
    bench.clock.advance(bench.settings.refresh_ms);
    monitor.run_api_round();
    return monitor.status().api->templates;
  };
  const auto both = [](const std::string& exporter, const std::string& collector) {
    return json::array{json::object{{"templateid", "500"}, {"host", "Weir exporter"}, {"description", exporter}},
                       json::object{{"templateid", "501"}, {"host", "Weir collector"}, {"description", collector}}};
  };
  const auto current = "A device.\n" + std::string(kTemplateRevision) + " of the module.";
  CHECK(again() == TemplateState::kUnknown);  // the role does not allow it
  bench.api.set("template.get", json::array{});
  CHECK(again() == TemplateState::kMissing);
  bench.api.set("template.get", both(current, "The collector."));
  CHECK(again() == TemplateState::kOld);
  bench.api.set("template.get", both(current, "Revision 000000000000"));
  CHECK(again() == TemplateState::kOld);
  bench.api.set("template.get", both(current, current));
  CHECK(again() == TemplateState::kCurrent);
}

TEST_CASE("watch: the frontend's clock is compared by the date of its answers") {
  MonitorBench bench;
  bench.add_exporter("192.0.2.1");
  bench.seed_zabbix();
  bench.clock.set(1'700'000'000'500);  // 2023-11-14 22:13:20.5 UTC
  ZabbixApi api(bench.settings, bench.clock, nullptr);
  const auto apart = [&](const char* date) {
    bench.api.set_date(date);
    REQUIRE(api.call("host.get", {}).has_value());
    return api.clock_apart_ms();
  };
  CHECK(apart("") == 0);
  CHECK(apart("Tue, 14 Nov 2023 22:13:20 GMT") == 0);
  CHECK(apart("Tue, 14 Nov 2023 22:18:20 GMT") == 299'500);
  CHECK(apart("Tue, 14 Nov 2023 22:08:20 GMT") == 299'501);
  CHECK(apart("yesterday") == 299'501);  // as it was
  CHECK(apart("Tue, 14 Nov 2023 22:13:19 GMT") == 501);
}

TEST_CASE("watch: exporters are called as their hosts") {
  MonitorBench bench;
  bench.add_exporter("192.0.2.1");
  bench.add_exporter("192.0.2.99");
  bench.seed_zabbix();
  Monitor monitor(bench.settings, bench.store, bench.exporters, bench.clock, "1");
  CHECK(monitor.device_names()->empty());
  monitor.run_api_round();
  CHECK(*monitor.device_names() == std::map<IpAddress, std::string>{{ip("192.0.2.1"), "Edge router"}});
}

TEST_CASE("watch: names and links are there after a restart while the token is dead") {
  MonitorBench bench;
  bench.add_exporter("192.0.2.1");
  bench.seed_zabbix();
  {
    Monitor monitor(bench.settings, bench.store, bench.exporters, bench.clock, "1");
    monitor.run_api_round();
  }
  bench.api.set_body(
      R"({"jsonrpc":"2.0","error":{"code":-32602,"message":"Invalid params.","data":"Not authorized."},"id":1})");
  Monitor monitor(bench.settings, bench.store, bench.exporters, bench.clock, "1");
  monitor.run_api_round();
  CHECK(monitor.device(ip("192.0.2.1"))->name == "Edge router");
  CHECK(monitor.interfaces(ip("192.0.2.1")).at(0).name == "Gi0/3");
  const auto status = monitor.status();
  REQUIRE(status.api);
  CHECK_FALSE(status.api->answered);
  CHECK(status.api->since_ms == bench.clock.now_ms());
  CHECK(status.api->last_error.ends_with("Invalid params. Not authorized"));
  CHECK(status.linked == 1);
}

TEST_CASE("watch: links by hand are those of the module's settings, and stay while these cannot be read") {
  MonitorBench bench;
  bench.add_exporter("192.0.2.77");
  bench.seed_zabbix();
  bench.api.set("module.get",
                json::array{json::object{{"config", {{"links", {{"192.0.2.77", "10084"}, {"nonsense", "1"}}}}}}});
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
  bench.api.set_body(
      R"({"jsonrpc":"2.0","error":{"code":-32602,"message":"Invalid params.","data":"Not authorized."},"id":1})");
  fails_with("Invalid params. Not authorized");
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
