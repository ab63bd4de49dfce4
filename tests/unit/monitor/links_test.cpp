// Which exporter is which host, and that nobody takes one from another.
#include <algorithm>
#include <filesystem>
#include <random>

#include "fixture.hpp"
#include "monitor/device_file.hpp"
#include "monitor_bench.hpp"

using namespace weir;
using namespace weir::testing;

namespace {

IpAddress ip(const char* text) { return *parse_ip_address(text); }

MonitorHost host_of(const json::object& object) {
  MonitorHost host{.hostid = text_of(object, "hostid"),
                   .host = text_of(object, "host"),
                   .name = text_of(object, "name"),
                   .inventory_name = text_of(object, "inventory_name"),
                   .addresses = {},
                   .dns_names = {}};
  if (const auto* interfaces = object.if_contains("interfaces")) {
    for (const auto& entry : interfaces->as_array()) {
      const auto& i = entry.as_object();
      const auto address = text_of(i, "ip");
      if (!i.contains("useip") || i.at("useip") != 0 || !(address.starts_with("127.") || address == "::1"))
        host.addresses.push_back(address);
      host.dns_names.push_back(text_of(i, "dns"));
    }
  }
  if (const auto* delegated = object.if_contains("delegated")) host.delegated = delegated->as_bool();
  return host;
}

}  // namespace

// tests/zabbix/module_rules asks the module the same.
TEST_CASE("links: collector and module answer as the fixtures say") {
  static constexpr const char* kWays[] = {"hand", "address", "name"};
  const auto cases = fixture(WEIR_SOURCE_DIR, "device_links.json");
  for (const auto& entry : cases) {
    const auto& c = entry.as_object();
    CAPTURE(text_of(c, "says"));
    std::vector<NamedExporter> exporters;
    KeptLinks kept;
    for (const auto& e : c.at("exporters").as_array()) {
      const auto address = ip(text_of(e.as_object(), "address").c_str());
      exporters.push_back({.address = address, .name = text_of(e.as_object(), "name")});
      if (const auto* link = e.as_object().if_contains("link")) {
        kept[address] = {.hostid = text_of(link->as_object(), "hostid"),
                         .by_hand = link->as_object().at("by_hand").as_bool()};
      }
    }
    std::vector<MonitorHost> hosts;
    for (const auto& h : c.at("hosts").as_array()) hosts.push_back(host_of(h.as_object()));
    const auto result = link_exporters(exporters, hosts, kept);
    json::object links, unsettled;
    for (const auto& [address, link] : result.links) {
      links[address.text()] = json::object{
          {"hostid", link.hostid}, {"by", kWays[static_cast<std::size_t>(link.by)]}, {"others", link.others}};
    }
    for (const auto& [address, count] : result.unsettled) unsettled[address.text()] = count;
    CHECK(links == c.at("links").as_object());
    CHECK(unsettled == (c.contains("unsettled") ? c.at("unsettled").as_object() : json::object{}));
  }
}

// Hosts come and go, take addresses and names, and super admins choose: an exporter never goes to a host that did not
// have it, but by a choice, or to the only host that fits while nobody had it before, if super admins alone may edit
// that.
TEST_CASE("links: no sequence of changes by administrators of hosts takes an exporter from its host") {
  std::mt19937 random(20'261'130);
  const auto pick = [&](std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random); };
  const std::vector<NamedExporter> exporters{
      {ip("10.0.0.1"), "edge.example.org"}, {ip("10.0.0.2"), "core"}, {ip("2001:db8::1"), ""}};
  const std::vector<std::string> addresses{"10.0.0.1", "10.0.0.2", "2001:db8::1", "10.9.9.9"},
      names{"edge", "edge.example.org", "core", "x", "y"};
  for (int run = 0; run < 200; ++run) {
    std::vector<MonitorHost> hosts;
    KeptLinks kept;
    std::map<IpAddress, std::string> owner;
    int next_id = 1;
    for (int step = 0; step < 40; ++step) {
      const auto what = pick(10);
      if (what < 4 || hosts.empty()) {
        hosts.push_back({.hostid = std::to_string(next_id++),
                         .host = names[pick(names.size())],
                         .name = names[pick(names.size())],
                         .inventory_name = {},
                         .addresses = {addresses[pick(addresses.size())]},
                         .dns_names = {},
                         .delegated = pick(2) == 0});
      } else if (what < 6) {
        hosts.erase(hosts.begin() + static_cast<std::ptrdiff_t>(pick(hosts.size())));
      } else if (what < 8) {
        hosts[pick(hosts.size())].addresses = {addresses[pick(addresses.size())], addresses[pick(addresses.size())]};
      } else if (what < 9) {
        hosts[pick(hosts.size())].host = names[pick(names.size())];
      } else {
        const auto& exporter = exporters[pick(exporters.size())].address;
        const auto& hostid = hosts[pick(hosts.size())].hostid;
        kept[exporter] = {.hostid = hostid, .by_hand = true};
        owner[exporter] = hostid;
      }
      const auto result = link_exporters(exporters, hosts, kept);
      for (const auto& [exporter, link] : result.links) {
        const auto [it, is_first] = owner.try_emplace(exporter, link.hostid);
        CHECK(it->second == link.hostid);
        if (is_first) {
          CHECK(link.others == 0);
          CHECK_FALSE(std::find_if(hosts.begin(), hosts.end(), [&](const auto& h) {
                        return h.hostid == link.hostid;
                      })->delegated);
        }
        kept.try_emplace(exporter, KeptLink{.hostid = link.hostid});
      }
      for (const auto& [exporter, count] : result.unsettled) CHECK_FALSE(result.links.contains(exporter));
    }
  }
}

TEST_CASE("devices: links, names and templates are kept over a restart, and a choice goes before what is found") {
  MonitorBench bench;
  const auto a = ip("10.0.0.1"), b = ip("10.0.0.2");
  {
    DeviceFile file(bench.settings.device_file, bench.clock);
    CHECK_FALSE(std::filesystem::exists(bench.settings.device_file));
    file.keep_found({{a, "7"}});
    file.keep_found({{a, "8"}, {b, "9"}});
    CHECK(file.links() == KeptLinks{{a, {.hostid = "7"}}, {b, {.hostid = "9"}}});
    file.set_by_hand({{b, "11"}});
    file.add_templated({"7"});
    DeviceView view;
    view.links[a] = {.hostid = "7", .host = "edge", .name = "Edge", .by = LinkedBy::kAddress, .others = 2};
    view.interfaces["7"][3] = {.name = "Gi0/3", .alias = "up", .speed_bps = 5, .in = {.itemid = "1"}, .out = {}};
    file.save_view(view);
    view.interfaces["7"].erase(3);
    view.interfaces["7"][4] = {.name = "Gi0/4", .alias = "", .speed_bps = {}, .in = {}, .out = {}};
    file.save_view(view);
    file.save_flow_times({{{"7", 4}, 1'000'000}});
  }
  DeviceFile file(bench.settings.device_file, bench.clock);
  CHECK(file.links() == KeptLinks{{a, {.hostid = "7"}}, {b, {.hostid = "11", .by_hand = true}}});
  CHECK(file.templated() == std::set<std::string>{"7"});
  CHECK(file.flow_times() == FlowTimes{{{"7", 4}, 1'000'000}});
  const auto view = file.saved_view();
  CHECK(view.links.at(a).name == "Edge");
  CHECK(view.interfaces.at("7").size() == 1);
  CHECK(view.interfaces.at("7").at(4).name == "Gi0/4");
  file.set_by_hand({});
  CHECK(file.link(b) == KeptLink{.hostid = "9"});
}
