// Sums of sums: no session is read but those that the blocks keep as they are.
#include "store/sums/sum_merger.hpp"

#include <algorithm>
#include <limits>

#include "store/encoding.hpp"
#include "store/sums/sum_table.hpp"

namespace weir {

namespace {

using Blocks = std::span<const std::shared_ptr<const SumBlock>>;

const SumLevel* level_of(const SumBlock& block, std::int64_t unit_ms) {
  const auto levels = block.levels();
  const auto found =
      std::find_if(levels.begin(), levels.end(), [&](const SumLevel& level) { return level.unit_ms == unit_ms; });
  return found == levels.end() ? nullptr : &*found;
}

SumFamilyRows merge_family(Blocks blocks, SumFamily family, std::int64_t unit_ms, const SumLimits& limits) {
  SumLinks links;
  SumTable table(links, family, unit_ms);
  for (const auto& block : blocks) {
    const auto* level = level_of(*block, unit_ms);
    if (level == nullptr) return std::nullopt;
    const auto& segments = level->families[static_cast<std::size_t>(family)];
    if (!segments) return std::nullopt;
    for (const auto& segment : *segments) {
      const auto link = links.of(*segment);
      const auto start = numbers_of(*segment, ColumnId::kStart);
      const SegmentCounts counts(*segment);
      const SegmentWords words(*segment, own_columns(family));
      for (std::uint32_t row = 0; row < segment->rows(); ++row)
        table.add(static_cast<std::int64_t>(start[row]), link[row], words, counts, row);
    }
  }
  return limits.rows_of(table);
}

void add_sessions(std::span<const std::shared_ptr<const Segment>> segments, std::vector<Session>& sessions) {
  for (const auto& segment : segments) {
    std::array<std::shared_ptr<const Column>, kColumnCount> columns;
    for (std::size_t i = 0; i < kColumnCount; ++i) columns[i] = segment->column(kColumns[i].id);
    const auto rows =
        decode_rows(segment->rows(), [&](ColumnId id) -> const Column& { return *columns[column_index(id)]; });
    sessions.insert(sessions.end(), rows.begin(), rows.end());
  }
}

}  // namespace

std::optional<BuiltSums> merge_sums(Blocks blocks, const SumLimits& limits, const std::atomic<bool>* cancelled) {
  BuiltSums merged{.min_start_ms = std::numeric_limits<std::int64_t>::max(),
                   .max_end_ms = std::numeric_limits<std::int64_t>::min()};
  for (const auto& block : blocks) {
    merged.min_start_ms = std::min(merged.min_start_ms, block->min_start_ms());
    merged.max_end_ms = std::max(merged.max_end_ms, block->max_end_ms());
    for (std::size_t c = 0; c < block->covered().size(); ++c) {
      merged.sessions += block->covered()[c]->rows();
      merged.kept_rows.push_back(*block->kept_rows(c));
    }
    add_sessions(block->odd_sessions(), merged.odd);
    add_sessions(block->crossing_sessions(), merged.crossing);
  }
  if (merged.sessions > kMostSummedSessions) return std::nullopt;
  for (const auto unit_ms : limits.units_ms) {
    auto& level = merged.levels.emplace_back();
    level.unit_ms = unit_ms;
    for (const auto& info : kSumFamilies) {
      if (cancelled != nullptr && *cancelled) return std::nullopt;
      level.families[static_cast<std::size_t>(info.family)] = merge_family(blocks, info.family, unit_ms, limits);
    }
  }
  return merged.has_any() ? std::optional(std::move(merged)) : std::nullopt;
}

}  // namespace weir
