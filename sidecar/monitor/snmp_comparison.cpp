// History is read on from where the last reading ended; flows by the minute, for stretches between polls end anywhere.
#include "monitor/snmp_comparison.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "core/durations.hpp"

namespace weir {

namespace {

constexpr std::int64_t kCompareEvery = 5;  // refreshes
constexpr std::int64_t kFlowsLatelyMs = 86'400'000;
// Header and check sequence of an Ethernet frame (IEEE 802.3 3.1.1): ifHCInOctets counts them (RFC 2863 6), flows do
// not.
constexpr double kFrameOctets = 18;

// Octets on the wire up to a moment of the window, with a minute's octets spread evenly over it.
class OctetsUpTo {
 public:
  OctetsUpTo(const Series& series, const TimeRange& range) : range_(range) {
    sums_.reserve(series.octets.size() + 1);
    sums_.push_back(0);
    for (std::size_t i = 0; i < series.octets.size(); ++i) {
      sums_.push_back(sums_.back() + static_cast<double>(series.octets[i]) +
                      kFrameOctets * static_cast<double>(series.packets[i]));
    }
  }
  double at(std::int64_t ms) const {
    const double bucket =
        std::clamp(static_cast<double>(ms - range_.from_ms) / kMinuteMs, 0.0, static_cast<double>(sums_.size() - 1));
    const auto whole = std::min(static_cast<std::size_t>(bucket), sums_.size() - 1);
    const auto next = std::min(whole + 1, sums_.size() - 1);
    return sums_[whole] + (sums_[next] - sums_[whole]) * (bucket - static_cast<double>(whole));
  }

