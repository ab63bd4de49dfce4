// A rate is the difference between the oldest and the newest sample.
#include "app/traffic_rates.hpp"

namespace weir {

namespace {
double rate(std::uint64_t before, std::uint64_t after, std::int64_t ms) {
  return ms <= 0 || after < before ? 0.0 : static_cast<double>(after - before) * 1000.0 / static_cast<double>(ms);
}
}  // namespace

void TrafficRates::sample(std::int64_t now_ms, const ExporterTable& exporters) {
  Sample s{.at_ms = now_ms, .datagrams = 0, .records = 0, .by_exporter = {}};
  for (const Exporter* e : exporters.all()) {
    s.datagrams += e->datagrams;
    s.records += e->records;
    s.by_exporter[e->id] = e->records;
  }
  samples_.with([&](auto& samples) {
    samples.push_back(std::move(s));
    if (samples.size() > kSamples) samples.pop_front();
  });
}

double TrafficRates::records_per_s() const {
  return samples_.with([](const auto& s) {
    return s.size() < 2 ? 0.0 : rate(s.front().records, s.back().records, s.back().at_ms - s.front().at_ms);
  });
}

double TrafficRates::datagrams_per_s() const {
  return samples_.with([](const auto& s) {
    return s.size() < 2 ? 0.0 : rate(s.front().datagrams, s.back().datagrams, s.back().at_ms - s.front().at_ms);
  });
}

double TrafficRates::records_per_s(const Exporter& exporter) const {
  return samples_.with([&](const auto& s) {
    if (s.size() < 2) return 0.0;
    const auto at = [&](const Sample& x) {
      const auto it = x.by_exporter.find(exporter.id);
      return it == x.by_exporter.end() ? std::uint64_t{0} : it->second;
    };
    return rate(at(s.front()), at(s.back()), s.back().at_ms - s.front().at_ms);
  });
}

}  // namespace weir
