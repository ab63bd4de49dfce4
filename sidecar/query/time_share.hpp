// How much of a session lies in a range of time, in exact integers.
//
// A session of `whole` octets over [start, end] has sent F(t) = floor(whole * (t - start) / (end - start)) of them by
// t; its share of [a, b) is F(b) - F(a), and the whole at once if start == end and a <= start < b. Shares of adjacent
// ranges therefore add up to the share of their union, so a chart equals its table at every zoom.
// Pure functions and plain values; any thread.
#pragma once
#include <algorithm>
#include <cstdint>
#include <vector>

#include "core/ip_address.hpp"
#include "store/store.hpp"

namespace weir {

inline bool touches(std::int64_t start_ms, std::int64_t end_ms, const TimeRange& range) {
  return start_ms < range.to_ms && (end_ms > range.from_ms || (start_ms == end_ms && start_ms == range.from_ms));
}

// floor(whole * elapsed / duration), elapsed <= duration, duration > 0.
inline std::uint64_t part_of(std::uint64_t whole, std::uint64_t elapsed, std::uint64_t duration) {
  std::uint64_t product;
  if (!__builtin_mul_overflow(whole, elapsed, &product)) return product / duration;
  return static_cast<std::uint64_t>(static_cast<Uint128>(whole) * elapsed / duration);
}

// Of a session that touches the range.
inline std::uint64_t share_of(std::uint64_t whole, std::int64_t start_ms, std::int64_t end_ms, const TimeRange& range) {
  if (start_ms >= range.from_ms && end_ms <= range.to_ms) return whole;
  const auto duration = static_cast<std::uint64_t>(end_ms - start_ms);
  const auto until = [&](std::int64_t t) {
    return part_of(whole, static_cast<std::uint64_t>(std::clamp(t, start_ms, end_ms) - start_ms), duration);
  };
  return until(range.to_ms) - until(range.from_ms);
}

// `count` buckets over a range: bucket i is [edge(i), edge(i+1)), edge(i) = from + floor(i * span / count).
class BucketGrid {
 public:
  BucketGrid() = default;
  BucketGrid(const TimeRange& range, std::uint32_t count) : range_(range), count_(count) {
    const auto span = static_cast<std::uint64_t>(range.to_ms - range.from_ms);
    edges_.reserve(count + 1u);
    for (std::uint32_t i = 0; i <= count; ++i) {
      edges_.push_back(range.from_ms + static_cast<std::int64_t>(static_cast<Uint128>(span) * i / count));
    }
    buckets_per_ms_ = span == 0 ? 0.0 : static_cast<double>(count) / static_cast<double>(span);
  }

  std::uint32_t count() const { return count_; }
  const TimeRange& range() const { return range_; }
  std::int64_t edge(std::uint32_t i) const { return edges_[i]; }

  // The bucket of a time within the range. The guess in floating point is off by one at most; the edges decide.
  std::uint32_t index_of(std::int64_t t) const {
    auto i =
        std::min(static_cast<std::uint32_t>(static_cast<double>(t - range_.from_ms) * buckets_per_ms_), count_ - 1);
    while (edges_[i] > t) --i;
    while (edges_[i + 1] <= t) ++i;
    return i;
  }

 private:
  TimeRange range_;
  std::uint32_t count_ = 0;
  double buckets_per_ms_ = 0;
  std::vector<std::int64_t> edges_;  // count_ + 1
};

}  // namespace weir
