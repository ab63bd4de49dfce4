// Rates of exporters between two samples of their counters. One thread; the counters read are atomics of the table.
#pragma once
#include <cstdint>
#include <optional>
#include <unordered_map>

#include "flow/exporter_table.hpp"

namespace weir {

struct ExporterFigures {
  double records_per_s = 0, datagrams_per_s = 0, drops_per_s = 0;
  // The part that is lost, 0 to 1. Sequence numbers count records, of NetFlow v9 alone datagrams (RFC 3954 5.1); what the
  // receiver dropped is missing in the sequence, too, so the larger of both counts.
  double loss = 0;
};

class ExporterMeter {
 public:
  explicit ExporterMeter(const ExporterTable& exporters) : exporters_(exporters) {}

  void sample(std::int64_t now_ms);
  // Between the last two samples; none before there are two.
  std::optional<ExporterFigures> figures(std::uint32_t exporter_id) const;
  std::optional<ExporterFigures> totals() const;

 private:
  struct Counters {
    std::uint64_t records = 0, datagrams = 0, lost = 0, drops = 0;
  };
  using Sample = std::unordered_map<std::uint32_t, Counters>;
  const ExporterTable& exporters_;
  Sample before_, last_;
  std::int64_t before_ms_ = 0, last_ms_ = 0;
};

}  // namespace weir