 private:
  const TimeRange range_;
  std::vector<double> sums_;
};

// The series is that of `range`; compared is what `is_known`.
template <class F>
WayComparison compare_way(const SnmpHistory& history, const Series* flows, const TimeRange& range, F&& is_known) {
  WayComparison c;
  const OctetsUpTo octets(flows ? *flows : Series{}, range);
  history.for_each_stretch(range.from_ms, range.to_ms, [&](std::int64_t from_ms, std::int64_t to_ms, double snmp) {
    // Of a minute that is known in part it is not known in which.
    if (!is_known(
            {.from_ms = from_ms / kMinuteMs * kMinuteMs, .to_ms = (to_ms + kMinuteMs - 1) / kMinuteMs * kMinuteMs}))
      return;
    c.snmp_octets += snmp;
    c.flow_octets += octets.at(to_ms) - octets.at(from_ms);
  });
  return c;
}

std::uint32_t sampling_of(const Exporter& exporter) {
  const auto announced = exporter.announced_sampling.load();
  return announced != 0 ? announced : exporter.configured_sampling.load();
}

void add_series(Series& sum, const Series& one) {
  if (sum.octets.empty()) {
    sum = one;
    return;
  }
  for (std::size_t i = 0; i < sum.octets.size(); ++i) {
    sum.octets[i] += one.octets[i];
    sum.packets[i] += one.packets[i];
  }
}

}  // namespace

SnmpComparison::SnmpComparison(const MonitorSettings& settings, Inventory& inventory, Store& store,
                               const ExporterTable& exporters, DeviceFile& file, const Clock& clock,
                               const std::atomic<bool>* stopping)
    : settings_(settings),
      inventory_(inventory),
      store_(store),
      exporters_(exporters),
      file_(file),
      clock_(clock),
      stopping_(stopping),
      meter_(exporters),
      seen_(file.flow_times()),
      started_ms_(clock.now_ms()) {}

Result<void> SnmpComparison::read_history(const std::map<std::string, Device>& devices, std::int64_t from_s) {
  std::vector<CounterQuestion> wanted;
  std::set<std::string> itemids;
  for (const auto& [hostid, device] : devices) {
    for (const auto& [index, facts] : *device.interfaces) {
      for (const auto* counter : {&facts.in, &facts.out}) {
        if (!counter->is_comparable() || !itemids.insert(counter->itemid).second) continue;
        auto& history = histories_[counter->itemid];
        history.forget_before(from_s);
        wanted.push_back({.counter = *counter, .from_s = std::max(from_s, history.last_s() + 1)});
      }
    }
  }
  std::erase_if(histories_, [&](const auto& item) { return !itemids.contains(item.first); });
  return inventory_.read_counters(wanted, [&](const std::string& itemid, std::int64_t at_s, double octets_per_s) {
    if (const auto found = histories_.find(itemid); found != histories_.end()) found->second.add(at_s, octets_per_s);
  });
}

std::int64_t SnmpComparison::comparable_from(const Exporter& exporter) {
  const auto sampling = sampling_of(exporter);
  const auto [it, is_new] = since_.try_emplace(
      exporter.id, Since{.sampling = sampling, .from_ms = std::max(started_ms_, exporter.first_seen_ms.load())});
  if (!is_new && it->second.sampling != sampling) it->second = {.sampling = sampling, .from_ms = clock_.now_ms()};
  // Flows are summed by the minute.
  return (it->second.from_ms + kMinuteMs - 1) / kMinuteMs * kMinuteMs;
}

bool SnmpComparison::is_known(const Device& device, const TimeRange& time, const HeardTimes& heard) const {
  if (time.from_ms < device.from_ms) return false;
  // One that was not heard for longer has nothing to do with the device's traffic any more.
  const auto expected_since = clock_.now_ms() - kFlowsLatelyMs;
  bool any = false;
  for (const auto* e : device.exporters) {
    if (e->last_seen_ms < expected_since) continue;
    if (heard.knowledge(*e, time, 0) != Knowledge::kKnown) return false;
    any = true;
  }
  return any;
}

std::optional<ComparedDevice> SnmpComparison::compare_device(const std::string& hostid, const Device& device,
                                                             const TrafficMap& traffic, const TimeRange& range,
                                                             const HeardTimes& heard) {
  std::map<std::uint32_t, InterfaceTraffic> flows;
  for (const auto* exporter : device.exporters) {
    const auto& address = exporter->address;
    for (auto it = traffic.lower_bound({address, 0}); it != traffic.end() && it->first.first == address; ++it) {
      add_series(flows[it->first.second].in.series, it->second.in.series);
      add_series(flows[it->first.second].out.series, it->second.out.series);
    }
  }
  const auto now = clock_.now_ms();
  for (const auto& [index, ways] : flows) {
    const auto octets = [](const WayTraffic& way) {
      return std::accumulate(way.series.octets.begin(), way.series.octets.end(), std::uint64_t{0});
    };
    if (index != 0 && octets(ways.in) + octets(ways.out) != 0) seen_[{hostid, index}] = now;
  }
  bool any_known = false;
  for (auto at = range.from_ms; at < range.to_ms && !any_known; at += kMinuteMs)
    any_known = is_known(device, {.from_ms = at, .to_ms = at + kMinuteMs}, heard);
  if (!any_known) return std::nullopt;
  const auto is_known_time = [&](const TimeRange& time) { return is_known(device, time, heard); };
  const auto compared = [&](const InterfaceFacts& facts, std::uint32_t flow_index) {
    InterfaceComparison c;
    const auto found = flows.find(flow_index);
    const auto way = [&](const CounterItem& counter, WayTraffic InterfaceTraffic::*of) -> std::optional<WayComparison> {
      const auto item = counter.is_comparable() ? histories_.find(counter.itemid) : histories_.end();
      if (item == histories_.end()) return std::nullopt;
      return compare_way(item->second, found == flows.end() ? nullptr : &(found->second.*of).series, range,
                         is_known_time);
    };
    c.in = way(facts.in, &InterfaceTraffic::in);
    c.out = way(facts.out, &InterfaceTraffic::out);
    return c;
  };
  const auto fits = [](const InterfaceComparison& c) {
    return c.in && c.out && is_close(c.in->flow_octets, c.in->snmp_octets) &&
           is_close(c.out->flow_octets, c.out->snmp_octets);
  };

  std::map<std::uint32_t, InterfaceComparison> own;
  for (const auto& [index, facts] : *device.interfaces) own[index] = compared(facts, index);
  std::uint32_t sampling = 0;
  double loss = 0;
  for (const auto* exporter : device.exporters) {
    sampling = std::max(sampling, sampling_of(*exporter));
    if (const auto figures = meter_.figures(exporter->id)) loss = std::max(loss, figures->loss);
  }
  ComparedDevice result;
  for (const auto& [index, facts] : *device.interfaces) {
    auto& c = own[index];
    c.sampling = sampling;
    c.loss = loss;
    const auto seen = seen_.find({hostid, index});
    c.had_flows = seen != seen_.end() && now - seen->second < kFlowsLatelyMs;
    if (!flows.contains(index)) {
      for (const auto& [other, unused] : flows) {
        const auto known = own.find(other);
        if ((known != own.end() && fits(known->second)) || !fits(compared(facts, other))) continue;
        c.other_index = other;
        break;
      }
    }
    if (auto verdict = judge_interface(c)) result.interfaces[index] = std::move(*verdict);
  }
  return result;
}

Result<void> SnmpComparison::compare(const DeviceView& view) {
  const auto now = clock_.now_ms();
  const auto wait_ms = next_ms_ - now;
  if ((wait_ms > 0 && wait_ms <= kCompareEvery * settings_.refresh_ms) || !inventory_.is_due()) return {};
  std::map<std::string, Device> devices;
  std::vector<IpAddress> addresses;
  std::vector<const Exporter*> exporters;
  for (const auto& [address, link] : view.links) {
    const auto* exporter = exporters_.find(address);
    const auto* interfaces = view.interfaces_of(address);
    if (!exporter || !interfaces) continue;
    auto& device = devices[link.hostid];
    device.exporters.push_back(exporter);
    device.interfaces = interfaces;
    device.from_ms = std::max(device.from_ms, comparable_from(*exporter));
    exporters.push_back(exporter);
    addresses.push_back(address);
  }
  const auto buckets = settings_.compare_window_ms / kMinuteMs;
  const auto to_ms = (now - settings_.compare_lateness_ms) / kMinuteMs * kMinuteMs;
  const TimeRange range{.from_ms = to_ms - buckets * kMinuteMs, .to_ms = to_ms};
  if (auto read = read_history(devices, range.from_ms / 1000); !read) return read;
  next_ms_ = now + kCompareEvery * settings_.refresh_ms;
  const auto traffic = read_interface_traffic(store_, addresses, range, static_cast<std::uint32_t>(buckets), stopping_);
  if (!traffic) return traffic.error();
  const HeardTimes heard(store_, exporters, {.from_ms = range.from_ms, .to_ms = now}, now);
  meter_.sample(now, heard);

  const auto before = verdicts();
  auto next = std::make_shared<VerdictMap>();
  std::map<std::pair<std::string, std::uint32_t>, VerdictKind> doubted;
  for (const auto& [hostid, device] : devices) {
    auto compared = compare_device(hostid, device, *traffic, range, heard);
    if (!compared) continue;
    // A verdict changes when it was found twice in a row.
    const auto old = before->find(hostid);
    for (auto& [index, verdict] : compared->interfaces) {
      if (old == before->end()) break;
      const auto said = old->second.interfaces.find(index);
      if (said == old->second.interfaces.end() || said->second.kind == verdict.kind) continue;
      const auto doubt = doubted_.find({hostid, index});
      if (doubt != doubted_.end() && doubt->second == verdict.kind) continue;
      doubted[{hostid, index}] = verdict.kind;
      verdict = said->second;
    }
    (*next)[hostid] = std::move(*compared);
  }
  std::erase_if(seen_, [&](const auto& one) { return now - one.second >= kFlowsLatelyMs; });
  file_.save_flow_times(seen_);
  doubted_ = std::move(doubted);
  verdicts_.with([&](auto& v) { v = std::move(next); });
  return {};
}

}  // namespace weir
