// Which exporter is which host, which item is which interface, and how the API of either Zabbix is asked for them.
#include "fake_zabbix.hpp"
#include "monitor/device_watch.hpp"
#include "monitor_bench.hpp"
#include "support/catch.hpp"

using namespace weir;
using namespace weir::testing;

namespace {

IpAddress ip(const char* text) { return *parse_ip_address(text); }

MonitorHost host(const std::string& id, const std::string& name, std::vector<std::string> addresses, const std::string& macro = "") {
  return {.hostid = id, .host = name, .name = name + " visible", .monitored = true, .inventory_name = {}, .exporters = macro, .addresses = std::move(addresses), .dns_names = {}};
}

std::string linked(const std::vector<NamedExporter>& exporters, const std::vector<MonitorHost>& hosts, const char* address) {
  const auto links = link_exporters(exporters, hosts);
  const auto it = links.find(ip(address));
  return it == links.end() ? "" : it->second.hostid + "/" + std::to_string(static_cast<int>(it->second.by)) + "/" + std::to_string(it->second.others);
}

}  // namespace

TEST_CASE("links: macro before address before name") {
  const std::vector<NamedExporter> one{{ip("10.0.0.1"), "Edge.example.org"}};
  auto by_name = host("3", "EDGE", {});
  CHECK(linked(one, {by_name}, "10.0.0.1") == "3/2/0");
  CHECK(linked(one, {by_name, host("4", "b", {"10.0.0.1"})}, "10.0.0.1") == "4/1/0");
  CHECK(linked(one, {by_name, host("4", "b", {"10.0.0.1"}), host("5", "c", {}, "10.9.9.9, 10.0.0.1 ")}, "10.0.0.1") == "5/0/0");
  CHECK(linked(one, {host("4", "b", {"10.0.0.2"})}, "10.0.0.1").empty());
  auto inventory = host("6", "x", {});
  inventory.inventory_name = "edge.EXAMPLE.org";
  CHECK(linked(one, {inventory}, "10.0.0.1") == "6/2/0");
  auto dns = host("7", "y", {});
  dns.dns_names = {"edge"};
  CHECK(linked(one, {dns}, "10.0.0.1") == "7/2/0");
  // A name that is an address, or none, links nothing by name; spellings of an address are one.
  CHECK(linked({{ip("10.0.0.1"), "10.0.0.1"}}, {host("8", "10.0.0.1", {})}, "10.0.0.1").empty());
  CHECK(linked({{ip("10.0.0.1"), ""}}, {host("8", "", {})}, "10.0.0.1").empty());
  CHECK(linked({{ip("2001:db8::1"), ""}}, {host("8", "z", {}, "2001:DB8:0:0::1")}, "2001:db8::1") == "8/0/0");
}

TEST_CASE("links: a whole name before a short one, which another site may have too") {
  const std::vector<NamedExporter> one{{ip("10.0.0.1"), "gw.site-b.example.org"}};
  CHECK(linked(one, {host("3", "gw", {}), host("9", "gw.site-b.example.org", {})}, "10.0.0.1") == "9/2/0");
  CHECK(linked(one, {host("3", "gw", {})}, "10.0.0.1") == "3/2/0");
}

TEST_CASE("links: of several hosts a monitored one, then the oldest") {
  const std::vector<NamedExporter> one{{ip("10.0.0.1"), ""}};
  auto off = host("9", "a", {"10.0.0.1"});
  off.monitored = false;
  CHECK(linked(one, {off, host("10084", "b", {"10.0.0.1"}), host("999", "c", {"10.0.0.1"})}, "10.0.0.1") == "999/1/2");
  CHECK(linked(one, {off}, "10.0.0.1") == "9/1/0");
}

TEST_CASE("interfaces: ifIndex from the key or the OID") {
  using What = InterfaceKey::What;
  const auto key = [](const char* k, const char* oid = "") {
    const auto found = parse_interface_key(k, oid);
    return found ? std::to_string(static_cast<int>(found->what)) + ":" + std::to_string(found->index) + (found->high_capacity ? "h" : "") : "";
  };
  CHECK(parse_interface_key("net.if.in[ifHCInOctets.3]", "")->what == What::kIn);
  CHECK(key("net.if.in[ifHCInOctets.3]") == "0:3h");
  CHECK(key("net.if.out[ifHCOutOctets.12]") == "1:12h");
  CHECK(key("net.if.out[ifOutOctets.4294967295]") == "1:4294967295");
  CHECK(key("net.if.speed[ifHighSpeed.3]") == "2:3h");
  CHECK(key("net.if.in[Gi0/3]", "1.3.6.1.2.1.31.1.1.1.6.3") == "0:3h");
  CHECK(key("net.if.in[Gi0/3]", "get[.1.3.6.1.2.1.31.1.1.1.10.7]") == "1:7h");
  CHECK(key("net.if.in[Gi0/3]", "IF-MIB::ifInOctets.5") == "0:5");
  for (const char* other : {"net.if.in.errors[ifInErrors.3]", "net.if.in[eth0]", "net.if.in[ifHCInOctets.3", "net.if.in[ifHCInOctets.x]", "net.if.in[ifHCInOctets.0]",
                            "net.if.in[ifHCInOctets.99999999999]", "system.cpu", ""}) {
    CHECK(key(other).empty());
  }
}

