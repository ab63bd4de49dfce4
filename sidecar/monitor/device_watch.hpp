// What Zabbix knows of our exporters, read from its API again and again: the host of each, and its interfaces. When Zabbix
// does not answer, what was known stays. refresh() from one thread; view() and status() from any.
#pragma once
#include <map>
#include <memory>
#include <string>

#include "core/guarded.hpp"
#include "flow/exporter_table.hpp"
#include "monitor/device_links.hpp"
#include "monitor/interface_items.hpp"
#include "monitor/zabbix_api.hpp"

namespace weir {

struct DeviceView {
  std::map<IpAddress, DeviceLink> links;
  std::map<std::string, InterfaceMap> interfaces;  // by hostid, of linked hosts
  const InterfaceMap* interfaces_of(const IpAddress& exporter) const;
};

struct WatchStatus {
  bool answered = false;       // the last try went well
  std::string zabbix_version;
  std::string last_error;      // "" when it did
  std::uint64_t hosts = 0, cut_interfaces = 0;
  std::int64_t refreshed_ms = 0;
};

class DeviceWatch {
 public:
  // Borrows all.
  DeviceWatch(const MonitorSettings& settings, ZabbixApi& api, const ExporterTable& exporters, const Clock& clock);

  // Does nothing before its time has come.
  void refresh();
  std::shared_ptr<const DeviceView> view() const {
    return view_.with([](const auto& v) { return v; });
  }
  WatchStatus status() const {
    return status_.with([](const WatchStatus& s) { return s; });
  }

 private:
  Result<std::vector<MonitorHost>> read_hosts();
  Result<std::map<std::string, InterfaceMap>> read_interfaces(const std::map<IpAddress, DeviceLink>& links);
  Result<DeviceView> read();

  const MonitorSettings& settings_;
  ZabbixApi& api_;
  const ExporterTable& exporters_;
  const Clock& clock_;
  std::int64_t next_ms_ = 0, interfaces_ms_ = 0;
  std::uint64_t cut_interfaces_ = 0, hosts_ = 0;
  Guarded<std::shared_ptr<const DeviceView>> view_{std::make_shared<const DeviceView>()};
  Guarded<WatchStatus> status_;
};

}  // namespace weir
