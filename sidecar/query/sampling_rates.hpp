// By what a session's counters are multiplied: its own sampling rate, else the one configured for its exporter, else 1.
// SamplingRates is shared by a query's threads, immutable; RowRates belongs to one thread and one segment.
#pragma once
#include <algorithm>
#include <cstdint>
#include <vector>

#include "query/column_block.hpp"
#include "query/segment_columns.hpp"

namespace weir {

class SamplingRates {
 public:
  SamplingRates(const std::vector<ExporterName>& exporters, bool unscaled);
  bool unscaled() const { return unscaled_; }
  bool any_configured() const { return !configured_.empty(); }
  // 0: none.
  std::uint64_t configured(std::uint64_t exporter) const { return exporter < configured_.size() ? configured_[exporter] : 0; }
  // The rate of a session.
  std::uint64_t rate_of(std::uint64_t sampling, std::uint64_t exporter) const {
    if (unscaled_) return 1;
    return sampling != 0 ? sampling : std::max<std::uint64_t>(1, configured(exporter));
  }

 private:
  bool unscaled_;
  std::vector<std::uint32_t> configured_;  // by exporter id
};

class RowRates {
 public:
  RowRates(const SamplingRates& rates, SegmentColumns& columns);
  // The rate of every row, when they are equal.
  bool is_uniform() const { return uniform_ != 0; }
  std::uint64_t uniform() const { return uniform_; }
  void read(std::uint32_t row, std::uint32_t n, std::uint64_t* out) const;

 private:
  const SamplingRates& rates_;
  const Column* sampling_ = nullptr;
  const Column* exporter_ = nullptr;
  std::uint64_t uniform_ = 0;
};

}  // namespace weir
