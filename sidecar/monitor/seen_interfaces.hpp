// Interfaces that occur in flows, with the traffic of the last round. Also where there is no monitor. One thread reads, any thread may ask.
#pragma once
#include <atomic>
#include <cstdint>
#include <map>
#include <utility>

#include "core/clock.hpp"
#include "core/guarded.hpp"
#include "flow/exporter_table.hpp"
#include "monitor/interface_traffic.hpp"
#include "monitor/monitor_settings.hpp"

namespace weir {

class SeenInterfaces {
 public:
  // Borrows all.
  SeenInterfaces(const MonitorSettings& settings, Store& store, const ExporterTable& exporters, const Clock& clock, const std::atomic<bool>* stopping);

  struct Round {
    TrafficMap traffic;  // of all exporters
    double seconds = 0;  // within so long a time
  };
  // The time since the last round.
  Round read();

  // By ifIndex, with bits per second of the last round.
  std::map<std::uint32_t, double> of(const IpAddress& exporter) const;
  // Past zabbix.max_interfaces.
  std::uint64_t cut() const { return cut_; }

 private:
  struct Interface {
    std::int64_t at_ms = 0;  // when there was traffic last
    double bps = 0;          // in the last round
  };
  using Seen = std::map<std::pair<IpAddress, std::uint32_t>, Interface>;
  void remember(const Round& round);

  const MonitorSettings& settings_;
  Store& store_;
  const ExporterTable& exporters_;
  const Clock& clock_;
  const std::atomic<bool>* stopping_;
  std::int64_t end_ms_ = 0;  // of the last round
  Guarded<Seen> seen_;
  std::atomic<std::uint64_t> cut_{0};
};

}  // namespace weir
