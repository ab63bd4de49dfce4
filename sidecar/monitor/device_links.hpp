// Which exporter is which host of Zabbix, as plugin/zabbix/README.md says ("Which exporter is which host") and as the
// module reckons, too (lib/anymonitor/LinkRules.php); tests/support/zabbix/device_links.json holds what both must
// answer. Pure; any thread.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/ip_address.hpp"

namespace weir {

struct MonitorHost {
  std::string hostid, host, name;  // id, technical name, visible name
  std::string inventory_name;
  std::vector<std::string> addresses, dns_names;  // of its interfaces
  std::vector<std::string> groupids{};
  bool delegated = false;  // others than super admins may edit it
};

struct NamedExporter {
  IpAddress address;
  std::string name;  // may be empty
};

enum class LinkedBy : std::uint8_t { kHand, kAddress, kName };

struct DeviceLink {
  std::string hostid, host, name;
  LinkedBy by = LinkedBy::kHand;
  std::uint32_t others = 0;  // hosts that fit as well
  friend bool operator==(const DeviceLink&, const DeviceLink&) = default;
};

// The host that an exporter was linked to last. `by_hand`: a super admin chose it.
struct KeptLink {
  std::string hostid;
  bool by_hand = false;
  friend bool operator==(const KeptLink&, const KeptLink&) = default;
};
using KeptLinks = std::map<IpAddress, KeptLink>;

struct DeviceLinks {
  std::map<IpAddress, DeviceLink> links;
  // Exporters that no host has until a super admin has chosen: how many hosts fit. Several do, or one that is not the
  // host before, or one that is delegated.
  std::map<IpAddress, std::uint32_t> unsettled;
};

// A host's administrator decides its addresses and names. So a host that fits never takes an exporter from another: not
// from the one that it was linked to before, and not from one that fits as well. And one that is delegated gets none by
// itself: who may edit it would see more than before.
DeviceLinks link_exporters(const std::vector<NamedExporter>& exporters, const std::vector<MonitorHost>& hosts,
                           const KeptLinks& kept);

}  // namespace weir
