// Sets of values as sorted, disjoint, closed ranges: what a filter's test is about. Plain values; any thread.
#pragma once
#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

#include "core/address_range.hpp"

namespace weir {

template <class T>
class ValueSet {
 public:
  ValueSet() = default;
  explicit ValueSet(std::vector<ValueRange<T>> ranges) : ranges_(std::move(ranges)) {
    std::sort(ranges_.begin(), ranges_.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<ValueRange<T>> joined;
    for (const auto& range : ranges_) {
      if (!joined.empty() && !(joined.back().last < range.first)) {
        joined.back().last = std::max(joined.back().last, range.last);
      } else {
        joined.push_back(range);
      }
    }
    ranges_ = std::move(joined);
  }

  const std::vector<ValueRange<T>>& ranges() const { return ranges_; }
  bool empty() const { return ranges_.empty(); }
  bool contains(const T& value) const {
    const auto after =
        std::upper_bound(ranges_.begin(), ranges_.end(), value, [](const T& v, const auto& r) { return v < r.first; });
    return after != ranges_.begin() && !(std::prev(after)->last < value);
  }
  friend bool operator==(const ValueSet&, const ValueSet&) = default;

 private:
  std::vector<ValueRange<T>> ranges_;
};

using NumberRange = ValueRange<std::uint64_t>;
using NumberSet = ValueSet<std::uint64_t>;
using AddressSet = ValueSet<IpAddress>;

inline constexpr std::uint64_t kLargestNumber = std::numeric_limits<std::uint64_t>::max();

}  // namespace weir
