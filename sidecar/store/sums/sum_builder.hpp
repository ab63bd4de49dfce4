// Adds sealed sessions up to a block of sums. One thread; nothing is kept between calls.
#pragma once
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "flow/session.hpp"
#include "store/sum_block.hpp"
#include "store/sums/column_segment.hpp"

namespace weir {

class SumTable;

// Rows of one family and level, in order of time. Nothing: they are nearly as many as the sessions.
using SumFamilyRows = std::optional<std::vector<std::shared_ptr<const ColumnSegment>>>;

struct SumLimits {
  std::vector<std::int64_t> units_ms{86'400'000, 3'600'000};  // coarse first, each a multiple of the next
  std::uint64_t sessions_per_row = 8;                         // a level of a family with fewer is left out
  std::uint64_t sessions_per_kept = 4;  // a block that keeps more of its sessions as they are is not worth it
  std::uint64_t few_rows = 4096;        // so few sessions may have as many rows
  std::uint32_t rows_per_segment = kSegmentRows;

  SumFamilyRows rows_of(const SumTable& table) const;
};

// More sessions are never in one block.
inline constexpr std::uint64_t kMostSummedSessions = std::uint64_t{1} << 23;

// What a block consists of, in memory.
struct BuiltSums {
  struct Level {
    std::int64_t unit_ms = 0;
    std::array<SumFamilyRows, kSumFamilyCount> families;
  };
  std::vector<Column> kept_rows{};  // by covered segment
  std::vector<Level> levels{};
  std::vector<Session> odd{}, crossing{};
  std::int64_t min_start_ms = 0, max_end_ms = 0;
  std::uint64_t sessions = 0;

  bool has_any() const;
};

// Nothing: sums of these are not worth it, or it was cancelled. Throws std::runtime_error when a segment cannot be
// read.
std::optional<BuiltSums> build_sums(std::span<const std::shared_ptr<const Segment>> sealed, const SumLimits& limits,
                                    const std::atomic<bool>* cancelled = nullptr);

}  // namespace weir
