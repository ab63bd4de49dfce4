// The columns of one segment that a query names, loaded when first asked for and held while the segment is read.
// One thread.
#pragma once
#include <array>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "flow/derived_sources.hpp"
#include "flow/field_catalog.hpp"
#include "store/store.hpp"

namespace weir {

struct QueryWork;

class SegmentColumns {
 public:
  explicit SegmentColumns(const Segment& segment, const DerivedSources& sources)
      : segment_(segment), sources_(sources) {}

  // Throws std::runtime_error when the stored bytes are damaged.
  const Column& operator[](ColumnId id) { return *held(id); }
  const std::shared_ptr<const Column>& held(ColumnId id) {
    auto& held = held_[column_index(id)];
    if (!held) {
      held = segment_.column(id);
      if (held->rows != segment_.rows()) {
        throw std::runtime_error("column " + std::string(kColumns[column_index(id)].name) + " has " +
                                 std::to_string(held->rows) + " rows where its segment has " +
                                 std::to_string(segment_.rows()));
      }
    }
    return held;
  }
  // The column that a field reads: the stored one, or what is derived from it (see derived_column.hpp). Made once.
  const Column& of_field(FieldId field, ColumnId id);
  const DerivedSources& sources() const { return sources_; }
  // Adds what is held now.
  void tell(QueryWork& work) const;
  std::uint32_t rows() const { return segment_.rows(); }
  const Segment& segment() const { return segment_; }

 private:
  const Segment& segment_;
  const DerivedSources& sources_;
  std::vector<std::pair<std::pair<DerivedId, ColumnId>, std::shared_ptr<const Column>>> derived_;
  std::array<std::shared_ptr<const Column>, kColumnCount> held_;
};

}  // namespace weir
