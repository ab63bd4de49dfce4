// A block of sums in a day's file. Columns load when asked for, through the cache. Any thread.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "store/sqlite/sum_file.hpp"

namespace weir {

class StoredSums final : public SumBlock {
 public:
  // `covered`: the segments that the block names, in its order.
  StoredSums(const StoredBlock& block, std::vector<std::shared_ptr<const SealedSegment>> covered,
             std::shared_ptr<const DayHandle> file, ColumnCache& cache);

  std::span<const std::shared_ptr<const Segment>> covered() const override { return covered_; }
  std::shared_ptr<const Column> kept_rows(std::size_t covered) const override;
  std::span<const SumLevel> levels() const override { return levels_; }
  std::span<const std::shared_ptr<const Segment>> odd_sessions() const override { return odd_; }
  std::span<const std::shared_ptr<const Segment>> crossing_sessions() const override { return crossing_; }
  std::int64_t min_start_ms() const override { return min_start_ms_; }
  std::int64_t max_end_ms() const override { return max_end_ms_; }

  std::int64_t id() const { return id_; }
  std::uint64_t sessions() const { return sessions_; }
  // A question can read them.
  bool has_sums() const { return !levels_.empty(); }
  // What a read found wrong; "": nothing so far.
  std::string damage() const;

 private:
  const std::int64_t id_, min_start_ms_, max_end_ms_;
  const std::uint64_t sessions_;
  const std::shared_ptr<const DayHandle> file_;
  ColumnCache& cache_;
  const std::uint64_t cache_id_;
  std::vector<std::shared_ptr<const Segment>> covered_, odd_, crossing_;
  std::vector<SumLevel> levels_;
  std::vector<std::shared_ptr<const SealedSegment>> parts_;
  mutable Guarded<std::string> damage_;
};

// The blocks of a day's file whose segments are all among `segments`; ids of the others go to `stale`. Throws
// SqliteError.
std::vector<std::shared_ptr<const StoredSums>> read_sums(
    const std::shared_ptr<const DayHandle>& file, const std::vector<std::shared_ptr<const SealedSegment>>& segments,
    ColumnCache& cache, std::vector<std::int64_t>& stale);

// DATA/sums/YYYY-MM-DD.sqlite.
std::string sum_path(const std::string& dir, std::int32_t day);

}  // namespace weir
