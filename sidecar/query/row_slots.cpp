// A key is looked up field by field, then as a whole.
#include "query/row_slots.hpp"

namespace weir {

RowSlots::RowSlots(std::size_t fields, const std::vector<std::vector<RawKey>>& rows)
    : rows_(static_cast<std::uint32_t>(rows.size())), values_(fields), tuples_(fields) {
  for (const auto& row : rows) {
    KeyTuples::Numbers numbers{};
    for (std::size_t f = 0; f < fields; ++f) numbers[f] = values_[f].find_or_add(row[f]);
    tuples_.find_or_add(numbers);
  }
}

template <class ValueOf>
std::uint32_t RowSlots::find(const ValueOf& value_of) const {
  KeyTuples::Numbers numbers{};
  for (std::size_t f = 0; f < values_.size(); ++f) {
    numbers[f] = values_[f].find(value_of(f));
    if (numbers[f] == KeyTable::kAbsent) return other();
  }
  const auto slot = tuples_.find(numbers);
  return slot == KeyTable::kAbsent ? other() : slot;
}

std::uint32_t RowSlots::slot_of(const SegmentKeys& keys, std::uint32_t id) const {
  const auto codes = keys.codes_of(id);
  return find([&](std::size_t f) { return keys.space(f).value(codes[f]); });
}

std::uint32_t RowSlots::slot_of(const std::vector<RawKey>& key) const {
  return find([&](std::size_t f) { return key[f]; });
}

}  // namespace weir
