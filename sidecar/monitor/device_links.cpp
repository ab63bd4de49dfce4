// Each way of linking collects the hosts that fit; the strongest way that found any decides.
#include "monitor/device_links.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>
#include <unordered_map>

namespace weir {

namespace {

// The three of LinkedBy, then a name without its domain: another site may have a device of that short name.
constexpr std::size_t kWays = 4, kShortName = 3;

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  return first == std::string_view::npos ? std::string_view() : text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

// ASCII only: names of devices and of the DNS hold no other capitals that matter.
std::string lower(std::string_view text) {
  std::string out(trimmed(text));
  std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : static_cast<char>(c); });
  return out;
}

std::uint64_t id_number(const std::string& id) {
  std::uint64_t number = 0;
  std::from_chars(id.data(), id.data() + id.size(), number);
  return number;
}

using Candidates = std::array<std::set<std::size_t>, kWays>;  // indices of hosts, by way

}  // namespace

std::map<IpAddress, DeviceLink> link_exporters(const std::vector<NamedExporter>& exporters, const std::vector<MonitorHost>& hosts) {
  std::unordered_map<IpAddress, Candidates> found;
  std::unordered_map<std::string, std::vector<std::pair<IpAddress, std::size_t>>> by_name;  // with the way
  for (const auto& e : exporters) {
    found[e.address];
    const auto name = lower(e.name);
    if (name.empty() || parse_ip_address(name)) continue;
    by_name[name].emplace_back(e.address, static_cast<std::size_t>(LinkedBy::kName));
    if (const auto dot = name.find('.'); dot != std::string::npos && dot > 0) by_name[name.substr(0, dot)].emplace_back(e.address, kShortName);
  }

  for (std::size_t h = 0; h < hosts.size(); ++h) {
    const auto add = [&](std::string_view text, LinkedBy by) {
      const auto address = parse_ip_address(trimmed(text));
      if (!address) return;
      if (const auto it = found.find(*address); it != found.end()) it->second[static_cast<std::size_t>(by)].insert(h);
    };
    const auto& host = hosts[h];
    for (std::size_t at = 0; at < host.exporters.size();) {
      const auto comma = std::min(host.exporters.find(',', at), host.exporters.size());
      add(std::string_view(host.exporters).substr(at, comma - at), LinkedBy::kHand);
      at = comma + 1;
    }
    for (const auto& address : host.addresses) add(address, LinkedBy::kAddress);
    std::vector<std::string> names{host.host, host.name, host.inventory_name};
    names.insert(names.end(), host.dns_names.begin(), host.dns_names.end());
    for (const auto& name : names) {
      const auto it = by_name.find(lower(name));
      if (it == by_name.end()) continue;
      for (const auto& [address, way] : it->second) found[address][way].insert(h);
    }
  }

  std::map<IpAddress, DeviceLink> links;
  for (const auto& [address, candidates] : found) {
    for (std::size_t way = 0; way < kWays; ++way) {
      if (candidates[way].empty()) continue;
      const auto best = *std::min_element(candidates[way].begin(), candidates[way].end(), [&](auto a, auto b) {
        if (hosts[a].monitored != hosts[b].monitored) return hosts[a].monitored;
        return id_number(hosts[a].hostid) < id_number(hosts[b].hostid);
      });
      const auto& h = hosts[best];
      links[address] = {.hostid = h.hostid, .host = h.host, .name = h.name, .by = way == kShortName ? LinkedBy::kName : static_cast<LinkedBy>(way),
                        .others = static_cast<std::uint32_t>(candidates[way].size() - 1)};
      break;
    }
  }
  return links;
}

}  // namespace weir
