// By what a session's counters are multiplied: its own sampling rate, else the one that its exporter announced
// afterwards, else the one configured for its exporter, else 1. SamplingRates is shared by a query's threads,
// immutable; RowRates belongs to one thread and one segment; RateList is a plain value.
#pragma once
#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "query/column_block.hpp"
#include "query/segment_columns.hpp"

namespace weir {

// What a session's rate comes from.
enum class RateOrigin : std::uint8_t {
  kOwn,
  kLate,  // announced after the session
  kConfigured,
  kNone,       // as exported
  kUncertain,  // as exported; its exporter announced a rate afterwards, and it cannot be told whether that holds
};

struct SessionRate {
  std::uint64_t rate = 1;
  RateOrigin origin = RateOrigin::kNone;
};

class SamplingRates {
 public:
  SamplingRates(const std::vector<ExporterName>& exporters, bool unscaled);
  bool unscaled() const { return unscaled_; }
  bool any_configured() const { return largest_configured_ > 1; }
  std::uint64_t largest_configured() const { return largest_configured_; }
  // 0: none.
  std::uint64_t configured(std::uint64_t exporter) const {
    return exporter < exporters_.size() ? exporters_[exporter].configured : 0;
  }
  SessionRate rate_of(std::uint64_t sampling, std::uint64_t exporter, std::int64_t start_ms, std::int64_t end_ms) const;
  // What exporters with ids from `least` to `most` announced late that sessions within these times may touch: the
  // largest rate; 0: nothing.
  std::uint64_t largest_late(std::uint64_t least, std::uint64_t most, std::int64_t from_ms, std::int64_t to_ms) const;

 private:
  struct OfExporter {
    std::uint32_t configured = 0;
    std::vector<LateRate> late;
  };

  bool unscaled_, any_late_ = false;
  std::vector<OfExporter> exporters_;  // by id
  std::uint64_t largest_configured_ = 1;
};

class RowRates {
 public:
  RowRates(const SamplingRates& rates, SegmentColumns& columns);
  // The rate of every row, when they are equal.
  bool is_uniform() const { return uniform_ != 0; }
  std::uint64_t uniform() const { return uniform_; }
  // No row has a larger one.
  std::uint64_t largest() const { return largest_; }
  void read(std::uint32_t row, std::uint32_t n, std::uint64_t* out) const;
  // Rows of this segment may have a rate that was announced late, or an uncertain one.
  bool has_late() const { return start_ != nullptr; }
  SessionRate at(std::uint32_t row) const;

 private:
  const SamplingRates& rates_;
  const Column* sampling_ = nullptr;
  const Column* exporter_ = nullptr;
  const Column* start_ = nullptr;
  const Column* duration_ = nullptr;
  std::uint64_t uniform_ = 0, largest_ = 1;
};

// The distinct rates that scaled an answer. Senders choose how many there are, so only the smallest are kept, and it is
// said that there are more. Adding costs the same however many there were; the order of adding does not matter.
class RateList {
 public:
  static constexpr std::size_t kMaxRates = 64;
  void add(std::uint64_t rate);  // 1 scales nothing and is left out
  void add(const RateList& other);
  std::span<const std::uint64_t> rates() const { return rates_; }  // ascending
  bool more() const { return more_; }

 private:
  std::vector<std::uint64_t> rates_;
  bool more_ = false;
};

}  // namespace weir
