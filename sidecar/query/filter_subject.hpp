// What a test of a filter is about: "src port", "nat ip", "exporter". It stands before the operator and the values.
// Pure.
#pragma once
#include <optional>

#include "query/filter.hpp"
#include "query/filter_cursor.hpp"

namespace weir {

struct FilterSubject {
  FieldId field = FieldId::kHost;
  FilterEnds ends = FilterEnds::kAny;
  bool net = false;  // "net": an address may be followed by its mask
};

// The field and ends that the words from the cursor name, which moves behind them; nothing, and nothing consumed, if
// the word there names none.
Result<std::optional<FilterSubject>> read_filter_subject(FilterCursor& at);

}  // namespace weir
