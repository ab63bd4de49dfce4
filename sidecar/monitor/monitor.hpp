// The monitor stage: Zabbix told of our exporters, and asked about them. Two threads of its own, one for the API and
// one for values, so that neither waits for the other, and flows for none of them. Any thread may ask.
#pragma once
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "core/metrics.hpp"
#include "monitor/snmp_comparison.hpp"
#include "monitor/zabbix/device_watch.hpp"
#include "monitor/zabbix/value_sender.hpp"
#include "monitor/zabbix/value_source.hpp"

namespace weir {

struct MonitoredInterface {
  std::uint32_t index = 0;  // ifIndex
  std::string name, alias;  // may be empty
  std::optional<std::uint64_t> speed_bps;
  std::optional<InterfaceVerdict> verdict;
  std::optional<double>
      flow_bps;  // in and out, of the last time that is known; none: it is not, or no flow has named it lately
};

// What there is to say of the connection to Zabbix.
struct MonitorStatus {
  std::optional<WatchStatus> api;  // none: zabbix.url is not set
  std::string url;
  std::optional<SenderStatus> values;  // none: zabbix.server is not set
  std::string server;
  std::uint64_t linked = 0, unsettled = 0;  // exporters; unsettled: hosts fit, and a super admin has to choose
};

class Monitor {
 public:
  // Throws std::runtime_error naming the setting that is wrong. Borrows store, exporters and clock. With neither url
  // nor server set it only looks which interfaces occur in flows.
  Monitor(const MonitorSettings& settings, Store& store, const ExporterTable& exporters, const Clock& clock,
          std::string version);
  ~Monitor();

  void start();
  // Ends requests that are under way; values that were not sent are kept. Harmless when repeated.
  void stop();
  // One round of either thread, for tests without start().
  void run_api_round();
  void run_values_round();

  MonitorStatus status() const;
  // Of linked exporters; never nullptr.
  std::shared_ptr<const std::map<IpAddress, std::string>> device_names() const;
  std::optional<DeviceLink> device(const IpAddress& exporter) const;
  // The host that an exporter was linked to last, see DeviceFile.
  std::optional<KeptLink> kept_link(const IpAddress& exporter) const { return devices_.link(exporter); }
  // Bits per second; 0: Zabbix does not say.
  std::uint64_t interface_speed(const IpAddress& exporter, std::uint64_t index) const;
  // Those of Zabbix and those in flows, by index.
  std::vector<MonitoredInterface> interfaces(const IpAddress& exporter) const;
  // Of values that wait, and of what is known of devices; those that there are.
  std::vector<KeptDatabaseStatus> files() const;
  void write_metrics(MetricsWriter& writer) const;

 private:
  template <class F>
  void run(F&& round);

  const MonitorSettings settings_;
  const Clock& clock_;
  std::atomic<bool> stopping_{false};
  DeviceFile devices_;
  // Null without url.
  std::unique_ptr<ZabbixApi> api_;
  std::unique_ptr<DeviceWatch> watch_;
  std::unique_ptr<SnmpComparison> comparison_;
  SeenInterfaces seen_;
  // Null without server.
  std::unique_ptr<ValueSource> source_;
  std::unique_ptr<ValueSender> sender_;
  std::int64_t next_values_ms_ = 0;
  std::atomic<std::uint64_t> compare_failures_{0};

  std::mutex mutex_;
  std::condition_variable woken_;
  std::thread api_thread_, values_thread_;
};

}  // namespace weir