TEST_CASE("interfaces: names from tags or the item's name; the 64 bit counter wins") {
  InterfaceMap map;
  const auto add = [&](json::object item) { return add_interface_item(item, 2, map); };
  CHECK(add({{"itemid", "1"}, {"key_", "net.if.in[ifInOctets.3]"}, {"name", "Interface Gi0/3(up(link)): Bits received"}, {"units", "bps"}, {"value_type", "3"}}));
  CHECK(add({{"itemid", "2"}, {"key_", "net.if.in[ifHCInOctets.3]"}, {"name", "x"}, {"units", "bps"}, {"value_type", "3"}}));
  CHECK(add({{"itemid", "3"}, {"key_", "net.if.in[ifInOctets.3]"}, {"name", "x"}, {"units", "bps"}}));
  CHECK(add({{"itemid", "4"}, {"key_", "net.if.speed[ifHighSpeed.3]"}, {"lastvalue", "1000000000"}}));
  CHECK(map.at(3).name == "Gi0/3");
  CHECK(map.at(3).alias == "up(link)");
  CHECK(map.at(3).speed_bps == 1'000'000'000);
  CHECK(map.at(3).in.itemid == "2");
  CHECK(map.at(3).in.is_comparable());
  CHECK_FALSE(map.at(3).out.is_comparable());
  CHECK(add({{"itemid", "5"}, {"key_", "net.if.out[ifHCOutOctets.4]"}, {"name", "x"}, {"units", "B"},
             {"tags", json::array{{{"tag", "interface"}, {"value", "Gi0/4\n"}}, {{"tag", "description"}, {"value", "lab"}}}}}));
  CHECK(map.at(4).name == "Gi0/4 ");
  CHECK(map.at(4).alias == "lab");
  CHECK_FALSE(map.at(4).out.is_comparable());
  CHECK_FALSE(add({{"itemid", "6"}, {"key_", "net.if.in[ifHCInOctets.5]"}}));
  CHECK(map.size() == 2);
}

TEST_CASE("watch: hosts and interfaces by the API, the token as the version wants it") {
  MonitorBench bench;
  bench.add_exporter("192.0.2.1");
  bench.seed_zabbix();
  bench.api.set_version("6.0.14");
  ZabbixApi api(bench.settings, bench.clock, nullptr);
  DeviceWatch watch(bench.settings, api, bench.exporters, bench.clock);
  watch.refresh();
  CHECK(watch.status().answered);
  CHECK(watch.status().zabbix_version == "6.0.14");
  const auto link = watch.view()->links.at(ip("192.0.2.1"));
  CHECK(link.hostid == "10084");
  CHECK(link.name == "Edge router");
  CHECK(watch.view()->interfaces_of(ip("192.0.2.1"))->at(3).name == "Gi0/3");
  CHECK(watch.view()->interfaces_of(ip("192.0.2.9")) == nullptr);

  const auto calls = bench.api.calls();
  REQUIRE(calls.size() == 3);
  CHECK(calls[0].method == "apiinfo.version");
  CHECK_FALSE(calls[0].body.contains("auth"));
  CHECK(calls[0].head.starts_with("POST /zabbix/api_jsonrpc.php HTTP/1.1"));
  CHECK(calls[1].body.at("auth") == MonitorBench::kToken);
  CHECK(calls[1].head.find("Authorization") == std::string::npos);
  CHECK(calls[1].params().at("selectInterfaces") == json::array{"ip", "dns", "useip"});
  CHECK(calls[2].params().at("hostids") == json::array{"10084"});
  CHECK(calls[2].params().at("search").at("key_").as_array().size() == 3);

  // Not before its time; then hosts again, interfaces only every few times.
  watch.refresh();
  CHECK(bench.api.calls().size() == 3);
  bench.clock.advance(bench.settings.refresh_ms);
  watch.refresh();
  CHECK(bench.api.calls("host.get").size() == 2);
  CHECK(bench.api.calls("item.get").size() == 1);
  CHECK(watch.view()->interfaces_of(ip("192.0.2.1"))->size() == 2);
  bench.clock.advance(5 * bench.settings.refresh_ms);
  watch.refresh();
  CHECK(bench.api.calls("item.get").size() == 2);
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
  DeviceWatch watch(bench.settings, api, bench.exporters, bench.clock);
  watch.refresh();
  CHECK(watch.view()->links.at(ip("127.0.0.1")).hostid == "10085");
  CHECK(watch.view()->links.at(ip("192.0.2.7")).hostid == "10086");
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
  DeviceWatch watch(bench.settings, api, bench.exporters, bench.clock);
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
