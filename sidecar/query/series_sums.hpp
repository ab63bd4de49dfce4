// Sums per bucket of one query thread, for a few slots (the rows of a result and "other"). Exact: every bucket gets what
// a query of just that bucket's range would count. One thread.
#pragma once
#include <cstdint>
#include <vector>

#include "query/segment_keys.hpp"
#include "query/segment_scan.hpp"
#include "query/time_share.hpp"

namespace weir {

// From keys to slots: keys that no row has go to the last slot.
class RowSlots {
 public:
  // `rows`: the values of each row's key, one per field.
  RowSlots(std::size_t fields, const std::vector<std::vector<RawKey>>& rows);
  std::uint32_t other() const { return rows_; }
  std::uint32_t slot_of(const SegmentKeys& keys, std::uint32_t id) const;

 private:
  std::uint32_t rows_;
  std::vector<KeyTable> values_;  // by field
  KeyTable tuples_;               // of numbers of values; a row's number is its slot
};

class SeriesSums {
 public:
  struct Cell {
    std::uint64_t octets = 0, packets = 0;
  };

  SeriesSums(const BucketGrid& grid, std::uint32_t slots) : grid_(grid), cells_(std::size_t{slots} * grid.count()) {}

  // All selected halves into slot 0. Blocks with times, not clipped.
  void add_block(const Block& block);
  // Each key's halves into its slot.
  void add_block(const GroupPlan& plan, const RowSlots& slots, SegmentKeys& keys, const Block& block);
  void end_segment() { slot_of_id_.clear(); }
  void merge(const SeriesSums& other);
  const Cell* slot(std::uint32_t slot) const { return cells_.data() + std::size_t{slot} * grid_.count(); }

 private:
  // One row's halves [first, last] into `count` slots.
  void add_row(const Block& block, std::uint32_t i, std::size_t first, std::size_t last, const std::uint32_t* slots, std::size_t count);
  void spread(const Block& block, std::uint32_t i, std::size_t first, std::size_t last, std::uint32_t bucket, const std::uint32_t* slots, std::size_t count);
  void add(std::uint32_t bucket, std::uint64_t octets, std::uint64_t packets, const std::uint32_t* slots, std::size_t count) {
    for (std::size_t s = 0; s < count; ++s) {
      auto& cell = cells_[std::size_t{slots[s]} * grid_.count() + bucket];
      cell.octets += octets;
      cell.packets += packets;
    }
  }

  const BucketGrid& grid_;
  std::vector<Cell> cells_;                // by slot and bucket
  std::vector<std::uint32_t> slot_of_id_;  // of the segment at hand
};

}  // namespace weir
