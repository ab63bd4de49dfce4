// A query names few derived columns: they are found by looking through the list.
#include "query/segment_columns.hpp"

#include "query/derived_column.hpp"

namespace weir {

const Column& SegmentColumns::of_field(FieldId field, ColumnId id) {
  const auto derived = field_info(field).derived;
  if (derived == DerivedId::kNone) return (*this)[id];
  const std::pair key(derived, id);
  for (const auto& [known, column] : derived_) {
    if (known == key) return *column;
  }
  derived_.emplace_back(key, derived_column(derived).make(*this, id));
  return *derived_.back().second;
}

void SegmentColumns::tell(QueryWork& work) const {
  for (std::size_t i = 0; i < held_.size(); ++i) {
    if (!held_[i]) continue;
    work.columns[i] = true;
    work.column_bytes += held_[i]->memory_bytes();
  }
}

}  // namespace weir
