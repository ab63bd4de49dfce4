// A segment whose rows are still in memory as rows: unsealed sessions, and tests. A column is encoded when first asked
// for and kept as long as the segment. Rows are added or changed only while nobody else holds the segment; from then on
// any thread reads it.
#pragma once
#include <array>
#include <limits>
#include <mutex>
#include <vector>

#include "store/store.hpp"

namespace weir {

class RowSegment final : public Segment {
 public:
  explicit RowSegment(std::vector<Session> rows);

  std::uint32_t rows() const override { return static_cast<std::uint32_t>(rows_.size()); }
  std::int64_t min_start_ms() const override { return min_start_ms_; }
  std::int64_t max_end_ms() const override { return max_end_ms_; }
  std::shared_ptr<const Column> column(ColumnId id) const override;
  const std::vector<Session>& sessions() const { return rows_; }

  void append(const Session& row) { insert(rows_.size(), row); }
  void insert(std::size_t at, const Session& row);
  void replace(std::size_t at, const Session& row);

 private:
  void widen(const Session& row);

  std::vector<Session> rows_;
  std::int64_t min_start_ms_ = std::numeric_limits<std::int64_t>::max();
  std::int64_t max_end_ms_ = std::numeric_limits<std::int64_t>::min();
  mutable std::mutex mutex_;
  mutable std::array<std::shared_ptr<const Column>, kColumnCount> columns_;
};

}  // namespace weir
