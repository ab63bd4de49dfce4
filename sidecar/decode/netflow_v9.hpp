// NetFlow version 9 (RFC 3954). On the decoder's thread.
#pragma once
#include "core/byte_cursor.hpp"
#include "decode/message.hpp"

namespace weir {

// `payload` is the whole datagram.
void decode_netflow_v9(ByteCursor payload, Message& message);

}  // namespace weir
