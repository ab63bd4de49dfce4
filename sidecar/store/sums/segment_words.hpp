// Columns of a segment as 64-bit words by row: one for a number, two for an address. One thread.
#pragma once
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <vector>

#include "store/column_numbers.hpp"
#include "store/store.hpp"

namespace weir {

inline std::vector<std::uint64_t> numbers_of(const Segment& segment, ColumnId id) {
  const auto column = segment.column(id);
  std::vector<std::uint64_t> numbers(column->rows);
  read_numbers(*column, 0, column->rows, numbers.data());
  return numbers;
}

class SegmentWords {
 public:
  SegmentWords(const Segment& segment, std::span<const ColumnId> ids) {
    for (const auto id : ids) {
      if (is_address(id)) {
        addresses_.push_back(segment.column(id));
      } else {
        numbers_.push_back(numbers_of(segment, id));
      }
    }
  }
  static bool is_address(ColumnId id) { return kColumns[column_index(id)].type == ColumnType::kAddress; }
  static std::size_t width(std::span<const ColumnId> ids) {
    std::size_t words = 0;
    for (const auto id : ids) words += is_address(id) ? 2 : 1;
    return words;
  }
  // Numbers first, then addresses, each in the order of the ids. Returns the end.
  std::uint64_t* read(std::uint32_t row, std::uint64_t* out) const {
    for (const auto& numbers : numbers_) *out++ = numbers[row];
    for (const auto& column : addresses_) {
      std::memcpy(out, column->address_at(row).bytes.data(), 16);
      out += 2;
    }
    return out;
  }

 private:
  std::vector<std::vector<std::uint64_t>> numbers_;
  std::vector<std::shared_ptr<const Column>> addresses_;
};

// What the rows of a segment count.
class SegmentCounts {
 public:
  explicit SegmentCounts(const Segment& segment)
      : octets{numbers_of(segment, ColumnId::kOctetsToServer), numbers_of(segment, ColumnId::kOctetsToClient)},
        packets{numbers_of(segment, ColumnId::kPacketsToServer), numbers_of(segment, ColumnId::kPacketsToClient)},
        flows{numbers_of(segment, ColumnId::kFlowsToServer), numbers_of(segment, ColumnId::kFlowsToClient)},
        sessions(numbers_of(segment, ColumnId::kSessions)) {}
  std::array<std::vector<std::uint64_t>, 2> octets, packets, flows;  // by side; flows as stored
  std::vector<std::uint64_t> sessions;
};

}  // namespace weir
