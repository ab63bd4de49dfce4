// Sums per key of one query thread. A segment's key numbers are looked up among all keys once each, when a selected
// half first has them; the rows then add straight to the key's sums. One thread; merge() joins what two threads have.
#pragma once
#include <array>
#include <cstdint>
#include <vector>

#include "query/group_plan.hpp"
#include "query/key_tuples.hpp"
#include "query/segment_keys.hpp"
#include "query/segment_scan.hpp"

namespace weir {

class GroupSums {
 public:
  // One cache line per key, by SumLane.
  struct alignas(64) Sums {
    std::array<std::uint64_t, kLaneCount> lane{};
  };
  // Per array of the plan: the keys of a block's rows.
  using Keys = std::array<std::array<std::uint32_t, kBlockRows>, 4>;

  explicit GroupSums(std::size_t fields) : values_(fields), tuples_(fields) {}

  // `plan`: of these fields, and `keys` are made with it. `block` holds shares of the range (clipped). `fits`: no sum
  // of what was added so far, this included, can wrap.
  void add_block(const GroupPlan& plan, SegmentKeys& keys, const Block& block, bool fits);
  void end_segment();
  void merge(const GroupSums& other, bool fits);

  std::uint32_t size() const { return static_cast<std::uint32_t>(sums_.size()); }
  const Sums& sums(std::uint32_t group) const { return sums_[group]; }
  // The group's octets or packets are more than its sums say.
  bool is_saturated(std::uint32_t group) const { return group < saturated_.size() && saturated_[group] != 0; }
  // What the tables take, about.
  std::size_t memory_bytes() const;
  // The value that a field has in a group's key.
  const RawKey& value(std::uint32_t group, std::size_t field) const;

 private:
  using Numbers = KeyTuples::Numbers;
  void add_carefully(const GroupPlan& plan, const Block& block, const Keys& keys);
  void mark(std::uint32_t group);
  void add_to(std::uint32_t group, SumLane lane, std::uint64_t amount);
  void find_groups(const SegmentKeys& keys, const std::uint8_t* counted, std::uint32_t n, std::uint32_t* ids);
  RawKey key_of(const SegmentKeys& keys, std::uint32_t id);
  KeyTable& groups() { return values_.size() == 1 ? values_[0] : tuples_.last(); }

  std::vector<KeyTable> values_;         // by field
  KeyTuples tuples_;                     // of numbers of values; not used for one field, whose values are the groups
  LargeVector<Sums> sums_;               // by group
  std::vector<std::uint8_t> saturated_;  // by group, as far as one had to be marked
  // Of the segment at hand; kAbsent: not looked up yet.
  LargeVector<std::uint32_t> group_of_id_;
  std::array<std::vector<std::uint32_t>, kMaxGroupFields> number_of_code_;
};

}  // namespace weir
