// What the monitor stage is told; names are those of [zabbix] in weir.toml. A plain value.
#pragma once
#include <cstdint>
#include <string>

#include "core/setting_defaults.hpp"

namespace weir {

struct MonitorSettings {
  std::string url;                                               // of the frontend; "": nothing is read from Zabbix
  std::string token_file;                                        // holds an API token
  std::string ca_file;                                           // PEM; "": the system's authorities
  std::string server;                                            // host:port that takes values; "": none are sent
  std::string host = "Weir";                                     // has the template Weir collector
  std::int64_t refresh_ms = setting_defaults::kZabbixRefreshMs;  // of hosts and interfaces
  std::int64_t values_ms =
      setting_defaults::kZabbixValuesMs;  // between values; those of interfaces are about this long a time
  std::int64_t lateness_ms =
      setting_defaults::kZabbixLatenessMs;  // values of interfaces end this long ago, at the least
  std::int64_t compare_window_ms = setting_defaults::kZabbixCompareWindowMs;  // of flows against SNMP
  std::int64_t compare_lateness_ms = setting_defaults::kZabbixCompareLatenessMs;
  std::int64_t timeout_ms = setting_defaults::kZabbixTimeoutMs;           // of a step of a request
  std::int64_t max_retry_ms = setting_defaults::kZabbixMaxRetryMs;        // longest pause after failures
  std::uint32_t max_interfaces = setting_defaults::kZabbixMaxInterfaces;  // of one exporter
  std::uint64_t queue_values = setting_defaults::kZabbixQueueValues;      // that wait for Zabbix
  std::string queue_file;                                                 // monitor.sqlite in the data folder
  std::string device_file;                                                // devices.sqlite there
};

}  // namespace weir
