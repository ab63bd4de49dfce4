// Hosts are read each time, interfaces when a host is new and else every few times: they change seldom and are many.
#include "monitor/device_watch.hpp"

#include <algorithm>
#include <set>

#include "core/log.hpp"
#include "monitor/json_fields.hpp"

namespace weir {

namespace json = boost::json;

namespace {

constexpr const char* kMacro = "{$WEIR.EXPORTER}";
constexpr std::int64_t kInterfacesEvery = 5;  // refreshes
constexpr std::size_t kHostsPerCall = 20;

MonitorHost host_of(const json::object& answer) {
  MonitorHost host{.hostid = text_field(answer, "hostid"), .host = text_field(answer, "host"), .name = text_field(answer, "name"),
                   .monitored = text_field(answer, "status") == "0", .inventory_name = {}, .exporters = {}, .addresses = {}, .dns_names = {}};
  // An empty list when the inventory is off.
  if (const auto* inventory = answer.if_contains("inventory"); inventory && inventory->is_object()) host.inventory_name = text_field(inventory->as_object(), "name");
  for_each_object(answer, "interfaces", [&](const json::object& i) {
    const auto ip = text_field(i, "ip");
    // What Zabbix leaves in an interface that is reached by its DNS name.
    const bool left_over = text_field(i, "useip") == "0" && (ip.starts_with("127.") || ip == "::1");
    if (!left_over) host.addresses.push_back(ip);
    host.dns_names.push_back(text_field(i, "dns"));
  });
  for_each_object(answer, "macros", [&](const json::object& m) {
    if (text_field(m, "macro") == kMacro) host.exporters = text_field(m, "value");
  });
  return host;
}

}  // namespace

const InterfaceMap* DeviceView::interfaces_of(const IpAddress& exporter) const {
  const auto link = links.find(exporter);
  if (link == links.end()) return nullptr;
  const auto found = interfaces.find(link->second.hostid);
  return found == interfaces.end() ? nullptr : &found->second;
}

DeviceWatch::DeviceWatch(const MonitorSettings& settings, ZabbixApi& api, const ExporterTable& exporters, const Clock& clock)
    : settings_(settings), api_(api), exporters_(exporters), clock_(clock) {}

Result<std::vector<MonitorHost>> DeviceWatch::read_hosts() {
  const auto answer = api_.call("host.get", {{"output", {"hostid", "host", "name", "status"}}, {"selectInterfaces", {"ip", "dns", "useip"}},
                                             {"selectInventory", json::array{"name"}}, {"selectMacros", {"macro", "value"}}});
  if (!answer) return answer.error();
  std::vector<MonitorHost> hosts;
  if (!answer->is_array()) return error("host.get: the answer is no list");
  for (const auto& entry : answer->as_array()) {
    if (entry.is_object()) hosts.push_back(host_of(entry.as_object()));
  }
  return hosts;
}

Result<std::map<std::string, InterfaceMap>> DeviceWatch::read_interfaces(const std::map<IpAddress, DeviceLink>& links) {
  std::set<std::string> ids;
  for (const auto& [address, link] : links) ids.insert(link.hostid);
  const std::vector<std::string> hostids(ids.begin(), ids.end());
  std::map<std::string, InterfaceMap> interfaces;
  std::uint64_t cut = 0;
  for (std::size_t at = 0; at < hostids.size(); at += kHostsPerCall) {
    json::array some;
    for (std::size_t i = at; i < std::min(hostids.size(), at + kHostsPerCall); ++i) some.emplace_back(hostids[i]);
    const auto answer = api_.call("item.get", {{"output", {"itemid", "hostid", "key_", "name", "snmp_oid", "units", "value_type", "lastvalue"}},
                                               {"selectTags", {"tag", "value"}}, {"hostids", some}, {"startSearch", true}, {"searchByAny", true},
                                               {"search", {{"key_", {"net.if.in[", "net.if.out[", "net.if.speed["}}}}});
    if (!answer) return answer.error();
    if (!answer->is_array()) return error("item.get: the answer is no list");
    for (const auto& entry : answer->as_array()) {
      if (!entry.is_object()) continue;
      const auto hostid = text_field(entry.as_object(), "hostid");
      if (ids.contains(hostid) && !add_interface_item(entry.as_object(), settings_.max_interfaces, interfaces[hostid])) ++cut;
    }
  }
  cut_interfaces_ = cut;
  return interfaces;
}

Result<DeviceView> DeviceWatch::read() {
  const auto hosts = read_hosts();
  if (!hosts) return hosts.error();
  hosts_ = hosts->size();
  std::vector<NamedExporter> exporters;
  for (const auto* e : exporters_.all()) exporters.push_back({.address = e->address, .name = e->name.with([](const std::string& n) { return n; })});
  DeviceView next{.links = link_exporters(exporters, *hosts), .interfaces = {}};
  const auto known = view();
  const bool has_new = std::any_of(next.links.begin(), next.links.end(), [&](const auto& l) { return !known->interfaces.contains(l.second.hostid); });
  const auto now = clock_.now_ms();
  if (!has_new && now - interfaces_ms_ < kInterfacesEvery * settings_.refresh_ms && now >= interfaces_ms_) {
    next.interfaces = known->interfaces;
    return next;
  }
  auto interfaces = read_interfaces(next.links);
  if (!interfaces) return interfaces.error();
  next.interfaces = std::move(*interfaces);
  for (const auto& [address, link] : next.links) next.interfaces[link.hostid];
  interfaces_ms_ = now;
  return next;
}

void DeviceWatch::refresh() {
  const auto now = clock_.now_ms();
  const auto wait_ms = next_ms_ - now;
  if ((wait_ms > 0 && wait_ms <= settings_.refresh_ms) || !api_.is_due()) return;
  auto next = read();
  if (!next) {
    // The pause after it is the API's.
    const bool changed = status_.with([&](WatchStatus& s) {
      s.answered = false;
      return std::exchange(s.last_error, next.error().message) != next.error().message;
    });
    if (changed) log_of("monitor")->warn("Zabbix: {}; devices and interfaces stay as they were last known", next.error().message);
    return;
  }
  next_ms_ = now + settings_.refresh_ms;
  const auto linked = next->links.size();
  view_.with([&](auto& v) { v = std::make_shared<const DeviceView>(std::move(*next)); });
  const bool first = status_.with([&](WatchStatus& s) {
    const bool before = s.answered;
    s = {.answered = true, .zabbix_version = api_.version(), .last_error = {}, .hosts = hosts_, .cut_interfaces = cut_interfaces_, .refreshed_ms = now};
    return !before;
  });
  if (first) log_of("monitor")->info("Zabbix {} answers: {} hosts, {} exporters linked", api_.version(), hosts_, linked);
}

}  // namespace weir
