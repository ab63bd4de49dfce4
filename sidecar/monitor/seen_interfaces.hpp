// Interfaces that occur in flows, with their rates in stretches as long as a round, each told once, when all of it is
// known. Also where there is no monitor. One thread reads, any thread may ask.
#pragma once
#include <atomic>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "core/clock.hpp"
#include "core/guarded.hpp"
#include "flow/exporter_table.hpp"
#include "monitor/heard_times.hpp"
#include "monitor/interface_traffic.hpp"
#include "monitor/inventory.hpp"
#include "monitor/monitor_settings.hpp"
#include "monitor/rate_times.hpp"

namespace weir {

// Bits per second.
struct WayRates {
  double in = 0, out = 0;
};
struct InterfaceRate {
  std::int64_t end_ms = 0;      // of the stretch
  std::optional<WayRates> bps;  // none: not known
};

class SeenInterfaces {
 public:
  // Borrows all.
  SeenInterfaces(const MonitorSettings& settings, Store& store, const ExporterTable& exporters, const Clock& clock,
                 const std::atomic<bool>* stopping);

  // Notices who is silent, who is heard again, and whose sampling rate is not known: about once a second.
  void listen();

  struct Round {
    HeardTimes heard;  // since the round before
    // What has become known, or will not, since then; of all interfaces that were seen lately, ascending in time.
    std::map<std::pair<IpAddress, std::uint32_t>, std::vector<InterfaceRate>> rates;
  };
  // Exporters of one device are told of together. `devices` may be null.
  Round read(const DeviceView* devices);

  // By ifIndex, with bits per second of the stretch told last; none: not known.
  std::map<std::uint32_t, std::optional<double>> of(const IpAddress& exporter) const;
  // Past zabbix.max_interfaces.
  std::uint64_t cut() const { return cut_; }

 private:
  struct Interface {
    std::int64_t at_ms = 0;  // when there was traffic last
    std::optional<double> bps;
  };
  using Seen = std::map<std::pair<IpAddress, std::uint32_t>, Interface>;
  struct Group {
    std::vector<const Exporter*> exporters;
    std::int64_t from_ms = 0;  // of the stretch that comes next
  };
  // Those with the same stretches to tell of.
  struct Due {
    std::vector<const Group*> groups;
    std::vector<IpAddress> heard;  // exporters of which something is known
  };
  std::vector<Group> groups(const DeviceView* devices);
  Knowledge knowledge(const Exporter& exporter, std::int64_t from_ms, const HeardTimes& heard) const;
  std::int64_t due_end(const Group& group, const HeardTimes& heard) const;
  void tell(const Group& group, const TimeRange& range, const TrafficMap& traffic, Round& round);
  // Per stretch, whether the exporter's traffic is known.
  std::vector<bool> known(const Exporter& exporter, const TimeRange& range, const TrafficMap& traffic,
                          const HeardTimes& heard) const;
  // Whether there was any.
  bool remember(const Exporter& exporter, const TrafficMap& traffic);
  // Adds exporters whose next stretch waits for their sampling rate alone.
  void add_held(const Group& group, const HeardTimes& heard, std::vector<const Exporter*>& held) const;
  // Their interfaces are told meanwhile: items take a while to be made in the monitor, and take no values before.
  void remember_held(const std::vector<const Exporter*>& held);
  void tell_one(const Exporter& exporter, const TimeRange& range, const TrafficMap& traffic,
                const std::vector<bool>& known, Round& round);
  void forget_idle();

  const MonitorSettings& settings_;
  Store& store_;
  const ExporterTable& exporters_;
  const Clock& clock_;
  const std::atomic<bool>* stopping_;
  std::int64_t started_ms_ = 0, listened_ms_ = 0, read_ms_ = 0;
  std::map<std::uint32_t, std::int64_t> told_to_ms_;  // by id
  std::map<std::uint32_t, std::int64_t>
      heard_from_ms_;  // by id: since when it is heard all the time; of one that is silent there is none
  std::set<std::uint32_t> told_some_;  // ids of those whose interfaces were told of in this run
  RateTimes rates_;
  Guarded<Seen> seen_;
  std::atomic<std::uint64_t> cut_{0};
};

}  // namespace weir
