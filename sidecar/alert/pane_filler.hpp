// One segment's sessions cut at the edges of panes and summed per key. One thread per segment; merging is locked
// outside.
#pragma once
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "alert/key_sketch.hpp"
#include "alert/pane_sums.hpp"
#include "alert/window_scan.hpp"
#include "query/group_plan.hpp"
#include "query/segment_keys.hpp"
#include "query/segment_scan.hpp"

namespace weir {

// Pane i is [from + i * pane_ms, from + (i + 1) * pane_ms) of the range.
struct PaneGrid {
  TimeRange range;
  std::int64_t pane_ms = 1;
  std::int64_t pane_of(std::int64_t ms) const { return (ms - range.from_ms) / pane_ms; }
  TimeRange pane(std::int64_t i) const {
    return {.from_ms = range.from_ms + i * pane_ms, .to_ms = range.from_ms + (i + 1) * pane_ms};
  }
};

// What weigh_into() adds up for a measure: "octets", "packets", "flows", "sessions".
const char* weight_name(RowMeasure measure);

class SegmentPanes {
 public:
  // Reads the whole segment. Throws std::runtime_error when a column is damaged.
  SegmentPanes(const ScanPlan& plan, const PaneGrid& grid, const GroupPlan& groups, const Segment& segment);

  std::uint64_t rows_scanned() const { return rows_scanned_; }
  // `only`: keys whose first `key_fields` fields it has; the others are in the totals alone. Null: all keys.
  void merge_into(KeyNumbers& numbers, const std::function<Pane&(std::int64_t)>& pane_at, const KeySketch* only,
                  std::size_t key_fields);
  // Keys by what they have of `measure`, or of what bounds it.
  void weigh_into(KeySketch& sketch, RowMeasure measure, std::size_t key_fields) const;

 private:
  // The part of one row that lies in one pane.
  struct RowPart {
    std::array<std::uint64_t, 2> octets{}, packets{}, flows{};  // by SessionSide; zero where not selected
    std::array<bool, 2> selected{};
    bool starts = false;
  };
  using Ids = std::array<std::array<std::uint32_t, kBlockRows>, 4>;
  struct LocalPane {
    std::vector<std::uint32_t> slots;  // by the segment's key numbers: position in `cells` + 1; not used when hashed
    KeyTable hashed;
    std::vector<std::uint32_t> keys;  // of the cells
    std::vector<PaneCell> cells;
    PaneCell totals;
    PaneCell& cell_of(std::uint32_t key, std::uint32_t key_count, bool dense);
  };
  // A segment of long sessions spans many panes, and an array of all keys for each would be large.
  static constexpr std::size_t kMaxDensePanes = 128;
  std::uint64_t hash_of_cell(std::uint32_t key, std::size_t key_fields) const;
  void add_row(const Block& block, std::uint32_t i, const Ids& ids, std::uint32_t key_count);
  void add_part(LocalPane& pane, const RowPart& part, std::uint32_t i, const Ids& ids, std::uint32_t key_count);

  const PaneGrid& grid_;
  const GroupPlan& groups_;
  const bool halves_agree_;
  SegmentColumns columns_;
  std::unique_ptr<SegmentKeys> keys_;
  std::int64_t first_pane_ = 0;
  std::vector<LocalPane> panes_;  // from first_pane_
  std::uint64_t rows_scanned_ = 0;
};

}  // namespace weir
