// Sums per bucket of one query thread, for a few slots (the rows of a result and "other"). Exact: every bucket gets
// what a query of just that bucket's range would count. One thread.
#pragma once
#include <array>
#include <cstdint>
#include <vector>

#include "query/row_slots.hpp"
#include "query/segment_keys.hpp"
#include "query/segment_scan.hpp"
#include "query/time_share.hpp"

namespace weir {

class SeriesSums {
 public:
  enum Counter : std::size_t { kOctets, kPackets };
  using Cell = std::array<std::uint64_t, 2>;

  struct Counts {
    std::uint64_t flows = 0, sessions = 0;
  };

  // `once`: of the two keys of a half only the one with the lower slot counts, and whole slots are counted, too.
  SeriesSums(const BucketGrid& grid, std::uint32_t slots, bool once = false)
      : grid_(grid), cells_(std::size_t{slots} * grid.count()), saturated_(slots), counts_(once ? slots : 0) {}
  static std::uint64_t memory_bytes(std::uint32_t buckets, std::uint64_t slots) {
    return slots * buckets * sizeof(Cell);
  }

  // All selected halves into slot 0. Blocks with times, not clipped. `fits`: as of GroupSums::add_block.
  void add_block(const Block& block, bool fits);
  // Each key's halves into its slot.
  void add_block(const GroupPlan& plan, const RowSlots& slots, SegmentKeys& keys, const Block& block, bool fits);
  void end_segment() { slot_of_id_.clear(); }
  void merge(const SeriesSums& other);
  const Cell* slot(std::uint32_t slot) const { return cells_.data() + std::size_t{slot} * grid_.count(); }
  // With `once`: all of a slot, buckets together.
  Measures measures(std::uint32_t slot) const;
  // The slot's octets or packets are more than its cells say.
  bool is_saturated(std::uint32_t slot) const { return saturated_[slot] != 0; }

 private:
  struct Slots {
    std::array<std::uint32_t, 2> slot{};
    std::size_t count = 1;
  };
  // Where a session is cut: buckets [first, last], elapsed times since its start.
  struct Cut {
    std::int64_t start_ms = 0;
    std::uint32_t first = 0, last = 0;
    std::uint64_t duration = 0, reciprocal = 0;  // 2^64 / duration, rounded up
    std::uint64_t from = 0, until = 0;
  };

  // One row's halves [first, last] into the slots. kCareful: cells may not hold their sums, and are marked then.
  template <bool kCareful>
  void add_row(const Block& block, std::uint32_t i, std::size_t first, std::size_t last, const Slots& slots);
  template <bool kCareful>
  void add_keys(const GroupPlan& plan, const RowSlots& slots, SegmentKeys& keys, const Block& block);
  template <bool kCareful, class SlotOf>
  void add_once(const GroupPlan& plan, const Block& block, std::uint32_t i, const SlotOf& slot_of);
  template <bool kCareful>
  void cut_row(const Block& block, std::uint32_t i, std::size_t first, std::size_t last, std::uint32_t bucket,
               const Slots& slots);
  template <bool kCareful>
  void spread(const Cut& cut, std::uint64_t whole, Counter counter, const Slots& slots);
  template <bool kCareful>
  void spread_by_division(const Cut& cut, std::uint64_t whole, Counter counter, const Slots& slots);
  template <bool kCareful>
  void add_to(Cell& cell, Counter counter, std::uint64_t amount, std::uint32_t slot);
  std::uint64_t elapsed_at_end_of(std::uint32_t bucket, const Cut& cut) const {
    return static_cast<std::uint64_t>(grid_.edge(bucket + 1) - cut.start_ms);
  }
  Cell* row_of(std::uint32_t slot) { return cells_.data() + std::size_t{slot} * grid_.count(); }

  const BucketGrid& grid_;
  std::vector<Cell> cells_;                // by slot and bucket
  std::vector<std::uint8_t> saturated_;    // by slot
  std::vector<Counts> counts_;             // by slot; empty unless each half counts once
  std::vector<std::uint32_t> slot_of_id_;  // of the segment at hand
};

}  // namespace weir
