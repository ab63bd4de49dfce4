// Rounds follow one another without a gap, unless too much was missed.
#include "monitor/seen_interfaces.hpp"

#include "core/durations.hpp"
#include "core/log.hpp"

namespace weir {

namespace {
constexpr std::int64_t kInterfaceForgottenMs = kDayMs;
constexpr std::int64_t kMaxTrafficRounds = 10;  // that one range makes up for
}  // namespace

SeenInterfaces::SeenInterfaces(const MonitorSettings& settings, Store& store, const ExporterTable& exporters, const Clock& clock, const std::atomic<bool>* stopping)
    : settings_(settings), store_(store), exporters_(exporters), clock_(clock), stopping_(stopping) {}

SeenInterfaces::Round SeenInterfaces::read() {
  Round round;
  const auto end = clock_.now_ms() - settings_.lateness_ms;
  const bool follows = end_ms_ != 0 && end_ms_ < end && end - end_ms_ <= kMaxTrafficRounds * settings_.values_ms;
  const TimeRange range{.from_ms = follows ? end_ms_ : end - settings_.values_ms, .to_ms = end};
  round.seconds = static_cast<double>(range.to_ms - range.from_ms) / 1000;
  std::vector<IpAddress> addresses;
  for (const auto* e : exporters_.all()) addresses.push_back(e->address);
  auto traffic = read_interface_traffic(store_, addresses, range, 0, stopping_);
  if (traffic) {
    end_ms_ = end;
    round.traffic = std::move(*traffic);
  } else if (!*stopping_) {
    log_of("monitor")->warn("traffic of interfaces: {}; this round has none", traffic.error().message);
  }
  remember(round);
  return round;
}

void SeenInterfaces::remember(const Round& round) {
  const auto now = clock_.now_ms();
  std::uint64_t cut = 0;
  seen_.with([&](Seen& seen) {
    std::erase_if(seen, [&](const auto& s) { return now - s.second.at_ms > kInterfaceForgottenMs; });
    for (auto& [key, interface] : seen) interface.bps = 0;
    std::map<IpAddress, std::size_t> counts;
    for (const auto& [key, at] : seen) ++counts[key.first];
    for (const auto& [key, ways] : round.traffic) {
      const auto known = seen.find(key);
      const Interface interface{.at_ms = now, .bps = round.seconds > 0 ? static_cast<double>(ways.in.octets + ways.out.octets) * 8 / round.seconds : 0};
      if (known != seen.end()) {
        known->second = interface;
      } else if (counts[key.first] < settings_.max_interfaces) {
        ++counts[key.first];
        seen[key] = interface;
      } else {
        ++cut;
      }
    }
  });
  cut_ = cut;
}

std::map<std::uint32_t, double> SeenInterfaces::of(const IpAddress& exporter) const {
  std::map<std::uint32_t, double> rates;
  seen_.with([&](const Seen& seen) {
    for (auto it = seen.lower_bound({exporter, 0}); it != seen.end() && it->first.first == exporter; ++it) rates[it->first.second] = it->second.bps;
  });
  return rates;
}

}  // namespace weir
