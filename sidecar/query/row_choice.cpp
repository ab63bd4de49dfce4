// Ranges are few: a chart whose buckets are whole units has one.
#include "query/row_choice.hpp"

#include <algorithm>

namespace weir {

bool SummedUnits::has(std::int64_t ms) const {
  const auto after = std::upper_bound(ranges.begin(), ranges.end(), ms,
                                      [](std::int64_t time, const TimeRange& range) { return time < range.from_ms; });
  return after != ranges.begin() && ms < std::prev(after)->to_ms;
}

bool RowChoice::takes(std::uint32_t row, std::int64_t start_ms, std::int64_t end_ms) const {
  switch (rows) {
    case Rows::kUnits: return summed.front()->has(start_ms);
    case Rows::kRest:
      if (kept->number_at(row) != 0) return false;
      break;
    case Rows::kCrossing: break;
  }
  return std::none_of(summed.begin(), summed.end(), [&](const auto& units) { return units->covers(start_ms, end_ms); });
}

}  // namespace weir
