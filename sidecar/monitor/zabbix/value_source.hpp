// The values of one round for the items of our templates (plugin/zabbix/README.md, "Alerts and values in Zabbix"): of
// each exporter, of its interfaces, of the collector. One thread.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "exchange/zabbix_sender.hpp"
#include "monitor/exporter_meter.hpp"
#include "monitor/seen_interfaces.hpp"
#include "monitor/snmp_comparison.hpp"
#include "monitor/zabbix/device_watch.hpp"

namespace weir {

class ValueSource {
 public:
  // Borrows all but `version`, which is the collector's.
  ValueSource(const MonitorSettings& settings, Store& store, const ExporterTable& exporters, const Clock& clock,
              std::string version, const SeenInterfaces& seen);

  // Rates of interfaces with the stamp of their time, the others without. `devices`: null while Zabbix has not said yet
  // which hosts there are; then only the collector's come.
  std::vector<SenderValue> next(const DeviceView* devices, const VerdictMap& verdicts,
                                const SeenInterfaces::Round& round);

  // Lists for discovery and verdicts go with the next round even if unchanged: what Zabbix did not take is lost there.
  void say_again() { sent_.clear(); }

 private:
  using Rates = std::map<std::int64_t, std::optional<WayRates>>;  // by the end of the stretch; none: not known
  struct HostValues {
    std::string hostid;  // "": an exporter without a host
    std::string suffix;  // of keys
    std::optional<ExporterFigures> figures;
    std::int64_t last_seen_ms = 0;
    std::optional<std::int64_t> silence_ms;
    std::map<std::uint32_t, Rates> interfaces;
    const InterfaceMap* facts = nullptr;
  };

  void add_collector(std::vector<SenderValue>& values) const;
  // How long the collector has listened and not heard it; none while that is not known yet.
  std::optional<std::int64_t> silence_ms(std::int64_t last_seen_ms);
  void add_exporters(const DeviceView& devices, const VerdictMap& verdicts, const SeenInterfaces::Round& round,
                     std::vector<SenderValue>& values);
  void add_interfaces(const std::string& host, const HostValues& of, const VerdictMap& verdicts,
                      std::vector<SenderValue>& values);
  void add_problems(const std::string& host, const HostValues& of, const ComparedDevice& device,
                    std::vector<SenderValue>& values);
  // A list for a discovery rule goes first, when it changed and again now and then.
  void add_discovery(const std::string& host, const std::string& key, std::string list,
                     std::vector<SenderValue>& values);

  const MonitorSettings& settings_;
  Store& store_;
  const ExporterTable& exporters_;
  const Clock& clock_;
  const std::string version_;
  const SeenInterfaces& seen_;
  ExporterMeter meter_;
  std::int64_t started_ms_ = 0;
  std::optional<std::vector<Gap>> down_before_;  // when no collector ran, until this one started
  struct Sent {
    std::string value;
    std::int64_t at_ms = 0;
  };
  std::map<std::pair<std::string, std::string>, Sent> sent_;  // by host and key: what goes only when it changes
};

// Whether a key is that of a discovery rule, whose list is made anew each time.
bool is_discovery(const std::string& key);

}  // namespace weir
