// A segment read block by block: which halves of which rows are selected, and their counters, zero where not selected.
// Everything that a query computes is computed from these blocks. One thread per scan; ScanPlan is shared, immutable.
#pragma once
#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "query/bound_filter.hpp"
#include "query/column_block.hpp"
#include "query/row_choice.hpp"
#include "query/sampling_rates.hpp"
#include "query/segment_columns.hpp"
#include "query/time_share.hpp"

namespace weir {

struct ScanPlan {
  TimeRange range;
  FilterNode filter;  // names looked up
  SamplingRates rates;
  bool need_times = false;  // blocks carry start and end even where the segment lies inside the range
  const std::atomic<bool>* cancelled = nullptr;  // may be null
  DerivedSources sources{};
  bool is_cancelled() const { return cancelled != nullptr && cancelled->load(std::memory_order_relaxed); }
};

// Arrays by [SessionSide][row - first row of the block].
struct Block {
  std::uint32_t row = 0, n = 0;
  std::uint32_t selected_rows = 0;  // with at least one selected half
  std::array<bool, 2> whole{};      // by side: every row's half is selected
  bool has_times = false;
  bool small_counters = true;  // a block's octets or packets cannot add up to more than 64 bits hold
  bool any_saturated = false;  // `saturated` is filled: some selected half counts more than 64 bits hold
  bool weighted = false;       // a row stands for several sessions
  template <class T>
  using Sides = std::array<std::array<T, kBlockRows>, 2>;
  alignas(64) Sides<std::uint64_t> octets,
      packets;  // of the whole session, scaled, until clip() makes them shares of the range
  alignas(64) Sides<std::uint64_t> flows;
  alignas(64) Sides<std::uint8_t> selected;              // 0 or 1
  alignas(64) Sides<std::uint8_t> saturated;             // 0 or 1: octets or packets, scaled, did not fit
  alignas(64) std::array<std::uint8_t, kBlockRows> any;  // of the two
  alignas(64) std::array<std::int64_t, kBlockRows> start, end;
  alignas(64) std::array<std::uint64_t, kBlockRows> sessions;  // that the row stands for; 1 unless weighted

  Block() { sessions.fill(1); }
  // Turns octets and packets into the parts that lie in the range. Needs times.
  void clip(const TimeRange& range);
  // Deselects the other halves.
  void leave_only(SessionSide side);
};

// What a summary says about the selected sessions.
struct ScanTally {
  RateList rates;  // that scaled something
  // Sessions.
  std::uint64_t unsampled = 0;
  std::uint64_t scaled_later = 0;  // whose rate was announced after them
  std::uint64_t time_repaired = 0;
  std::uint64_t counters_uncertain = 0;
  std::uint64_t no_counters = 0;
  void add(const ScanTally& other);
};

class SegmentScan {
 public:
  // Throws std::runtime_error when a column is damaged; all that blocks need is loaded here. `choice` is borrowed;
  // null: all rows that the filter and the range select.
  SegmentScan(const ScanPlan& plan, SegmentColumns& columns, const RowChoice* choice = nullptr);

  // The next block with a selected row; false at the end, or when cancelled.
  bool next(Block& block);
  // Of the blocks so far.
  const ScanTally& tally() const { return tally_; }
  // No row can be selected.
  bool is_empty() const { return nothing_; }
  const RowRates& rates() const { return rates_; }
  // Every row lies inside the range: shares are whole.
  bool inside_range() const { return inside_; }

 private:
  void select(Block& block);
  void choose_rows(Block& block);
  void read_counters(Block& block);
  void scale_large(Block& block, const std::uint64_t* rates) const;
  void read_quality(const Block& block);
  // `marked`: its exporter was known to sample, at an unknown rate.
  void count_rate(std::uint32_t row, std::uint64_t sessions, bool marked);

  const ScanPlan& plan_;
  SegmentColumns& columns_;
  const RowChoice* const choice_;
  RowRates rates_;
  BoundFilter filter_;
  std::array<const Column*, 2> octets_{}, packets_{}, flows_{};
  const Column* start_ = nullptr;
  const Column* duration_ = nullptr;
  const Column* quality_ = nullptr;
  const Column* sessions_ = nullptr;  // null: each row is one
  bool nothing_ = false, inside_ = false;
  bool small_counters_ = true;
  std::uint32_t row_ = 0;
  ScanTally tally_;
};

}  // namespace weir
