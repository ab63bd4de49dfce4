// An sFlow datagram as text: its header, its samples, and what it tells of the packets. For people; the decoder's
// thread.
#pragma once
#include "core/byte_cursor.hpp"
#include "decode/trace_text.hpp"

namespace weir {

void trace_sflow(ByteCursor payload, const TraceTemplates& templates, TraceLines& out);

}  // namespace weir
