// A datagram as text, field by field: what the console's trace shows. It reads the bytes anew, so that decoding pays
// nothing for it. Pure but for the lookup; the decoder's thread.
#pragma once
#include <cstdint>
#include <functional>
#include <string>

#include "decode/template_record.hpp"
#include "receive/datagram.hpp"

namespace weir {

// The template that data of `id` is decoded with; nullptr: none has come.
using TraceTemplates = std::function<const TemplateRecord*(std::uint16_t version, std::uint32_t domain, std::uint16_t id)>;

// Header, sets, templates, records; each field by its name, with its value. At most `max_bytes`, and a line that says
// where it was cut. What the network put into it may hold any byte: clean before showing.
std::string trace_datagram(const Datagram& datagram, const TraceTemplates& templates, std::size_t max_bytes);

}  // namespace weir
