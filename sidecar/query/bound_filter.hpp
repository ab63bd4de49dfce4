// A filter tied to one segment: dictionaries are tested once per distinct value, packed columns by comparing raw
// entries, and what the columns' limits decide already is not looked at again. One thread.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "query/filter.hpp"
#include "query/sampling_rates.hpp"
#include "query/segment_columns.hpp"

namespace weir {

enum class Truth : std::uint8_t { kNever, kSome, kAlways };

// False only when it is known without loading a column that no row of the segment passes. `filter` has its names looked
// up.
bool may_pass(const FilterNode& filter, const Segment& segment);

class BoundFilter {
 public:
  // `root` has its names looked up. Loads the columns that it names.
  BoundFilter(const FilterNode& root, SegmentColumns& columns, const RowRates& rates);

  Truth truth(std::size_t side) const { return root_.truth[side]; }
  // Both halves of every row give the same answer.
  bool sides_agree() const { return root_.sides_agree; }
  // out[i] = 1 where the half `side` of row `row` + i passes, else 0. n <= kBlockRows.
  void evaluate(std::size_t side, std::uint32_t row, std::uint32_t n, std::uint8_t* out) const {
    evaluate(root_, side, row, n, out);
  }

 private:
  // One test on one column.
  struct ColumnTest {
    enum class How : std::uint8_t { kRanges, kTable, kNumbers, kBits };
    const Column* column = nullptr;
    Truth truth = Truth::kNever;
    How how = How::kRanges;
    std::vector<NumberRange> ranges;  // kRanges: of raw entries
    std::vector<std::uint8_t> table;  // kTable: by raw entry
    const FilterTest* test = nullptr;
  };
  struct Node {
    FilterNode::Kind kind = FilterNode::Kind::kEverything;
    std::array<Truth, 2> truth{Truth::kAlways, Truth::kAlways};
    bool sides_agree = true;
    std::vector<Node> children;
    std::array<std::vector<ColumnTest>, 2> tests;  // by side: one per end looked at
    bool all_ends = false;                         // of `tests`: all must pass, not any
    const FilterTest* counters = nullptr;          // octets or packets of the session
    std::array<const Column*, 2> counted{};
    bool small_counters = true;  // scaled, they fit 64 bits in every row
  };

  Node bind(const FilterNode& node, SegmentColumns& columns) const;
  void bind_test(Node& node, const FilterTest& test, SegmentColumns& columns) const;
  void bind_counters(Node& node, const FilterTest& test, SegmentColumns& columns) const;
  static ColumnTest bind_column(const FilterTest& test, const Column& column);
  void evaluate(const Node& node, std::size_t side, std::uint32_t row, std::uint32_t n, std::uint8_t* out) const;
  void evaluate_counters(const Node& node, std::uint32_t row, std::uint32_t n, std::uint8_t* out) const;
  static void evaluate_column(const ColumnTest& test, std::uint32_t row, std::uint32_t n, std::uint8_t* out);

  const RowRates& rates_;
  Node root_;
};

}  // namespace weir
