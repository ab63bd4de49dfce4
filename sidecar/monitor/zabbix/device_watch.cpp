// Hosts are read each time, interfaces when a host is new and else every few times: they change seldom and are many.
#include "monitor/zabbix/device_watch.hpp"

#include <algorithm>

#include "core/counted.hpp"
#include "core/log.hpp"
#include "monitor/zabbix/counter_history.hpp"
#include "monitor/zabbix/json_fields.hpp"
#include "monitor/zabbix/template_revision.hpp"

namespace weir {

namespace json = boost::json;

namespace {

constexpr const char* kModule = "weir";
constexpr const char* kTemplate = "Weir exporter";
constexpr const char* kCollectorTemplate = "Weir collector";
constexpr const char* kTemplateItem =
    "weir.exporter.lastseen";                 // a host has it by the template, or by one that holds it
constexpr std::int64_t kInterfacesEvery = 5;  // refreshes
constexpr std::int64_t kTemplateAgainMs = 3'600'000;
constexpr std::size_t kHostsPerCall = 20;
constexpr std::size_t kTemplatesPerRound = 20;

// How host groups are called since then (Zabbix API, changes from 6.0 to 6.2).
bool has_host_groups(const ZabbixApi& api) { return is_version_from(api.version(), 6, 2); }

MonitorHost host_of(const json::object& answer, const char* groups) {
  MonitorHost host{.hostid = text_field(answer, "hostid"),
                   .host = text_field(answer, "host"),
                   .name = text_field(answer, "name"),
                   .inventory_name = {},
                   .addresses = {},
                   .dns_names = {}};
  // An empty list when the inventory is off.
  if (const auto* inventory = answer.if_contains("inventory"); inventory && inventory->is_object())
    host.inventory_name = text_field(inventory->as_object(), "name");
  for_each_object(answer, "interfaces", [&](const json::object& i) {
    const auto ip = text_field(i, "ip");
    // What Zabbix leaves in an interface that is reached by its DNS name.
    const bool left_over = text_field(i, "useip") == "0" && (ip.starts_with("127.") || ip == "::1");
    if (!left_over) host.addresses.push_back(ip);
    host.dns_names.push_back(text_field(i, "dns"));
  });
  for_each_object(answer, groups,
                  [&](const json::object& group) { host.groupids.push_back(text_field(group, "groupid")); });
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

DeviceWatch::DeviceWatch(const MonitorSettings& settings, ZabbixApi& api, const ExporterTable& exporters,
                         DeviceFile& file, const Clock& clock)
    : settings_(settings), api_(api), exporters_(exporters), file_(file), clock_(clock) {
  auto saved = file_.saved_view();
  known_ = !saved.links.empty();
  publish(std::move(saved));
}

Result<std::vector<MonitorHost>> DeviceWatch::read_hosts() {
  if (auto ready = api_.ready(); !ready) return ready.error();
  // Its groups in the same answer: a host that is deleted just then would look like one that nobody else may edit.
  const bool renamed = has_host_groups(api_);
  const auto answer = api_.call("host.get", {{"output", {"hostid", "host", "name"}},
                                             {"selectInterfaces", {"ip", "dns", "useip"}},
                                             {"selectInventory", json::array{"name"}},
                                             {renamed ? "selectHostGroups" : "selectGroups", json::array{"groupid"}}});
  if (!answer) return answer.error();
  std::vector<MonitorHost> hosts;
  if (!answer->is_array()) return error("host.get: the answer is no list");
  for (const auto& entry : answer->as_array()) {
    if (entry.is_object()) hosts.push_back(host_of(entry.as_object(), renamed ? "hostgroups" : "groups"));
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
  trusts_administrators_ = false;
  std::map<IpAddress, std::string> hostids;
  for (const auto& entry : answer->as_array()) {
    const auto* config = entry.is_object() ? entry.as_object().if_contains("config") : nullptr;
    const auto* trust =
        config != nullptr && config->is_object() ? config->as_object().if_contains("trust_administrators") : nullptr;
    trusts_administrators_ = trust != nullptr && *trust == json::value(1);
    const auto* links = config != nullptr && config->is_object() ? config->as_object().if_contains("links") : nullptr;
    if (links == nullptr || !links->is_object()) continue;
    for (const auto& [address, hostid] : links->as_object()) {
      const auto parsed = parse_ip_address(address);
      if (parsed && hostid.is_string()) hostids[*parsed] = plain_line(hostid.as_string(), kMaxFieldBytes);
    }
  }
  file_.set_by_hand(hostids);
}

// Users of the type Admin with write access to a group of a host may edit it.
Result<std::set<std::string>> DeviceWatch::read_delegated_groups() {
  constexpr std::string_view kAdmin = "2", kReadWrite = "3";
  const bool old = !has_host_groups(api_);
  const char* rights = old ? "rights" : "hostgroup_rights";
  const auto roles = api_.try_call("role.get", {{"output", {"roleid", "type"}}});
  if (!roles) return roles.error();
  const auto groups =
      api_.try_call("usergroup.get", {{"output", {"usrgrpid"}},
                                      {"selectUsers", {"userid", "roleid"}},
                                      {old ? "selectRights" : "selectHostGroupRights", {"id", "permission"}}});
  if (!groups) return groups.error();
  if (!roles->is_array() || !groups->is_array()) return error("usergroup.get, role.get: the answer is no list");
  std::set<std::string> admins, host_groups;
  for (const auto& role : roles->as_array()) {
    if (role.is_object() && text_field(role.as_object(), "type") == kAdmin)
      admins.insert(text_field(role.as_object(), "roleid"));
  }
  for (const auto& group : groups->as_array()) {
    if (!group.is_object()) continue;
    bool has_admin = false;
    for_each_object(group.as_object(), "users", [&](const json::object& user) {
      has_admin = has_admin || admins.contains(text_field(user, "roleid"));
    });
    for_each_object(group.as_object(), rights, [&](const json::object& right) {
      if (has_admin && text_field(right, "permission") == kReadWrite) host_groups.insert(text_field(right, "id"));
    });
  }
  return host_groups;
}

void DeviceWatch::mark_delegated(std::vector<MonitorHost>& hosts) {
  if (trusts_administrators_) return;
  const auto groups = read_delegated_groups();
  if (!groups && choices_error_.empty()) choices_error_ = groups.error().message;
  for (auto& host : hosts) {
    host.delegated = !groups || host.groupids.empty() ||
                     std::any_of(host.groupids.begin(), host.groupids.end(),
                                 [&](const auto& groupid) { return groups->contains(groupid); });
  }
}

Result<std::map<std::string, DeviceInterfaces>> DeviceWatch::read_interfaces(const std::set<std::string>& hosts) {
  const std::vector<std::string> hostids(hosts.begin(), hosts.end());
  std::map<std::string, DeviceInterfaces> interfaces;
  std::uint64_t cut = 0;
  for (std::size_t at = 0; at < hostids.size(); at += kHostsPerCall) {
    const std::set<std::string> some(
        hostids.begin() + static_cast<std::ptrdiff_t>(at),
        hostids.begin() + static_cast<std::ptrdiff_t>(std::min(hostids.size(), at + kHostsPerCall)));
    const auto answer = api_.call(
        "item.get", {{"output", {"itemid", "hostid", "key_", "name", "snmp_oid", "units", "value_type", "lastvalue"}},
                     {"selectTags", {"tag", "value"}},
                     {"hostids", array_of(some)},
                     {"startSearch", true},
                     {"searchByAny", true},
                     {"search", {{"key_", {"net.if.in[", "net.if.out[", "net.if.speed["}}}}});
    if (!answer) return answer.error();
    if (!answer->is_array()) return error("item.get: the answer is no list");
    for (const auto& entry : answer->as_array()) {
      if (!entry.is_object()) continue;
      const auto hostid = text_field(entry.as_object(), "hostid");
      if (hosts.contains(hostid) &&
          !add_interface_item(entry.as_object(), settings_.max_interfaces, interfaces[hostid]))
        ++cut;
    }
  }
  cut_interfaces_ = cut;
  return interfaces;
}

Result<void> DeviceWatch::read_templates(const std::set<std::string>& hostids, DeviceView& view) {
  if (hostids.empty()) return {};
  const auto answer = api_.call(
      "item.get", {{"output", {"hostid"}}, {"hostids", array_of(hostids)}, {"filter", {{"key_", kTemplateItem}}}});
  if (!answer) return answer.error();
  if (!answer->is_array()) return error("item.get: the answer is no list");
  for (const auto& hostid : hostids) view.has_template[hostid] = false;
  for (const auto& entry : answer->as_array()) {
    if (!entry.is_object()) continue;
    if (const auto host = view.has_template.find(text_field(entry.as_object(), "hostid"));
        host != view.has_template.end())
      host->second = true;
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
    const bool rests =
        tried != template_tries_ms_.end() && now >= tried->second && now - tried->second < kTemplateAgainMs;
    if (!has && !rests && !templated.contains(hostid) && missing.size() < kTemplatesPerRound) missing.push_back(hostid);
  }
  for (const auto& hostid : template_id_.empty() ? std::vector<std::string>{} : missing) {
    template_tries_ms_[hostid] = now;
    const auto linked =
        api_.try_call("host.massadd", {{"hosts", json::array{json::object{{"hostid", hostid}}}},
                                       {"templates", json::array{json::object{{"templateid", template_id_}}}}});
    template_error_ = linked ? "" : linked.error().message;
    if (!linked) continue;
    view.has_template[hostid] = true;
    have.insert(hostid);
  }
  file_.add_templated(have);
}

void DeviceWatch::look_at_templates() {
  template_id_.clear();
  template_state_ = TemplateState::kUnknown;
  const auto templates = api_.try_call("template.get", {{"output", {"templateid", "host", "description"}},
                                                        {"filter", {{"host", {kTemplate, kCollectorTemplate}}}}});
  if (!templates || !templates->is_array()) {
    lookup_error_ = templates ? "template.get: the answer is no list" : templates.error().message;
    return;
  }
  std::size_t found = 0, current = 0;
  for (const auto& entry : templates->as_array()) {
    if (!entry.is_object()) continue;
    ++found;
    if (text_field(entry.as_object(), "host") == kTemplate) template_id_ = text_field(entry.as_object(), "templateid");
    if (text_field(entry.as_object(), "description").find(kTemplateRevision) != std::string::npos) ++current;
  }
  template_state_ = found < 2 ? TemplateState::kMissing : current < 2 ? TemplateState::kOld : TemplateState::kCurrent;
  lookup_error_ = template_id_.empty() ? std::string("the template ") + kTemplate + " is not imported" : "";
}

Result<DeviceView> DeviceWatch::read() {
  auto hosts = read_hosts();
  if (!hosts) return hosts.error();
  hosts_ = hosts->size();
  std::vector<NamedExporter> exporters;
  for (const auto* e : exporters_.all())
    exporters.push_back({.address = e->address, .name = e->name.with([](const std::string& n) { return n; })});
  read_choices();
  // Also while no exporter is new: that it cannot be read is told before one comes.
  mark_delegated(*hosts);
  auto linked = link_exporters(exporters, *hosts, file_.links());
  DeviceView next{
      .links = std::move(linked.links), .unsettled = std::move(linked.unsettled), .interfaces = {}, .has_template = {}};
  const auto hostids = hosts_of(next.links);
  if (auto read = read_templates(hostids, next); !read) return read.error();
  const auto known = view();
  const bool has_new = std::any_of(hostids.begin(), hostids.end(),
                                   [&](const auto& hostid) { return !known->interfaces.contains(hostid); });
  const auto now = clock_.now_ms();
  if (!has_new && interfaces_ms_ != 0 && now - interfaces_ms_ < kInterfacesEvery * settings_.refresh_ms &&
      now >= interfaces_ms_) {
    next.interfaces = known->interfaces;
    return next;
  }
  auto interfaces = read_interfaces(hostids);
  if (!interfaces) return interfaces.error();
  for (const auto& hostid : hostids) {
    auto& of = (*interfaces)[hostid];
    add_named_interfaces(of.by_name, of.by_index);
    next.interfaces[hostid] = std::move(of.by_index);
  }
  interfaces_ms_ = now;
  return next;
}

void DeviceWatch::publish(DeviceView view) {
  std::map<IpAddress, std::string> names;
  for (const auto& [address, link] : view.links) names[address] = link.name;
  names_.with([&](auto& n) { n = std::make_shared<const std::map<IpAddress, std::string>>(std::move(names)); });
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
    if (changed)
      log_of("monitor")->warn("Zabbix: {}; devices and interfaces stay as they were last known", next.error().message);
    return;
  }
  next_ms_ = now + settings_.refresh_ms;
  look_at_templates();
  link_templates(*next);
  std::map<IpAddress, std::string> found;
  for (const auto& [address, link] : next->links) {
    if (link.by != LinkedBy::kHand) found[address] = link.hostid;
  }
  file_.keep_found(found);
  file_.save_view(*next);
  const auto linked = next->links.size();
  const auto without =
      std::count_if(next->has_template.begin(), next->has_template.end(), [](const auto& one) { return !one.second; });
  publish(std::move(*next));
  known_ = true;
  const bool first = status_.with([&](WatchStatus& s) {
    const bool before = s.answered;
    s = {.answered = true,
         .since_ms = before ? s.since_ms : now,
         .zabbix_version = api_.version(),
         .last_error = {},
         .hosts = hosts_,
         .cut_interfaces = cut_interfaces_,
         .refreshed_ms = now,
         .without_template = static_cast<std::uint64_t>(without),
         .choices_error = choices_error_,
         .template_error = without == 0            ? ""
                           : lookup_error_.empty() ? template_error_
                                                   : lookup_error_,
         .templates = template_state_,
         .clock_apart_ms = api_.clock_apart_ms()};
    return !before;
  });
  if (first)
    log_of("monitor")->info("Zabbix {} answers: {}, {} linked", api_.version(), counted(hosts_, "host", "hosts"),
                            counted(linked, "exporter", "exporters"));
}

Result<void> DeviceWatch::read_counters(const std::vector<CounterQuestion>& wanted, const TakeSample& take) {
  return read_counter_history(api_, wanted, clock_.now_ms() / 1000, take);
}

}  // namespace weir
