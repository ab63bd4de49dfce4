// A rate that Zabbix makes of a counter (change per second) holds for the time since the poll before.
#include "monitor/snmp_history.hpp"

namespace weir {

namespace {
constexpr std::int64_t kMaxGapS = 900;
constexpr std::size_t kMaxSamples = 10'000;
}  // namespace

void SnmpHistory::add(std::int64_t at_s, double octets_per_s) {
  if (at_s <= last_s() || !(octets_per_s >= 0)) return;
  samples_.push_back({.at_s = at_s, .octets_per_s = octets_per_s});
  if (samples_.size() > kMaxSamples) samples_.pop_front();
}

void SnmpHistory::forget_before(std::int64_t at_s) {
  while (!samples_.empty() && samples_.front().at_s < at_s) samples_.pop_front();
}

void SnmpHistory::for_each_stretch(std::int64_t from_ms, std::int64_t to_ms,
                                   const std::function<void(std::int64_t, std::int64_t, double)>& f) const {
  for (std::size_t i = 1; i < samples_.size(); ++i) {
    const auto from_s = samples_[i - 1].at_s, to_s = samples_[i].at_s;
    if (to_s - from_s > kMaxGapS || from_s * 1000 < from_ms || to_s * 1000 > to_ms) continue;
    f(from_s * 1000, to_s * 1000, samples_[i].octets_per_s * static_cast<double>(to_s - from_s));
  }
}

}  // namespace weir
