// A datagram as text, field by field: what the console's trace shows. It reads the bytes anew, so that decoding pays
// nothing for it. Pure but for the lookup; the decoder's thread.
#pragma once
#include <cstdint>
#include <functional>
#include <string>

#include "core/byte_cursor.hpp"
#include "decode/template_record.hpp"
#include "receive/datagram.hpp"

namespace weir {

// The template that data of `id` is decoded with; nullptr: none has come.
using TraceTemplates =
    std::function<const TemplateRecord*(std::uint16_t version, std::uint32_t domain, std::uint16_t id)>;

class TraceLines;
void trace_netflow_v1(ByteCursor payload, const TraceTemplates& templates, TraceLines& out);
void trace_netflow_v5(ByteCursor payload, const TraceTemplates& templates, TraceLines& out);
void trace_netflow_v7(ByteCursor payload, const TraceTemplates& templates, TraceLines& out);
void trace_netflow_v9(ByteCursor payload, const TraceTemplates& templates, TraceLines& out);
void trace_ipfix(ByteCursor payload, const TraceTemplates& templates, TraceLines& out);

// Header, sets, templates, records; each field by its name, with its value. At most `max_bytes`, and a line that says
// where it was cut. What the network put into it may hold any byte: clean before showing.
std::string trace_datagram(const Datagram& datagram, const TraceTemplates& templates, std::size_t max_bytes);

}  // namespace weir
