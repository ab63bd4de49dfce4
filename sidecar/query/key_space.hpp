// The distinct values that one group-by field has in one segment, numbered from 0, whichever of the field's columns
// they stand in; and the rows' numbers. One thread; borrows the columns.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "query/key_table.hpp"
#include "store/column.hpp"

namespace weir {

class KeySpace {
 public:
  explicit KeySpace(std::span<const Column* const> columns);

  std::uint32_t size() const { return size_; }
  RawKey value(std::uint32_t code) const;
  // codes[i] = the number of the value in row `row` + i of the column at that position.
  void read(std::size_t column, std::uint32_t row, std::uint32_t n, std::uint32_t* codes) const;

 private:
  struct Translation {
    enum class How : std::uint8_t { kConstant, kOffset, kTable, kRows };
    const Column* column = nullptr;
    How how = How::kConstant;
    std::uint32_t constant = 0;        // kConstant: the code
    std::uint32_t offset = 0;          // kOffset: code = raw entry + offset
    std::vector<std::uint32_t> codes;  // kTable: by raw entry; kRows: by row
  };
  void build_numbers(std::span<const Column* const> columns);
  void build_interval(std::span<const Column* const> columns, std::uint64_t min, std::uint64_t max);
  void build_by_hash(std::span<const Column* const> columns);
  template <class T>
  void build_from_dictionaries(std::span<const Column* const> columns, std::vector<T>& merged);

  enum class Values : std::uint8_t { kInterval, kNumbers, kAddresses, kHashed };
  Values values_ = Values::kInterval;
  std::uint32_t size_ = 0;
  std::uint64_t first_ = 0;  // kInterval: value = first_ + code
  std::vector<std::uint64_t> numbers_;
  std::vector<IpAddress> addresses_;
  KeyTable hashed_;
  std::vector<Translation> translations_;
};

}  // namespace weir
