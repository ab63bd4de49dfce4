// The rows of an answer by their keys: each row has a slot, and keys that no row has go to the last one. Immutable; any
// thread.
#pragma once
#include <vector>

#include "query/key_tuples.hpp"
#include "query/segment_keys.hpp"

namespace weir {

class RowSlots {
 public:
  // `rows`: the values of each row's key, one per field; no two are the same.
  RowSlots(std::size_t fields, const std::vector<std::vector<RawKey>>& rows);
  std::uint32_t other() const { return rows_; }
  // Of the key that a segment has under `id`.
  std::uint32_t slot_of(const SegmentKeys& keys, std::uint32_t id) const;
  std::uint32_t slot_of(const std::vector<RawKey>& key) const;

 private:
  template <class ValueOf>
  std::uint32_t find(const ValueOf& value_of) const;

  std::uint32_t rows_;
  std::vector<KeyTable> values_;  // by field
  KeyTuples tuples_;              // of numbers of values; a row's number is its slot
};

}  // namespace weir
