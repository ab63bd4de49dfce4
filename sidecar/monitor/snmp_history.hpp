// What a counter in the monitor said lately: rates with the time at which each was taken. One thread.
#pragma once
#include <cstdint>
#include <deque>
#include <functional>

namespace weir {

class SnmpHistory {
 public:
  // Octets per second over the time since the sample before. Samples older than the last are left out.
  void add(std::int64_t at_s, double octets_per_s);
  void forget_before(std::int64_t at_s);
  std::int64_t last_s() const { return samples_.empty() ? 0 : samples_.back().at_s; }

  // Calls f(from_ms, to_ms, octets) for every stretch between samples that lies within [from_ms, to_ms]; gaps are left
  // out.
  void for_each_stretch(std::int64_t from_ms, std::int64_t to_ms,
                        const std::function<void(std::int64_t, std::int64_t, double)>& f) const;

 private:
  struct Sample {
    std::int64_t at_s = 0;
    double octets_per_s = 0;
  };
  std::deque<Sample> samples_;
};

}  // namespace weir
