// Copies [zabbix] of weir.toml into MonitorSettings. Members have the names of the keys.
#include "app/monitor_settings.hpp"

namespace weir {

MonitorSettings monitor_settings(const Settings& s) {
  const auto file = [&](const char* key) { return s.text(key).empty() ? std::string() : s.path(key).string(); };
  MonitorSettings m;
  m.url = s.text("zabbix.url");
  m.token_file = file("zabbix.token_file");
  m.ca_file = file("zabbix.ca_file");
  m.server = s.text("zabbix.server");
  m.host = s.text("zabbix.host");
  m.refresh_ms = s.integer("zabbix.refresh_ms");
  m.values_ms = s.integer("zabbix.values_ms");
  m.lateness_ms = s.integer("zabbix.lateness_ms");
  m.compare_window_ms = s.integer("zabbix.compare_window_ms");
  m.compare_lateness_ms = s.integer("zabbix.compare_lateness_ms");
  m.timeout_ms = s.integer("zabbix.timeout_ms");
  m.max_retry_ms = s.integer("zabbix.max_retry_ms");
  m.max_interfaces = static_cast<std::uint32_t>(s.integer("zabbix.max_interfaces"));
  m.queue_values = static_cast<std::uint64_t>(s.integer("zabbix.queue_values"));
  m.queue_file = (s.path("store.dir") / "monitor.sqlite").string();
  m.device_file = (s.path("store.dir") / "devices.sqlite").string();
  return m;
}

}  // namespace weir
