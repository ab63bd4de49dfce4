// What Zabbix knows of our exporters, read from its API again and again: the host of each, and its interfaces. When
// Zabbix does not answer, what was known stays, over a restart too. Who asks Zabbix does so from one thread.
#pragma once
#include <atomic>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "core/guarded.hpp"
#include "flow/exporter_table.hpp"
#include "monitor/device_file.hpp"
#include "monitor/inventory.hpp"
#include "monitor/zabbix/interface_items.hpp"
#include "monitor/zabbix/zabbix_api.hpp"

namespace weir {

// Of the two templates in Zabbix, as far as the token may read them.
enum class TemplateState : std::uint8_t { kUnknown, kMissing, kOld, kCurrent };

struct WatchStatus {
  bool answered = false;      // the last try went well
  std::int64_t since_ms = 0;  // since when it does, or does not; 0: not tried yet
  std::string zabbix_version;
  std::string last_error;  // "" when it did
  std::uint64_t hosts = 0, cut_interfaces = 0;
  std::int64_t refreshed_ms = 0;
  std::uint64_t without_template = 0;  // linked hosts that take no values
  std::string choices_error;   // why links by hand, or who may edit hosts, could not be read: links of before hold
  std::string template_error;  // why the template could not be linked to one of them
  TemplateState templates = TemplateState::kUnknown;
  std::int64_t clock_apart_ms = 0;  // how far the frontend's clock is from ours, beyond what the answer took
};

class DeviceWatch final : public Inventory {
 public:
  // Borrows all.
  DeviceWatch(const MonitorSettings& settings, ZabbixApi& api, const ExporterTable& exporters, DeviceFile& file,
              const Clock& clock);

  void refresh() override;
  bool is_due() const override { return api_.is_due(); }
  Result<void> read_counters(const std::vector<CounterQuestion>& wanted, const TakeSample& take) override;
  bool is_known() const override { return known_; }
  std::shared_ptr<const DeviceView> view() const override {
    return view_.with([](const auto& v) { return v; });
  }
  std::shared_ptr<const std::map<IpAddress, std::string>> device_names() const override {
    return names_.with([](const auto& names) { return names; });
  }
  WatchStatus status() const {
    return status_.with([](const WatchStatus& s) { return s; });
  }

 private:
  Result<std::vector<MonitorHost>> read_hosts();
  void read_choices();
  // Marks the hosts that others than super admins may edit; all of them when that cannot be read.
  void mark_delegated(std::vector<MonitorHost>& hosts);
  Result<std::set<std::string>> read_delegated_groups();
  Result<std::map<std::string, DeviceInterfaces>> read_interfaces(const std::set<std::string>& hostids);
  Result<void> read_templates(const std::set<std::string>& hostids, DeviceView& view);
  void look_at_templates();
  void link_templates(DeviceView& view);
  Result<DeviceView> read();
  void publish(DeviceView view);

  const MonitorSettings& settings_;
  ZabbixApi& api_;
  const ExporterTable& exporters_;
  DeviceFile& file_;
  const Clock& clock_;
  std::atomic<bool> known_{false};
  std::int64_t next_ms_ = 0, interfaces_ms_ = 0;
  std::uint64_t cut_interfaces_ = 0, hosts_ = 0;
  std::map<std::string, std::int64_t> template_tries_ms_;  // by hostid
  std::string lookup_error_, template_error_, choices_error_, template_id_;
  TemplateState template_state_ = TemplateState::kUnknown;
  bool trusts_administrators_ = false;
  Guarded<std::shared_ptr<const DeviceView>> view_{std::make_shared<const DeviceView>()};
  Guarded<std::shared_ptr<const std::map<IpAddress, std::string>>> names_{
      std::make_shared<const std::map<IpAddress, std::string>>()};
  Guarded<WatchStatus> status_;
};

}  // namespace weir
