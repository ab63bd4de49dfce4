// The header of NetFlow v9 (RFC 3954 5.1):
//   version u16, count u16, uptime ms u32, epoch seconds u32, sequence u32, source id u32
#include "decode/netflow_v9.hpp"

#include "decode/sets.hpp"

namespace weir {

void decode_netflow_v9(ByteCursor payload, Message& message) {
  payload.skip(4);  // version; the count differs from what exporters send (v9-softflowd-invalid01, v9-nprobe-2)
  const std::uint32_t uptime_ms = payload.u32();
  const std::int64_t seconds = payload.u32();
  const std::uint32_t sequence = payload.u32(), source_id = payload.u32();
  if (payload.failed())
    return message.malformed([] { return std::string("NetFlow v9 datagram ends inside its header"); });
  if (!message.enter(kVersion9, source_id, seconds * 1000)) return;
  message.set_uptime(uptime_ms, sequence);
  decode_sets(payload, kVersion9, kSetIds9, message);
  // Counts datagrams (RFC 3954 5.1, "Sequence Number").
  message.follow_sequence({.sequence = sequence, .units = 1, .absurd_jump = 1u << 20, .reorder = 64});
}

}  // namespace weir
