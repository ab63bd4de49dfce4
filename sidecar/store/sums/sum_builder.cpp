// Two steps: what becomes of each session (summed, crossing, odd), then a pass per family and level over the columns.
#include "store/sums/sum_builder.hpp"

#include <algorithm>
#include <limits>

#include "flow/column_access.hpp"
#include "store/sums/sum_table.hpp"

namespace weir {

namespace {

// Sums of kMostSummedSessions below these fit in 63 and 31 bits.
constexpr std::uint64_t kMostCounted = std::uint64_t{1} << 40;
constexpr std::uint64_t kMostFlows = 256;

enum class Fate : std::uint8_t { kSummed, kCrossing, kOdd };

// A session as it is stored.
Session session_at(const Segment& segment, std::uint32_t row) {
  Session session;
  store_columns(
      session, [&](ColumnId id) { return segment.column(id)->number_at(row); },
      [&](ColumnId id) { return segment.column(id)->address_at(row); });
  return session;
}

class Builder {
 public:
  Builder(std::span<const std::shared_ptr<const Segment>> sealed, const SumLimits& limits,
          const std::atomic<bool>* cancelled)
      : sealed_(sealed), limits_(limits), cancelled_(cancelled) {}

  std::optional<BuiltSums> build() {
    built_.min_start_ms = std::numeric_limits<std::int64_t>::max();
    built_.max_end_ms = std::numeric_limits<std::int64_t>::min();
    for (const auto& segment : sealed_) built_.sessions += segment->rows();
    if (built_.sessions > kMostSummedSessions) return std::nullopt;
    for (const auto& segment : sealed_) {
      if (is_cancelled() || !sort_out(*segment)) return std::nullopt;
    }
    for (const auto unit_ms : limits_.units_ms) {
      auto& level = built_.levels.emplace_back();
      level.unit_ms = unit_ms;
      for (const auto& info : kSumFamilies) {
        if (is_cancelled()) return std::nullopt;
        level.families[static_cast<std::size_t>(info.family)] = sum_up(info.family, unit_ms);
      }
    }
    return built_.has_any() ? std::optional(std::move(built_)) : std::nullopt;
  }

 private:
  bool is_cancelled() const { return cancelled_ != nullptr && *cancelled_; }

  // False when too many sessions would be kept as they are.
  bool sort_out(const Segment& segment) {
    const auto rows = segment.rows();
    built_.min_start_ms = std::min(built_.min_start_ms, segment.min_start_ms());
    built_.max_end_ms = std::max(built_.max_end_ms, segment.max_end_ms());
    const auto start = numbers_of(segment, ColumnId::kStart), duration = numbers_of(segment, ColumnId::kDuration);
    const SegmentCounts counts(segment);
    const auto client = segment.column(ColumnId::kClient), server = segment.column(ColumnId::kServer);
    const auto finest = static_cast<std::uint64_t>(limits_.units_ms.back());
    auto& fates = fates_.emplace_back(rows);
    std::vector<std::uint64_t> kept(rows);
    const ColumnSegment columns = held(segment);
    for (std::uint32_t row = 0; row < rows; ++row) {
      bool odd = client->address_at(row) == server->address_at(row);
      for (std::size_t side = 0; side < 2; ++side) {
        odd = odd || counts.octets[side][row] >= kMostCounted || counts.packets[side][row] >= kMostCounted ||
              (counts.flows[side][row] & ~std::uint64_t{kInsideOtherRecord}) >= kMostFlows;
      }
      if (odd) fates[row] = Fate::kOdd;
      else if (start[row] / finest != (start[row] + duration[row]) / finest) fates[row] = Fate::kCrossing;
      if (fates[row] == Fate::kSummed) continue;
      kept[row] = 1;
      (odd ? built_.odd : built_.crossing).push_back(session_at(columns, row));
    }
    links_of_.push_back(links_.of(segment));
    built_.kept_rows.push_back(encode_numbers(kept));
    const auto kept_sessions = built_.odd.size() + built_.crossing.size();
    return kept_sessions <= std::max<std::uint64_t>(1000, built_.sessions / limits_.sessions_per_kept);
  }

  // All columns at hand.
  static ColumnSegment held(const Segment& segment) {
    ColumnSegment columns(segment.rows(), segment.min_start_ms(), segment.max_end_ms());
    for (const auto& info : kColumns) columns.set(info.id, segment.column(info.id));
    return columns;
  }

  SumFamilyRows sum_up(SumFamily family, std::int64_t unit_ms) {
    SumTable table(links_, family, unit_ms);
    const auto unit = static_cast<std::uint64_t>(unit_ms);
    for (std::size_t s = 0; s < sealed_.size(); ++s) {
      const auto& segment = *sealed_[s];
      const auto start = numbers_of(segment, ColumnId::kStart), duration = numbers_of(segment, ColumnId::kDuration);
      const SegmentCounts counts(segment);
      const SegmentWords words(segment, own_columns(family));
      for (std::uint32_t row = 0; row < segment.rows(); ++row) {
        if (fates_[s][row] == Fate::kOdd || start[row] / unit != (start[row] + duration[row]) / unit) continue;
        table.add(static_cast<std::int64_t>(start[row]), links_of_[s][row], words, counts, row);
      }
      // It will not be worth it: memory is bounded, too.
      if (table.rows() > limits_.few_rows && table.rows() * limits_.sessions_per_row > 2 * table.summed())
        return std::nullopt;
    }
    return limits_.rows_of(table);
  }

  const std::span<const std::shared_ptr<const Segment>> sealed_;
  const SumLimits& limits_;
  const std::atomic<bool>* cancelled_;
  BuiltSums built_;
  SumLinks links_;
  std::vector<std::vector<Fate>> fates_;              // by segment and row
  std::vector<std::vector<std::uint32_t>> links_of_;  // by segment and row
};

}  // namespace

bool BuiltSums::has_any() const {
  return std::any_of(levels.begin(), levels.end(), [](const auto& level) {
    return std::any_of(level.families.begin(), level.families.end(), [](const auto& f) { return f.has_value(); });
  });
}

SumFamilyRows SumLimits::rows_of(const SumTable& table) const {
  if (table.rows() * sessions_per_row > std::max(table.summed(), few_rows)) return std::nullopt;
  return table.segments(rows_per_segment);
}

std::optional<BuiltSums> build_sums(std::span<const std::shared_ptr<const Segment>> sealed, const SumLimits& limits,
                                    const std::atomic<bool>* cancelled) {
  return Builder(sealed, limits, cancelled).build();
}

}  // namespace weir
