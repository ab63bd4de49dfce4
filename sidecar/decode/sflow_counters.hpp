// Counter samples of sFlow: what an agent tells of its interfaces. Those of other kinds (Ethernet, VLANs, processors,
// hosts) are stepped over. On the decoder's thread.
#pragma once
#include "core/byte_cursor.hpp"
#include "decode/message.hpp"

namespace weir {

// One sample of v5. False: it ends too soon.
bool decode_counter_sample(ByteCursor sample, bool expanded, Message& message);
// One of v2 or v4, from the cursor on. False: what follows cannot be read.
bool decode_counter_sample_v4(ByteCursor& c, Message& message);

}  // namespace weir
