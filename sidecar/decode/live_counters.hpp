// The decoder's counters as other threads may read them: one thread writes, so a relaxed store is enough.
#pragma once
#include <atomic>
#include <cstdint>

#include "decode/decoder.hpp"

namespace weir {

class LiveCount {
 public:
  void add(std::uint64_t n) { value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed); }
  void subtract(std::uint64_t n) { value_.store(value_.load(std::memory_order_relaxed) - n, std::memory_order_relaxed); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

struct LiveCounters {
  LiveCount datagrams, records, options_records, malformed, unsupported, came_without_template, waiting_for_template, waiting_dropped, templates,
      templates_refused, sampling_refused, domains_refused, time_repaired, rejected;

  DecodeCounters snapshot() const {
    return {.datagrams = datagrams.value(), .records = records.value(), .options_records = options_records.value(),
            .malformed = malformed.value(), .unsupported = unsupported.value(),
            .came_without_template = came_without_template.value(), .waiting_for_template = waiting_for_template.value(), .waiting_dropped = waiting_dropped.value(),
            .templates = templates.value(), .templates_refused = templates_refused.value(),
            .sampling_refused = sampling_refused.value(), .domains_refused = domains_refused.value(),
            .time_repaired = time_repaired.value(), .rejected = rejected.value()};
  }
};

}  // namespace weir
