// Records and datagrams per second, of the whole and of each exporter, from counters sampled about once a second and
// averaged over the last ten. sample() from one thread, the rest from any.
#pragma once
#include <cstdint>
#include <deque>
#include <unordered_map>

#include "core/guarded.hpp"
#include "flow/exporter_table.hpp"

namespace weir {

class TrafficRates {
 public:
  void sample(std::int64_t now_ms, const ExporterTable& exporters);
  double records_per_s() const;
  double datagrams_per_s() const;
  double records_per_s(const Exporter& exporter) const;

 private:
  static constexpr std::size_t kSamples = 11;
  struct Sample {
    std::int64_t at_ms = 0;
    std::uint64_t datagrams = 0, records = 0;
    std::unordered_map<std::uint32_t, std::uint64_t> by_exporter;
  };
  Guarded<std::deque<Sample>> samples_;
};

}  // namespace weir
