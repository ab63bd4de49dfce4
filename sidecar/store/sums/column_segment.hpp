// A segment of columns that are in memory. Columns that it does not have are those of an absent field. Immutable; any
// thread.
#pragma once
#include <array>
#include <memory>
#include <utility>

#include "store/encoding.hpp"
#include "store/store.hpp"

namespace weir {

class ColumnSegment final : public Segment {
 public:
  ColumnSegment(std::uint32_t rows, std::int64_t min_start_ms, std::int64_t max_end_ms)
      : rows_(rows), min_start_ms_(min_start_ms), max_end_ms_(max_end_ms) {}
  void set(ColumnId id, std::shared_ptr<const Column> column) { columns_[column_index(id)] = std::move(column); }
  void set(ColumnId id, Column column) { set(id, std::make_shared<const Column>(std::move(column))); }

  std::uint32_t rows() const override { return rows_; }
  std::int64_t min_start_ms() const override { return min_start_ms_; }
  std::int64_t max_end_ms() const override { return max_end_ms_; }
  std::shared_ptr<const Column> column(ColumnId id) const override {
    const auto& known = columns_[column_index(id)];
    return known ? known : std::make_shared<const Column>(default_column(id, rows_));
  }

 private:
  const std::uint32_t rows_;
  const std::int64_t min_start_ms_, max_end_ms_;
  std::array<std::shared_ptr<const Column>, kColumnCount> columns_;
};

}  // namespace weir
