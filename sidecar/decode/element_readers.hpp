// How elements are read that are no plain copy of a number or an address: times, sampling, totals beside deltas, what
// goes into RecordNotes. One table; constant data, any thread.
#pragma once
#include <cstdint>
#include <span>

#include "decode/record_notes.hpp"
#include "flow/element_table.hpp"
#include "flow/flow_record.hpp"

namespace weir {

// `only_if_empty`: another of the same meaning may have come before.
using ElementReader = void (*)(std::span<const std::uint8_t> bytes, bool only_if_empty, FlowRecord& flow,
                               RecordNotes& notes);

// nullptr: the target is copied as it stands.
ElementReader element_reader(ElementTarget target);
// Of a counter whose delta may be empty: a total beside it.
ElementReader total_reader(ElementTarget target);

}  // namespace weir
