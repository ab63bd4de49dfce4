// Each way of linking collects the hosts that fit; a host counts once, by its strongest way.
#include "monitor/device_links.hpp"

#include <algorithm>
#include <optional>
#include <unordered_map>

#include "core/trimmed_text.hpp"

namespace weir {

namespace {

// ASCII only: names of devices and of the DNS hold no other capitals that matter.
std::string lower(std::string_view text) {
  std::string out(trimmed(text));
  std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : static_cast<char>(c);
  });
  return out;
}

using Candidates = std::map<std::size_t, LinkedBy>;  // index of a host that fits, and how

// The index of the host that has the exporter.
std::optional<std::size_t> settle(const Candidates& candidates, const KeptLink* kept,
                                  const std::vector<MonitorHost>& hosts,
                                  const std::unordered_map<std::string, std::size_t>& by_id) {
  if (kept == nullptr) {
    const bool may = candidates.size() == 1 && !hosts[candidates.begin()->first].delegated;
    return may ? std::optional(candidates.begin()->first) : std::nullopt;
  }
  const auto host = by_id.find(kept->hostid);
  if (host == by_id.end()) return std::nullopt;
  return kept->by_hand || candidates.contains(host->second) ? std::optional(host->second) : std::nullopt;
}

}  // namespace

DeviceLinks link_exporters(const std::vector<NamedExporter>& exporters, const std::vector<MonitorHost>& hosts,
                           const KeptLinks& kept) {
  std::unordered_map<IpAddress, Candidates> found;
  // Also the part of a name before its first dot.
  std::unordered_map<std::string, std::vector<IpAddress>> by_name;
  for (const auto& e : exporters) {
    found[e.address];
    const auto name = lower(e.name);
    if (name.empty() || parse_ip_address(name)) continue;
    by_name[name].push_back(e.address);
    if (const auto dot = name.find('.'); dot != std::string::npos && dot > 0)
      by_name[name.substr(0, dot)].push_back(e.address);
  }

  std::unordered_map<std::string, std::size_t> by_id;
  for (std::size_t h = 0; h < hosts.size(); ++h) {
    const auto& host = hosts[h];
    by_id[host.hostid] = h;
    for (const auto& text : host.addresses) {
      const auto address = parse_ip_address(trimmed(text));
      if (!address) continue;
      if (const auto it = found.find(*address); it != found.end()) it->second.emplace(h, LinkedBy::kAddress);
    }
    std::vector<std::string> names{host.host, host.name, host.inventory_name};
    names.insert(names.end(), host.dns_names.begin(), host.dns_names.end());
    for (const auto& name : names) {
      const auto it = by_name.find(lower(name));
      if (it == by_name.end()) continue;
      for (const auto& address : it->second) found[address].emplace(h, LinkedBy::kName);
    }
  }

  DeviceLinks result;
  for (const auto& [address, candidates] : found) {
    const auto known = kept.find(address);
    const auto* before = known == kept.end() ? nullptr : &known->second;
    const auto chosen = settle(candidates, before, hosts, by_id);
    if (!chosen) {
      if (!candidates.empty()) result.unsettled[address] = static_cast<std::uint32_t>(candidates.size());
      continue;
    }
    const auto& h = hosts[*chosen];
    const auto fits = candidates.find(*chosen);
    result.links[address] = {
        .hostid = h.hostid,
        .host = h.host,
        .name = h.name,
        .by = before != nullptr && before->by_hand ? LinkedBy::kHand : fits->second,
        .others = static_cast<std::uint32_t>(candidates.size() - (fits == candidates.end() ? 0 : 1))};
  }
  return result;
}

}  // namespace weir
