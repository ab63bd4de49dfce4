// Hosts are read each time, interfaces when a host is new and else every few times: they change seldom and are many.
#include "monitor/device_watch.hpp"

#include <algorithm>

#include "core/log.hpp"
#include "monitor/json_fields.hpp"

namespace weir {

namespace json = boost::json;

namespace {

constexpr const char* kModule = "weir";
constexpr const char* kTemplate = "Weir exporter";
constexpr const char* kTemplateItem = "weir.exporter.lastseen";  // a host has it by the template, or by one that holds it
constexpr std::int64_t kInterfacesEvery = 5;  // refreshes
constexpr std::int64_t kTemplateAgainMs = 3'600'000;
constexpr std::size_t kHostsPerCall = 20;
constexpr std::size_t kTemplatesPerRound = 20;

MonitorHost host_of(const json::object& answer) {
  MonitorHost host{.hostid = text_field(answer, "hostid"), .host = text_field(answer, "host"), .name = text_field(answer, "name"),
                   .inventory_name = {}, .addresses = {}, .dns_names = {}};
  // An empty list when the inventory is off.
  if (const auto* inventory = answer.if_contains("inventory"); inventory && inventory->is_object()) host.inventory_name = text_field(inventory->as_object(), "name");
  for_each_object(answer, "interfaces", [&](const json::object& i) {
    const auto ip = text_field(i, "ip");
    // What Zabbix leaves in an interface that is reached by its DNS name.
    const bool left_over = text_field(i, "useip") == "0" && (ip.starts_with("127.") || ip == "::1");
    if (!left_over) host.addresses.push_back(ip);
    host.dns_names.push_back(text_field(i, "dns"));
  });
  return host;
}

json::array array_of(const std::set<std::string>& texts) {
  json::array array;
  for (const auto& text : texts) array.emplace_back(text);
  return array;
}

std::set<std::string> hosts_of(const std::map<IpAddress, DeviceLink>& links) {
  std::set<std::string> ids;
  for (const auto& [address, link] : links) ids.insert(link.hostid);
  return ids;
}

}  // namespace

const InterfaceMap* DeviceView::interfaces_of(const IpAddress& exporter) const {
  const auto link = links.find(exporter);
  if (link == links.end()) return nullptr;
  const auto found = interfaces.find(link->second.hostid);
  return found == interfaces.end() ? nullptr : &found->second;
}

DeviceWatch::DeviceWatch(const MonitorSettings& settings, ZabbixApi& api, const ExporterTable& exporters, DeviceFile& file, const Clock& clock)
    : settings_(settings), api_(api), exporters_(exporters), file_(file), clock_(clock) {
  auto saved = file_.saved_view();
  known_ = !saved.links.empty();
  publish(std::move(saved));
}

Result<std::vector<MonitorHost>> DeviceWatch::read_hosts() {
  const auto answer = api_.call("host.get", {{"output", {"hostid", "host", "name"}}, {"selectInterfaces", {"ip", "dns", "useip"}},
                                             {"selectInventory", json::array{"name"}}});
  if (!answer) return answer.error();
  std::vector<MonitorHost> hosts;
  if (!answer->is_array()) return error("host.get: the answer is no list");
  for (const auto& entry : answer->as_array()) {
    if (entry.is_object()) hosts.push_back(host_of(entry.as_object()));
  }
  return hosts;
}

// Super admins alone may write the settings of a module.
void DeviceWatch::read_choices() {
  const auto answer = api_.try_call("module.get", {{"output", {"config"}}, {"filter", {{"id", kModule}}}});
  if (!answer || !answer->is_array()) {
    choices_error_ = answer ? "module.get: the answer is no list" : answer.error().message;
    return;
  }
  choices_error_.clear();
  std::map<IpAddress, std::string> hostids;
  for (const auto& entry : answer->as_array()) {
    const auto* config = entry.is_object() ? entry.as_object().if_contains("config") : nullptr;
    const auto* links = config != nullptr && config->is_object() ? config->as_object().if_contains("links") : nullptr;
    if (links == nullptr || !links->is_object()) continue;
    for (const auto& [address, hostid] : links->as_object()) {
      const auto parsed = parse_ip_address(address);
      if (parsed && hostid.is_string()) hostids[*parsed] = plain_line(hostid.as_string(), kMaxFieldBytes);
    }
  }
  file_.set_by_hand(hostids);
}

Result<std::map<std::string, DeviceInterfaces>> DeviceWatch::read_interfaces(const std::set<std::string>& hosts) {
  const std::vector<std::string> hostids(hosts.begin(), hosts.end());
  std::map<std::string, DeviceInterfaces> interfaces;
  std::uint64_t cut = 0;
  for (std::size_t at = 0; at < hostids.size(); at += kHostsPerCall) {
    const std::set<std::string> some(hostids.begin() + static_cast<std::ptrdiff_t>(at),
                                     hostids.begin() + static_cast<std::ptrdiff_t>(std::min(hostids.size(), at + kHostsPerCall)));
    const auto answer = api_.call("item.get", {{"output", {"itemid", "hostid", "key_", "name", "snmp_oid", "units", "value_type", "lastvalue"}},
                                               {"selectTags", {"tag", "value"}}, {"hostids", array_of(some)}, {"startSearch", true}, {"searchByAny", true},
                                               {"search", {{"key_", {"net.if.in[", "net.if.out[", "net.if.speed["}}}}});
    if (!answer) return answer.error();
    if (!answer->is_array()) return error("item.get: the answer is no list");
    for (const auto& entry : answer->as_array()) {
      if (!entry.is_object()) continue;
      const auto hostid = text_field(entry.as_object(), "hostid");
      if (hosts.contains(hostid) && !add_interface_item(entry.as_object(), settings_.max_interfaces, interfaces[hostid])) ++cut;
    }
  }
  cut_interfaces_ = cut;
  return interfaces;
}

Result<void> DeviceWatch::read_templates(const std::set<std::string>& hostids, DeviceView& view) {
  if (hostids.empty()) return {};
  const auto answer = api_.call("item.get", {{"output", {"hostid"}}, {"hostids", array_of(hostids)}, {"filter", {{"key_", kTemplateItem}}}});
  if (!answer) return answer.error();
  if (!answer->is_array()) return error("item.get: the answer is no list");
  for (const auto& hostid : hostids) view.has_template[hostid] = false;
  for (const auto& entry : answer->as_array()) {
    if (!entry.is_object()) continue;
    if (const auto host = view.has_template.find(text_field(entry.as_object(), "hostid")); host != view.has_template.end()) host->second = true;
  }
  return {};
}

// Once for each host: who takes the template away again has his reasons. Only with a token whose role may do it, as
// install/zabbix --login makes one; without, the settings page does it, and doctor says so.
void DeviceWatch::link_templates(DeviceView& view) {
  const auto now = clock_.now_ms();
  std::set<std::string> have;
  for (const auto& [hostid, has] : view.has_template) {
    if (has) have.insert(hostid);
  }
  const auto templated = file_.templated();
  std::vector<std::string> missing;
  for (const auto& [hostid, has] : view.has_template) {
    const auto tried = template_tries_ms_.find(hostid);
    const bool rests = tried != template_tries_ms_.end() && now >= tried->second && now - tried->second < kTemplateAgainMs;
    if (!has && !rests && !templated.contains(hostid) && missing.size() < kTemplatesPerRound) missing.push_back(hostid);
  }
  if (!missing.empty()) {
    const auto templateid = template_id();
    for (const auto& hostid : templateid ? missing : std::vector<std::string>{}) {
      template_tries_ms_[hostid] = now;
      const auto linked = api_.try_call("host.massadd", {{"hosts", json::array{json::object{{"hostid", hostid}}}}, {"templates", json::array{json::object{{"templateid", *templateid}}}}});
      template_error_ = linked ? "" : linked.error().message;
      if (!linked) continue;
      view.has_template[hostid] = true;
      have.insert(hostid);
    }
    if (!templateid) template_error_ = templateid.error().message;
  }
  file_.add_templated(have);
}

Result<std::string> DeviceWatch::template_id() {
  const auto templates = api_.try_call("template.get", {{"output", {"templateid"}}, {"filter", {{"host", kTemplate}}}});
  if (!templates) return templates.error();
  if (!templates->is_array() || templates->as_array().empty() || !templates->as_array()[0].is_object()) return error(std::string("the template ") + kTemplate + " is not imported");
  return text_field(templates->as_array()[0].as_object(), "templateid");
}

Result<DeviceView> DeviceWatch::read() {
  const auto hosts = read_hosts();
  if (!hosts) return hosts.error();
  hosts_ = hosts->size();
  std::vector<NamedExporter> exporters;
  for (const auto* e : exporters_.all()) exporters.push_back({.address = e->address, .name = e->name.with([](const std::string& n) { return n; })});
  read_choices();
  auto linked = link_exporters(exporters, *hosts, file_.links());
  DeviceView next{.links = std::move(linked.links), .unsettled = std::move(linked.unsettled), .interfaces = {}, .has_template = {}};
  const auto hostids = hosts_of(next.links);
  if (auto read = read_templates(hostids, next); !read) return read.error();
  const auto known = view();
  const bool has_new = std::any_of(hostids.begin(), hostids.end(), [&](const auto& hostid) { return !known->interfaces.contains(hostid); });
  const auto now = clock_.now_ms();
  if (!has_new && interfaces_ms_ != 0 && now - interfaces_ms_ < kInterfacesEvery * settings_.refresh_ms && now >= interfaces_ms_) {
    next.interfaces = known->interfaces;
    return next;
  }
  auto interfaces = read_interfaces(hostids);
  if (!interfaces) return interfaces.error();
  named_.clear();
  for (const auto& hostid : hostids) {
    auto& of = (*interfaces)[hostid];
    next.interfaces[hostid] = std::move(of.by_index);
    if (!of.by_name.empty()) named_[hostid] = std::move(of.by_name);
  }
  interfaces_ms_ = now;
  return next;
}

void DeviceWatch::publish(DeviceView view) {
  view_.with([&](auto& v) { v = std::make_shared<const DeviceView>(std::move(view)); });
}

void DeviceWatch::refresh() {
  const auto now = clock_.now_ms();
  const auto wait_ms = next_ms_ - now;
  if ((wait_ms > 0 && wait_ms <= settings_.refresh_ms) || !api_.is_due()) return;
  auto next = read();
  if (!next) {
    // The pause after it is the API's.
    const bool changed = status_.with([&](WatchStatus& s) {
      if (s.answered || s.since_ms == 0) s.since_ms = now;
      s.answered = false;
      return std::exchange(s.last_error, next.error().message) != next.error().message;
    });
    if (changed) log_of("monitor")->warn("Zabbix: {}; devices and interfaces stay as they were last known", next.error().message);
    return;
  }
  next_ms_ = now + settings_.refresh_ms;
  link_templates(*next);
  std::map<IpAddress, std::string> found;
  for (const auto& [address, link] : next->links) {
    if (link.by != LinkedBy::kHand) found[address] = link.hostid;
  }
  file_.keep_found(found);
  file_.save_view(*next);
  const auto linked = next->links.size();
  const auto without = std::count_if(next->has_template.begin(), next->has_template.end(), [](const auto& one) { return !one.second; });
  publish(std::move(*next));
  known_ = true;
  const bool first = status_.with([&](WatchStatus& s) {
    const bool before = s.answered;
    s = {.answered = true, .since_ms = before ? s.since_ms : now, .zabbix_version = api_.version(), .last_error = {}, .hosts = hosts_, .cut_interfaces = cut_interfaces_,
         .refreshed_ms = now, .without_template = static_cast<std::uint64_t>(without), .choices_error = choices_error_, .template_error = without == 0 ? "" : template_error_};
    return !before;
  });
  if (first) log_of("monitor")->info("Zabbix {} answers: {} hosts, {} exporters linked", api_.version(), hosts_, linked);
}

}  // namespace weir
