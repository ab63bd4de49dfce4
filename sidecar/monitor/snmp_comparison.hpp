// Holds flows against the monitor's own SNMP counters, interface by interface over a sliding window, and says what it
// means. compare() from the thread of the API; verdicts() from any.
#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "core/clock.hpp"
#include "core/guarded.hpp"
#include "monitor/device_file.hpp"
#include "monitor/exporter_meter.hpp"
#include "monitor/interface_traffic.hpp"
#include "monitor/interface_verdict.hpp"
#include "monitor/inventory.hpp"
#include "monitor/monitor_settings.hpp"
#include "monitor/snmp_history.hpp"

namespace weir {

struct ComparedDevice {
  std::map<std::uint32_t, InterfaceVerdict> interfaces;  // by ifIndex; those with enough traffic
};
using VerdictMap = std::map<std::string, ComparedDevice>;  // by hostid

class SnmpComparison {
 public:
  // Borrows all.
  SnmpComparison(const MonitorSettings& settings, Inventory& inventory, Store& store, const ExporterTable& exporters,
                 DeviceFile& file, const Clock& clock, const std::atomic<bool>* stopping);

  // Does nothing before its time has come. The error is for the log.
  Result<void> compare(const DeviceView& devices);
  std::shared_ptr<const VerdictMap> verdicts() const {
    return verdicts_.with([](const auto& v) { return v; });
  }

 private:
  struct Device {
    std::vector<const Exporter*> exporters;
    const InterfaceMap* interfaces = nullptr;
    std::int64_t from_ms = 0;  // what came before cannot be compared
  };
  Result<void> read_history(const std::map<std::string, Device>& devices, std::int64_t from_s);
  // Since when flows of the exporter are whole and scaled as now: heard, by this process, at this sampling rate.
  std::int64_t comparable_from(const Exporter& exporter);
  // None when no part of the range is known.
  std::optional<ComparedDevice> compare_device(const std::string& hostid, const Device& device,
                                               const TrafficMap& traffic, const TimeRange& range,
                                               const HeardTimes& heard);
  // Whether all is known of the device's traffic in that time.
  bool is_known(const Device& device, const TimeRange& time, const HeardTimes& heard) const;

  const MonitorSettings& settings_;
  Inventory& inventory_;
  Store& store_;
  const ExporterTable& exporters_;
  DeviceFile& file_;
  const Clock& clock_;
  const std::atomic<bool>* stopping_;
  ExporterMeter meter_;
  FlowTimes seen_;  // when an interface was in flows last
  const std::int64_t started_ms_;
  std::int64_t next_ms_ = 0;
  struct Since {
    std::uint32_t sampling = 0;
    std::int64_t from_ms = 0;
  };
  std::unordered_map<std::uint32_t, Since> since_;                        // by id of the exporter
  std::unordered_map<std::string, SnmpHistory> histories_;                // by itemid
  std::map<std::pair<std::string, std::uint32_t>, VerdictKind> doubted_;  // found once, not yet said
  Guarded<std::shared_ptr<const VerdictMap>> verdicts_{std::make_shared<const VerdictMap>()};
};

}  // namespace weir
