// Stretches lie on a grid of the epoch, so that devices which report equally late share a query.
#include "monitor/seen_interfaces.hpp"

#include <algorithm>

#include "core/durations.hpp"
#include "core/log.hpp"

namespace weir {

namespace {

constexpr std::int64_t kInterfaceForgottenMs = kDayMs;
constexpr std::int64_t kMaxStretches = 10;  // that one round tells of

std::int64_t grid_after(std::int64_t ms, std::int64_t step) { return (ms + step - 1) / step * step; }

// Of one stretch.
double octets_in(const WayTraffic& way, std::size_t stretch) {
  return way.series.octets.empty() ? 0 : static_cast<double>(way.series.octets[stretch]);
}

}  // namespace

SeenInterfaces::SeenInterfaces(const MonitorSettings& settings, Store& store, const ExporterTable& exporters,
                               const Clock& clock, const std::atomic<bool>* stopping)
    : settings_(settings), store_(store), exporters_(exporters), clock_(clock), stopping_(stopping) {}

std::vector<SeenInterfaces::Group> SeenInterfaces::groups(const DeviceView* devices) {
  std::map<std::string, Group> of_devices;
  std::vector<Group> all;
  for (const auto* e : exporters_.all()) {
    const auto link = devices ? devices->links.find(e->address) : decltype(devices->links.end()){};
    if (devices && link != devices->links.end()) of_devices[link->second.hostid].exporters.push_back(e);
    else all.push_back({.exporters = {e}});
  }
  for (auto& [hostid, group] : of_devices) all.push_back(std::move(group));
  const auto step = settings_.values_ms, now = clock_.now_ms();
  for (auto& group : all) {
    std::int64_t first_ms = now;
    for (const auto* e : group.exporters) {
      if (const auto told = told_to_ms_.find(e->id); told != told_to_ms_.end())
        group.from_ms = std::max(group.from_ms, told->second);
      first_ms = std::min(first_ms, std::max(started_ms_, e->first_seen_ms.load()));
    }
    if (group.from_ms == 0) group.from_ms = grid_after(first_ms, step);
    group.from_ms = std::max(group.from_ms, grid_after(now - kLongestKnowledgeMs - kMaxStretches * step, step));
  }
  return all;
}

// The account counts silences of those alone whose rhythm it knows, and not the time before the first datagram of this
// run.
void SeenInterfaces::listen() {
  const auto now = clock_.now_ms();
  if (started_ms_ == 0 || now < listened_ms_ - kMinuteMs) {
    started_ms_ = read_ms_ = now;
    told_to_ms_.clear();
    heard_from_ms_.clear();
    told_some_.clear();
    rates_.begin(now);
  }
  listened_ms_ = now;
  for (const auto* e : exporters_.all()) {
    rates_.listen(*e, now);
    const auto heard_ms = e->last_seen_ms.load();
    if (heard_ms < started_ms_ || now - heard_ms > usual_pause_ms(*e)) heard_from_ms_.erase(e->id);
    else heard_from_ms_.try_emplace(e->id, now);
  }
}

Knowledge SeenInterfaces::knowledge(const Exporter& exporter, std::int64_t from_ms, const HeardTimes& heard) const {
  const auto since = heard_from_ms_.find(exporter.id);
  if (since == heard_from_ms_.end() || from_ms < since->second) return Knowledge::kUnknown;
  const TimeRange stretch{.from_ms = from_ms, .to_ms = from_ms + settings_.values_ms};
  const auto known = heard.knowledge(exporter, stretch, settings_.lateness_ms);
  if (known != Knowledge::kKnown) return known;
  return rates_.knowledge(exporter, stretch, heard.report_ms(exporter), clock_.now_ms());
}

std::int64_t SeenInterfaces::due_end(const Group& group, const HeardTimes& heard) const {
  const auto step = settings_.values_ms;
  auto end_ms = group.from_ms;
  while (end_ms + step + settings_.lateness_ms <= clock_.now_ms() && end_ms < group.from_ms + kMaxStretches * step) {
    if (std::any_of(group.exporters.begin(), group.exporters.end(),
                    [&](const Exporter* e) { return knowledge(*e, end_ms, heard) == Knowledge::kLater; }))
      break;
    end_ms += step;
  }
  return end_ms;
}

SeenInterfaces::Round SeenInterfaces::read(const DeviceView* devices) {
  const auto now = clock_.now_ms();
  listen();
  const auto all = groups(devices);
  TimeRange range{.from_ms = std::min(read_ms_, now), .to_ms = now};
  std::vector<const Exporter*> exporters;
  for (const auto& group : all) {
    range.from_ms = std::min(range.from_ms, group.from_ms);
    exporters.insert(exporters.end(), group.exporters.begin(), group.exporters.end());
  }
  Round round{.heard = HeardTimes(store_, exporters, range, now), .rates = {}};
  read_ms_ = now;

  std::map<std::pair<std::int64_t, std::int64_t>, Due> due;
  std::vector<const Exporter*> held;
  for (const auto& group : all) {
    const auto end_ms = due_end(group, round.heard);
    if (end_ms == group.from_ms) {
      add_held(group, round.heard, held);
      continue;
    }
    auto& of = due[{group.from_ms, end_ms}];
    of.groups.push_back(&group);
    for (const auto* e : group.exporters) {
      for (auto at = group.from_ms; at < end_ms; at += settings_.values_ms) {
        if (knowledge(*e, at, round.heard) != Knowledge::kKnown) continue;
        of.heard.push_back(e->address);
        break;
      }
    }
  }
  forget_idle();
  cut_ = 0;
  remember_held(held);
  for (const auto& [times, of] : due) {
    const TimeRange stretches{.from_ms = times.first, .to_ms = times.second};
    const auto traffic = read_interface_traffic(
        store_, of.heard, stretches, static_cast<std::uint32_t>((times.second - times.first) / settings_.values_ms),
        stopping_);
    if (!traffic) {
      if (!*stopping_)
        log_of("monitor")->warn("traffic of interfaces: {}; the next round asks again", traffic.error().message);
      continue;
    }
    for (const auto* group : of.groups) tell(*group, stretches, *traffic, round);
  }
  return round;
}

void SeenInterfaces::add_held(const Group& group, const HeardTimes& heard, std::vector<const Exporter*>& held) const {
  const TimeRange next{.from_ms = group.from_ms, .to_ms = group.from_ms + settings_.values_ms};
  for (const auto* e : group.exporters) {
    const bool is_reported = heard.knowledge(*e, next, settings_.lateness_ms) == Knowledge::kKnown;
    if (is_reported && knowledge(*e, next.from_ms, heard) == Knowledge::kLater) held.push_back(e);
  }
}

void SeenInterfaces::remember_held(const std::vector<const Exporter*>& held) {
  std::vector<IpAddress> addresses;
  for (const auto* e : held) addresses.push_back(e->address);
  const auto to_ms = clock_.now_ms() - settings_.lateness_ms;
  const TimeRange lately{.from_ms = to_ms - settings_.values_ms, .to_ms = to_ms};
  const auto traffic = read_interface_traffic(store_, addresses, lately, 0, stopping_);
  if (!traffic) return;  // the next round asks again
  for (const auto* e : held) remember(*e, *traffic);
}

void SeenInterfaces::tell(const Group& group, const TimeRange& range, const TrafficMap& traffic, Round& round) {
  const auto now = clock_.now_ms();
  std::vector<std::vector<bool>> known_of;
  std::vector<bool> known_of_all(static_cast<std::size_t>((range.to_ms - range.from_ms) / settings_.values_ms), true);
  for (const auto* e : group.exporters) {
    if (remember(*e, traffic)) told_some_.insert(e->id);
    known_of.push_back(known(*e, range, traffic, round.heard));
    // Which interfaces are also its is not known, until it has had its time to say so.
    if (told_some_.contains(e->id) || now - std::max(started_ms_, e->last_seen_ms.load()) > kLongestKnowledgeMs)
      continue;
    for (std::size_t i = 0; i < known_of_all.size(); ++i) known_of_all[i] = known_of_all[i] && known_of.back()[i];
  }
  for (std::size_t n = 0; n < group.exporters.size(); ++n) {
    for (std::size_t i = 0; i < known_of_all.size(); ++i) known_of[n][i] = known_of[n][i] && known_of_all[i];
    tell_one(*group.exporters[n], range, traffic, known_of[n], round);
    told_to_ms_[group.exporters[n]->id] = range.to_ms;
  }
}

std::vector<bool> SeenInterfaces::known(const Exporter& exporter, const TimeRange& range, const TrafficMap& traffic,
                                        const HeardTimes& heard) const {
  std::vector<bool> known;
  for (auto at = range.from_ms; at < range.to_ms; at += settings_.values_ms) {
    bool is_known = knowledge(exporter, at, heard) == Knowledge::kKnown;
    // Where nothing of what came could be read, no traffic is not none.
    if (is_known && heard.missed_some(exporter)) {
      is_known = false;
      for (auto it = traffic.lower_bound({exporter.address, 0});
           it != traffic.end() && it->first.first == exporter.address; ++it) {
        is_known = is_known || octets_in(it->second.in, known.size()) + octets_in(it->second.out, known.size()) > 0;
      }
    }
    known.push_back(is_known);
  }
  return known;
}

bool SeenInterfaces::remember(const Exporter& exporter, const TrafficMap& traffic) {
  const auto now = clock_.now_ms();
  bool any = false;
  seen_.with([&](Seen& seen) {
    const auto first = std::pair(exporter.address, std::uint32_t{0});
    auto count = static_cast<std::size_t>(
        std::distance(seen.lower_bound(first), seen.upper_bound({exporter.address, UINT32_MAX})));
    for (auto it = traffic.lower_bound(first); it != traffic.end() && it->first.first == exporter.address; ++it) {
      any = true;
      const auto found = seen.find(it->first);
      if (found != seen.end()) {
        found->second.at_ms = now;
      } else if (count < settings_.max_interfaces) {
        ++count;
        seen[it->first] = {.at_ms = now, .bps = {}};
      } else {
        ++cut_;
      }
    }
  });
  return any;
}

void SeenInterfaces::tell_one(const Exporter& exporter, const TimeRange& range, const TrafficMap& traffic,
                              const std::vector<bool>& known, Round& round) {
  const double bps_per_octet = 8000 / static_cast<double>(settings_.values_ms);
  seen_.with([&](Seen& seen) {
    for (auto it = seen.lower_bound({exporter.address, 0}); it != seen.end() && it->first.first == exporter.address;
         ++it) {
      const auto ways = traffic.find(it->first);
      auto& rates = round.rates[it->first];
      for (std::size_t i = 0; i < known.size(); ++i) {
        InterfaceRate rate{.end_ms = range.from_ms + (static_cast<std::int64_t>(i) + 1) * settings_.values_ms,
                           .bps = {}};
        if (known[i]) rate.bps.emplace();
        if (known[i] && ways != traffic.end())
          rate.bps = {.in = octets_in(ways->second.in, i) * bps_per_octet,
                      .out = octets_in(ways->second.out, i) * bps_per_octet};
        rates.push_back(rate);
      }
      const auto& last = rates.back().bps;
      it->second.bps = last ? std::optional(last->in + last->out) : std::nullopt;
    }
  });
}

void SeenInterfaces::forget_idle() {
  const auto now = clock_.now_ms();
  seen_.with([&](Seen& seen) {
    std::erase_if(seen, [&](const auto& s) { return now - s.second.at_ms > kInterfaceForgottenMs; });
  });
}

std::map<std::uint32_t, std::optional<double>> SeenInterfaces::of(const IpAddress& exporter) const {
  std::map<std::uint32_t, std::optional<double>> rates;
  seen_.with([&](const Seen& seen) {
    for (auto it = seen.lower_bound({exporter, 0}); it != seen.end() && it->first.first == exporter; ++it)
      rates[it->first.second] = it->second.bps;
  });
  return rates;
}

}  // namespace weir
