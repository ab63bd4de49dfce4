// Options data records: sampling rates and the exporter's boot time (RFC 3954 6, RFC 7011 3.4.2). On the decoder's
// thread.
#pragma once
#include "core/byte_cursor.hpp"
#include "decode/message.hpp"
#include "decode/template_store.hpp"

namespace weir {

// Takes one record off `set`; false when the set ends before the record does.
bool decode_options_record(ByteCursor& set, const Template& layout, Message& message);

}  // namespace weir
