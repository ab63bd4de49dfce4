// The keys of one segment's rows as small numbers: one field's codes as they are, several fields' codes combined, by
// multiplication while the product is small and by hash beyond. One thread.
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
  SegmentKeys(const GroupPlan& plan, SegmentColumns& columns, CountryLookup* countries);

  // ids[i] = the key of row `row` + i in the plan's array. Numbers are given as they appear, below id_count().
  void read(std::size_t array, std::uint32_t row, std::uint32_t n, std::uint32_t* ids);
  std::uint32_t id_count() const;
  // The code per field of a key.
  std::array<std::uint32_t, kMaxGroupFields> codes_of(std::uint32_t id) const;
  const KeySpace& space(std::size_t field) const { return spaces_[field]; }

 private:
  // Joins the number of the fields so far with the next field's code.
  struct Joint {
    std::uint32_t right_size = 0;
    std::uint32_t dense_size = 0;  // 0: by hash
    KeyTable pairs;
  };
  const GroupPlan& plan_;
  std::vector<KeySpace> spaces_;
  std::vector<Joint> joints_;  // one less than fields
};

}  // namespace weir
