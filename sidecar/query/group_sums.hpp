// Sums per key of one query thread: dense arrays over a segment's key numbers, merged per distinct key at the end of
// each segment. One thread; merge() joins what two threads have.
#pragma once
#include <array>
#include <cstdint>
#include <vector>

#include "query/group_plan.hpp"
#include "query/segment_keys.hpp"
#include "query/segment_scan.hpp"

namespace weir {

class GroupSums {
 public:
  // One cache line per key, by SumLane.
  struct alignas(64) Sums {
    std::array<std::uint64_t, kLaneCount> lane{};
    void add(const Sums& other) {
      for (std::size_t l = 0; l < kLaneCount; ++l) lane[l] += other.lane[l];
    }
  };

  explicit GroupSums(const GroupPlan& plan) : plan_(plan), values_(plan.fields.size()) {}

  // `block` holds shares of the range (clipped).
  void add_block(SegmentKeys& keys, const Block& block);
  void end_segment(const SegmentKeys& keys);
  void merge(const GroupSums& other);

  std::uint32_t size() const { return static_cast<std::uint32_t>(sums_.size()); }
  const Sums& sums(std::uint32_t group) const { return sums_[group]; }
  // The value that a field has in a group's key.
  const RawKey& value(std::uint32_t group, std::size_t field) const;

 private:
  using Numbers = std::array<std::uint32_t, kMaxGroupFields>;
  std::uint32_t group_of(const Numbers& values);

  const GroupPlan& plan_;
  std::vector<KeyTable> values_;  // by field
  KeyTable groups_;               // of the numbers of values; not used for one field, whose values are the groups
  std::vector<Sums> sums_;        // by group
  std::vector<Sums> local_;       // by the segment's key numbers; zero between segments
};

}  // namespace weir
