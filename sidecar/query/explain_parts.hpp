// Which parts of two stretches can be compared: those in which both were heard. Pure; any thread.
#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "query/explain.hpp"

namespace weir {

struct ComparedPart {
  Comparable comparable = Comparable::kWhole;
  TimeRange now, then;                  // as long as each other; meaningless when they cannot be compared
  std::vector<std::uint32_t> left_out;  // exporters, ascending
};

// The two are as long as each other. `stored`: what the store has; none: nothing. Exporters that were silent for more
// than a quarter are left out; all other time in which somebody, or the collector, was not heard is cut off.
ComparedPart compared_part(const TimeRange& now, const RangeQuality& now_missing, const TimeRange& then,
                           const RangeQuality& then_missing, const std::optional<TimeRange>& stored,
                           std::int64_t now_ms);

}  // namespace weir
