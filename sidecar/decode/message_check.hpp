// Whether a datagram is what its version says, as far as its header tells: asked of senders that are not known. Pure.
#pragma once
#include "core/byte_cursor.hpp"

namespace weir {

struct MessageCheck {
  bool valid = false;         // a whole header, and something whole behind it
  bool has_template = false;  // v9 and IPFIX
};

// `payload` is the whole datagram, and begins with the version that is named.
MessageCheck check_netflow_v1(ByteCursor payload);
MessageCheck check_netflow_v5(ByteCursor payload);
MessageCheck check_netflow_v7(ByteCursor payload);
MessageCheck check_netflow_v9(ByteCursor payload);
MessageCheck check_ipfix(ByteCursor payload);

}  // namespace weir
