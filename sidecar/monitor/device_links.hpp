// Which exporter is which host of Zabbix: by hand, by address, by name, as plugin/zabbix/README.md says ("Which exporter is
// which host") and as the module reckons, too. Pure; any thread.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/ip_address.hpp"

namespace weir {

struct MonitorHost {
  std::string hostid, host, name;      // id, technical name, visible name
  bool monitored = true;
  std::string inventory_name;
  std::string exporters;               // value of {$WEIR.EXPORTER}: addresses with commas between
  std::vector<std::string> addresses, dns_names;  // of its interfaces
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

// Of several hosts that fit, a monitored one wins, then the oldest (smallest id).
std::map<IpAddress, DeviceLink> link_exporters(const std::vector<NamedExporter>& exporters, const std::vector<MonitorHost>& hosts);

}  // namespace weir
