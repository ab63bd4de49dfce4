// Everything is held by the object.
#include "store/sums/memory_sums.hpp"

#include <algorithm>

#include "store/row_segment.hpp"

namespace weir {

namespace {

class MemorySums final : public SumBlock {
 public:
  MemorySums(std::vector<std::shared_ptr<const Segment>> covered, BuiltSums built, const SumLimits& limits)
      : covered_(std::move(covered)), min_start_ms_(built.min_start_ms), max_end_ms_(built.max_end_ms) {
    for (auto& kept : built.kept_rows) kept_rows_.push_back(std::make_shared<const Column>(std::move(kept)));
    for (auto& level : built.levels) {
      auto& to = levels_.emplace_back();
      to.unit_ms = level.unit_ms;
      for (std::size_t f = 0; f < kSumFamilyCount; ++f) {
        if (level.families[f]) to.families[f].emplace(level.families[f]->begin(), level.families[f]->end());
      }
    }
    add(built.odd, limits, odd_);
    add(built.crossing, limits, crossing_);
  }
  std::span<const std::shared_ptr<const Segment>> covered() const override { return covered_; }
  std::shared_ptr<const Column> kept_rows(std::size_t covered) const override { return kept_rows_[covered]; }
  std::span<const SumLevel> levels() const override { return levels_; }
  std::span<const std::shared_ptr<const Segment>> odd_sessions() const override { return odd_; }
  std::span<const std::shared_ptr<const Segment>> crossing_sessions() const override { return crossing_; }
  std::int64_t min_start_ms() const override { return min_start_ms_; }
  std::int64_t max_end_ms() const override { return max_end_ms_; }

 private:
  static void add(const std::vector<Session>& sessions, const SumLimits& limits,
                  std::vector<std::shared_ptr<const Segment>>& segments) {
    for (std::size_t at = 0; at < sessions.size(); at += limits.rows_per_segment) {
      const auto some =
          std::span(sessions).subspan(at).first(std::min<std::size_t>(limits.rows_per_segment, sessions.size() - at));
      segments.push_back(std::make_shared<const RowSegment>(std::vector<Session>(some.begin(), some.end())));
    }
  }

  std::vector<std::shared_ptr<const Segment>> covered_, odd_, crossing_;
  std::vector<std::shared_ptr<const Column>> kept_rows_;
  std::vector<SumLevel> levels_;
  std::int64_t min_start_ms_, max_end_ms_;
};

}  // namespace

std::shared_ptr<const SumBlock> memory_sums(std::vector<std::shared_ptr<const Segment>> covered, BuiltSums built,
                                            const SumLimits& limits) {
  return std::make_shared<const MemorySums>(std::move(covered), std::move(built), limits);
}

}  // namespace weir
