// Which rows of a segment a query takes when sums answer for others: those of a segment of sums by their unit of time,
// those of sealed sessions and of kept ones that no sum stands for. Immutable; any thread.
#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "store/store.hpp"

namespace weir {

// Units of one length that are answered from sums.
struct SummedUnits {
  std::int64_t unit_ms = 0;
  std::vector<TimeRange> ranges;  // whole units, ascending, apart from each other
  bool has(std::int64_t ms) const;
  // The session lies within one of these units.
  bool covers(std::int64_t start_ms, std::int64_t end_ms) const {
    return start_ms / unit_ms == end_ms / unit_ms && has(start_ms);
  }
};

struct RowChoice {
  enum class Rows : std::uint8_t {
    kUnits,    // of a level of sums: the rows of its units in `summed`
    kRest,     // of sealed sessions: neither kept as they are, nor within any unit in `summed`
    kCrossing  // of crossing sessions: not within any unit in `summed`
  };
  Rows rows = Rows::kUnits;
  // By level; of kUnits the one level alone.
  std::vector<std::shared_ptr<const SummedUnits>> summed;
  std::shared_ptr<const Column> kept;  // of kRest: 1 where the session is kept

  bool takes(std::uint32_t row, std::int64_t start_ms, std::int64_t end_ms) const;
};

}  // namespace weir
