// What is remembered of devices over a restart, in devices.sqlite of the data folder: the host of each exporter, which
// decides who may see it, and the names of hosts and interfaces as Zabbix told them last. Any thread; writing waits for
// the disk.
#pragma once
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "core/clock.hpp"
#include "monitor/device_links.hpp"
#include "monitor/inventory.hpp"
#include "sqlite/kept_database.hpp"

namespace weir {

// When an interface was in flows last: by hostid and ifIndex.
using FlowTimes = std::map<std::pair<std::string, std::uint32_t>, std::int64_t>;

class DeviceFile {
 public:
  // The file is made when there is something to keep; "": nothing outlives the process. Throws std::runtime_error when
  // the file is of a newer version of the program.
  DeviceFile(std::string path, const Clock& clock);

  KeptLinks links() const;
  std::optional<KeptLink> link(const IpAddress& exporter) const;
  // All that super admins chose; it goes before what was found, which stays beneath it.
  void set_by_hand(const std::map<IpAddress, std::string>& hostids);
  // Hosts that were found. What is kept already stays.
  void keep_found(const std::map<IpAddress, std::string>& hostids);

  // Hosts that had the template once: from who lost it since, somebody took it.
  std::set<std::string> templated() const;
  void add_templated(const std::set<std::string>& hostids);

  // As it was saved last; empty before.
  DeviceView saved_view() const;
  void save_view(const DeviceView& view);

  FlowTimes flow_times() const;
  // To the hour: what moved less is not written.
  void save_flow_times(const FlowTimes& times);

  // None while there is no file.
  std::optional<KeptDatabaseStatus> status() const;

 private:
  void open();

  const std::string path_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::unique_ptr<KeptDatabase> kept_;
  std::uint64_t generation_ = 0;
  std::map<IpAddress, std::string> by_hand_, found_;
  std::set<std::string> templated_;
  FlowTimes flow_times_;
  DeviceView view_;  // what the file holds of it: links without how, interfaces without counters
};

}  // namespace weir
