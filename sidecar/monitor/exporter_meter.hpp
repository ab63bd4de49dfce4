// Rates of exporters from their counters, sampled now and then. One thread; the counters read are atomics of the table.
#pragma once
#include <cstdint>
#include <optional>
#include <unordered_map>

#include "flow/exporter_table.hpp"
#include "monitor/heard_times.hpp"

namespace weir {

struct ExporterFigures {
  double records_per_s = 0;
  // The part that is lost, 0 to 1. Sequence numbers count records, of NetFlow v9 alone datagrams (RFC 3954 5.1); what
  // the receiver dropped is missing in the sequence, too, so the larger of both counts.
  double loss = 0;
};
struct CollectorFigures {
  double records_per_s = 0, datagrams_per_s = 0, drops_per_s = 0;
};

class ExporterMeter {
 public:
  explicit ExporterMeter(const ExporterTable& exporters) : exporters_(exporters) {}

  // `heard`: of the time since the sample before.
  void sample(std::int64_t now_ms, const HeardTimes& heard);
  // Since the sample at which it was heard before; none when it was not heard since the last sample, or was silent in
  // between.
  std::optional<ExporterFigures> figures(std::uint32_t exporter_id) const;
  // Of all, between the last two samples; none before there are two. The collector knows what it received, also when
  // that is nothing.
  std::optional<CollectorFigures> totals() const { return totals_; }

 private:
  struct Counters {
    std::int64_t at_ms = 0;
    std::uint64_t records = 0, datagrams = 0, lost = 0, drops = 0;
  };
  struct Account {
    Counters last;          // sample
    Counters since;         // of the figures to come
    bool is_heard = false;  // just before that
    std::optional<ExporterFigures> figures;
  };
  void measure(const Exporter& exporter, Account& account, const Counters& now, const HeardTimes& heard) const;

  const ExporterTable& exporters_;
  std::unordered_map<std::uint32_t, Account> accounts_;  // by id
  std::int64_t last_ms_ = 0;
  std::optional<CollectorFigures> totals_;
};

}  // namespace weir
