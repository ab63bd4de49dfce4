// The sums of one family over units of one length, while they are added up. One thread; borrows the links.
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "store/sum_block.hpp"
#include "store/sums/column_segment.hpp"
#include "store/sums/segment_words.hpp"
#include "store/sums/tuple_numbers.hpp"

namespace weir {

// What all families have of a session: kSumColumns, and which of its halves were reported (bits by side).
class SumLinks {
 public:
  SumLinks() : tuples_(kSumColumns.size() + 1) {}
  // The number of each row's link.
  std::vector<std::uint32_t> of(const Segment& segment);
  std::uint64_t column(std::uint32_t link, std::size_t column) const { return tuples_.tuple(link)[column]; }
  bool is_reported(std::uint32_t link, std::size_t side) const {
    return (tuples_.tuple(link)[kSumColumns.size()] >> side & 1) != 0;
  }

 private:
  TupleNumbers tuples_;
};

class SumTable {
 public:
  SumTable(const SumLinks& links, SumFamily family, std::int64_t unit_ms)
      : links_(links), family_(family), unit_ms_(unit_ms), keys_(2 + SegmentWords::width(own_columns(family))) {}

  // Row `row` of a segment whose own columns are `words`, within the unit that `ms` lies in.
  void add(std::int64_t ms, std::uint32_t link, const SegmentWords& words, const SegmentCounts& counts,
           std::uint32_t row) {
    std::array<std::uint64_t, kMostWords> key;
    key[0] = static_cast<std::uint64_t>(ms / unit_ms_);
    key[1] = link;
    words.read(row, key.data() + 2);
    const auto number = keys_.find_or_add(key.data());
    if (number == sums_.size()) sums_.emplace_back();
    auto& sum = sums_[number];
    for (std::size_t side = 0; side < 2; ++side) {
      sum.octets[side] += counts.octets[side][row];
      sum.packets[side] += counts.packets[side][row];
      sum.flows[side] += counts.flows[side][row] & ~std::uint64_t{kInsideOtherRecord};
    }
    sum.sessions += counts.sessions[row];
    summed_ += counts.sessions[row];
  }
  std::uint64_t rows() const { return sums_.size(); }
  std::uint64_t summed() const { return summed_; }  // sessions
  // In order of time.
  std::vector<std::shared_ptr<const ColumnSegment>> segments(std::uint32_t rows_per_segment) const;

 private:
  static constexpr std::size_t kMostWords = 12;
  struct Sums {
    std::array<std::uint64_t, 2> octets{}, packets{}, flows{};
    std::uint64_t sessions = 0;
  };
  std::shared_ptr<const ColumnSegment> segment_of(std::span<const std::uint32_t> order) const;
  std::uint32_t link_of(std::uint32_t row) const { return static_cast<std::uint32_t>(keys_.tuple(row)[1]); }

  const SumLinks& links_;
  const SumFamily family_;
  const std::int64_t unit_ms_;
  TupleNumbers keys_;  // unit, link, and the family's own columns
  std::vector<Sums> sums_;
  std::uint64_t summed_ = 0;
};

}  // namespace weir
