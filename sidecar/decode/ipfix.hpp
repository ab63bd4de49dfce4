// IPFIX over UDP (RFC 7011). On the decoder's thread.
#pragma once
#include "core/byte_cursor.hpp"
#include "decode/message.hpp"

namespace weir {

// `payload` is the whole datagram.
void decode_ipfix(ByteCursor payload, Message& message);

}  // namespace weir
