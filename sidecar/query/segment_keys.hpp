// The keys of one segment's rows as small numbers: one field's codes as they are, several fields' codes combined, by
// multiplication while the product is small, and beyond that by one hash table of as many codes as fit in a key. One
// thread.
#pragma once
#include <array>
#include <cstdint>
#include <vector>

#include "query/group_plan.hpp"
#include "query/key_space.hpp"
#include "query/segment_columns.hpp"

namespace weir {

class SegmentKeys {
 public:
  SegmentKeys(const GroupPlan& plan, SegmentColumns& columns);

  // ids[i] = the key of row `row` + i in the plan's array. Numbers are given as they appear, below id_count().
  void read(std::size_t array, std::uint32_t row, std::uint32_t n, std::uint32_t* ids);
  std::uint32_t id_count() const;
  // The code per field of a key.
  std::array<std::uint32_t, kMaxGroupFields> codes_of(std::uint32_t id) const;
  const KeySpace& space(std::size_t field) const { return spaces_[field]; }

 private:
  // Joins the number of the fields so far with the codes of the next ones.
  struct Joint {
    std::size_t first = 0, last = 0;  // the fields: [first, last)
    std::uint32_t right_size = 0;     // of the one field of a dense joint
    std::uint32_t dense_size = 0;     // 0: by hash
    // By hash: where a code lies among the 128 bits of a key; the number so far is at 0.
    struct Place {
      std::uint8_t shift = 0;
      std::uint64_t mask = 0;
    };
    std::uint64_t before_mask = 0;
    std::vector<Place> places;
    KeyTable tuples;
  };
  // The joint of [first, …) for as many fields as fit beside the number so far, which is below 2^bits.
  Joint hashed_joint(std::size_t first, int bits) const;
  void read_hashed(Joint& joint, const std::array<std::size_t, kMaxGroupFields>& sources, std::uint32_t row,
                   std::uint32_t n, std::uint32_t* ids);
  const GroupPlan& plan_;
  std::vector<KeySpace> spaces_;
  std::vector<Joint> joints_;  // of the fields but the first
};

}  // namespace weir
