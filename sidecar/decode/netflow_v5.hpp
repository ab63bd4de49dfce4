// NetFlow versions 1, 5 and 7: a header, then records of one fixed layout. On the decoder's thread.
#pragma once
#include "core/byte_cursor.hpp"
#include "decode/message.hpp"

namespace weir {

// `payload` is the whole datagram. Decodes what is whole; a count that the datagram does not hold marks it malformed.
void decode_netflow_v1(ByteCursor payload, Message& message);
void decode_netflow_v5(ByteCursor payload, Message& message);
void decode_netflow_v7(ByteCursor payload, Message& message);

}  // namespace weir
