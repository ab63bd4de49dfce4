// Whether a data set looks like one of a template's layout. Asked where it is not certain that the sender uses that
// layout: its port has announced nothing yet, or the template is of an earlier run. Pure.
#pragma once
#include "core/byte_cursor.hpp"
#include "decode/template_store.hpp"
#include "decode/time_repair.hpp"

namespace weir {

// What is left of a set behind its whole records, in octets; padding counts as nothing: up to three octets (to the next
// multiple of four, RFC 3954 5.3), or zeros.
std::size_t octets_left(ByteCursor set, const RecordPlan& plan);

// Nothing is left, and the records could be ones: their stamps are near the message's, their addresses are ones that
// packets have, and they count no more octets than their packets hold.
bool layout_fits(ByteCursor set, const Template& layout, const MessageTime& time, RecordPlan::Parts& parts);

}  // namespace weir
