// Which times of exporters count at the rate at which they were sampled. A rate can be announced after the records that
// it holds for; until then they count too little. One thread, that of values.
#pragma once
#include <cstdint>
#include <deque>
#include <unordered_map>
#include <vector>

#include "flow/exporter_table.hpp"
#include "monitor/heard_times.hpp"

namespace weir {

class RateTimes {
 public:
  // Notices what came at an unknown rate, and what has been announced: about once a second.
  void listen(const Exporter& exporter, std::int64_t now_ms);
  // The collector begins to listen, or to do so anew because the clock was set back.
  void begin(std::int64_t now_ms) {
    of_.clear();
    since_ms_ = now_ms;
  }

  // Of what passed in `time`, and was reported by `report_ms` later.
  Knowledge knowledge(const Exporter& exporter, const TimeRange& time, std::int64_t report_ms,
                      std::int64_t now_ms) const;

 private:
  struct OfExporter {
    std::uint64_t unsampled = 0;
    bool has_announced = false;
    std::vector<LateRate> late;
    std::int64_t looked_ms = 0;
    std::int64_t learnt_ms = 0;     // when something was announced that holds for what came before
    std::deque<TimeRange> unrated;  // when records of an unknown rate came, ascending
  };
  static void note_unrated(OfExporter& of, const TimeRange& came);
  // It has sent for a while, and all that came had a rate.
  static bool is_settled(const OfExporter& of, const Exporter& exporter);

  std::unordered_map<std::uint32_t, OfExporter> of_;  // by id
  std::int64_t since_ms_ = 0;
};

}  // namespace weir
