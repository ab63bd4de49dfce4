// Names that exporters tell: in options data records (interface, application, VRF and sampler tables), and in sFlow's
// counter samples. On the decoder's thread.
#pragma once
#include <string_view>

#include "core/byte_cursor.hpp"
#include "decode/message.hpp"
#include "decode/template_record.hpp"
#include "flow/told_names.hpp"

namespace weir {

// Whether options of this layout tell names.
bool tells_names(const TemplateRecord& layout);
// Learns from one record of such a layout.
void learn_told_names(ByteCursor record, const TemplateRecord& layout, Message& message);
// Learns one name. An empty text, and one that is known, change nothing.
void learn_told_name(ToldKind kind, std::uint64_t id, std::string_view text, Message& message);

}  // namespace weir
