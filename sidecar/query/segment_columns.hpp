// The columns of one segment that a query names, loaded when first asked for and held while the segment is read.
// One thread.
#pragma once
#include <array>
#include <memory>
#include <stdexcept>
#include <string>

#include "flow/field_catalog.hpp"
#include "flow/traffic_names.hpp"
#include "store/store.hpp"

namespace weir {

class SegmentColumns {
 public:
  // `names` may be null: then nothing but what is stored.
  explicit SegmentColumns(const Segment& segment, const TrafficNames* names) : segment_(segment), names_(names) {}

  // Throws std::runtime_error when the stored bytes are damaged.
  const Column& operator[](ColumnId id) {
    auto& held = held_[column_index(id)];
    if (!held) {
      held = segment_.column(id);
      if (held->rows != segment_.rows()) {
        throw std::runtime_error("column " + std::string(kColumns[column_index(id)].name) + " has " + std::to_string(held->rows) +
                                 " rows where its segment has " + std::to_string(segment_.rows()));
      }
    }
    return *held;
  }
  // The sessions' applications by the rules of names(), see application_column.hpp; without rules, the stored column.
  const Column& applications();
  const TrafficNames* names() const { return names_; }
  std::uint32_t rows() const { return segment_.rows(); }
  const Segment& segment() const { return segment_; }

 private:
  const Segment& segment_;
  const TrafficNames* names_;
  std::shared_ptr<const Column> applications_;
  std::array<std::shared_ptr<const Column>, kColumnCount> held_;
};

}  // namespace weir
