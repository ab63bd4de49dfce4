// The hosts of our exporters and their interfaces, as Zabbix told them. A plain value.
#pragma once
#include <map>
#include <string>

#include "monitor/device_links.hpp"
#include "monitor/interface_items.hpp"

namespace weir {

struct DeviceView {
  std::map<IpAddress, DeviceLink> links;
  std::map<IpAddress, std::uint32_t> unsettled;    // see DeviceLinks
  std::map<std::string, InterfaceMap> interfaces;  // by hostid, of linked hosts
  std::map<std::string, bool> has_template;        // by hostid, of linked hosts
  const InterfaceMap* interfaces_of(const IpAddress& exporter) const;
  // A host without the template takes none: its exporters are then among those of the collector's own host.
  bool takes_values(const std::string& hostid) const {
    const auto found = has_template.find(hostid);
    return found == has_template.end() || found->second;
  }
};

}  // namespace weir
