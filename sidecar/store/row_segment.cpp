// Columns of rows in memory, on demand.
#include "store/row_segment.hpp"

#include <algorithm>

#include "store/encoding.hpp"

namespace weir {

RowSegment::RowSegment(std::vector<Session> rows) : rows_(std::move(rows)) {
  for (const auto& row : rows_) widen(row);
}

std::shared_ptr<const Column> RowSegment::column(ColumnId id) const {
  const std::lock_guard lock(mutex_);
  auto& column = columns_[column_index(id)];
  if (!column) column = std::make_shared<const Column>(encode_column(id, rows_));
  return column;
}

void RowSegment::insert(std::size_t at, const Session& row) {
  if (at == rows_.size()) {
    rows_.push_back(row);
  } else {
    rows_.insert(rows_.begin() + static_cast<std::ptrdiff_t>(at), row);
  }
  widen(row);
}

void RowSegment::replace(std::size_t at, const Session& row) {
  rows_[at] = row;
  widen(row);
}

void RowSegment::widen(const Session& row) {
  min_start_ms_ = std::min(min_start_ms_, row.start_ms);
  max_end_ms_ = std::max(max_end_ms_, row.end_ms);
}

}  // namespace weir
