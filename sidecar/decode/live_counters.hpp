// The decoder's counters as other threads may read them: one thread writes, so a relaxed store is enough.
#pragma once
#include <atomic>
#include <cstdint>

#include "decode/decoder.hpp"

namespace weir {

class LiveCount {
 public:
  void add(std::uint64_t n) { value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed); }
  void subtract(std::uint64_t n) {
    value_.store(value_.load(std::memory_order_relaxed) - n, std::memory_order_relaxed);
  }
  void set(std::uint64_t n) { value_.store(n, std::memory_order_relaxed); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

struct LiveCounters {
  LiveCount datagrams, records, options_records, malformed, unsupported, came_without_template, waiting_for_template,
      waiting_dropped, templates, templates_refused, sampling_refused, names_refused, name_bytes, domains_refused,
      time_repaired, rejected_counters, rejected_rates, rejected_empty, withdrawals_ignored, templates_forgotten,
      duplicates, streams_forgotten, saves_deferred, state_bytes, senders_refused, senders_waiting,
      senders_waiting_bytes, senders_admitted, senders_turned_away, datagrams_turned_away, samples_lost,
      samples_dropped, samples_skipped, left_out, flow_memory_bytes, flows_forgotten, originals_refused;

  DecodeCounters snapshot() const {
    return {.datagrams = datagrams.value(),
            .records = records.value(),
            .options_records = options_records.value(),
            .malformed = malformed.value(),
            .unsupported = unsupported.value(),
            .came_without_template = came_without_template.value(),
            .waiting_for_template = waiting_for_template.value(),
            .waiting_dropped = waiting_dropped.value(),
            .templates = templates.value(),
            .templates_refused = templates_refused.value(),
            .sampling_refused = sampling_refused.value(),
            .names_refused = names_refused.value(),
            .domains_refused = domains_refused.value(),
            .time_repaired = time_repaired.value(),
            .left_out = left_out.value(),
            .flow_memory_bytes = flow_memory_bytes.value(),
            .flows_forgotten = flows_forgotten.value(),
            .originals_refused = originals_refused.value(),
            .rejected = rejected_counters.value() + rejected_rates.value() + rejected_empty.value(),
            .rejected_counters = rejected_counters.value(),
            .rejected_rates = rejected_rates.value(),
            .rejected_empty = rejected_empty.value(),
            .withdrawals_ignored = withdrawals_ignored.value(),
            .templates_forgotten = templates_forgotten.value(),
            .duplicates = duplicates.value(),
            .streams_forgotten = streams_forgotten.value(),
            .name_bytes = name_bytes.value(),
            .saves_deferred = saves_deferred.value(),
            .samples_lost = samples_lost.value(),
            .samples_dropped = samples_dropped.value(),
            .samples_skipped = samples_skipped.value(),
            .state_bytes = state_bytes.value(),
            .senders_refused = senders_refused.value(),
            .senders_waiting = senders_waiting.value(),
            .senders_waiting_bytes = senders_waiting_bytes.value(),
            .senders_admitted = senders_admitted.value(),
            .senders_turned_away = senders_turned_away.value(),
            .datagrams_turned_away = datagrams_turned_away.value()};
  }
};

}  // namespace weir
