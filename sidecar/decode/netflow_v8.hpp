// NetFlow version 8: flows that a router has added up by a scheme (Cisco, "NetFlow Export Datagram Format", tables B-7
// to B-21). On the decoder's thread, but for what is pure.
#pragma once
#include "core/byte_cursor.hpp"
#include "decode/message.hpp"
#include "decode/message_check.hpp"
#include "decode/trace_text.hpp"

namespace weir {

// `payload` is the whole datagram. Whether its scheme is one of those that are decoded.
bool is_known_netflow_v8(ByteCursor payload);
// The scheme's number, as the header has it.
std::uint8_t netflow_v8_scheme(ByteCursor payload);
MessageCheck check_netflow_v8(ByteCursor payload);
void decode_netflow_v8(ByteCursor payload, Message& message);
void trace_netflow_v8(ByteCursor payload, const TraceTemplates& templates, TraceLines& out);

}  // namespace weir
