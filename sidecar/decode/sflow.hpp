// sFlow 2, 4 and 5: packets that an agent sampled, one flow record each, and counters of its interfaces. On the
// decoder's thread.
//
// The exporter is the agent whose address stands in the datagram: an agent may send from any address, and through a
// relay. An address that no device can have (0.0.0.0, a loopback, a multicast group) is none, and the sender's counts.
// Who may send can name any agent, as who can forge a UDP source can; receive.allow is asked about the sender.
#pragma once
#include "core/byte_cursor.hpp"
#include "decode/message.hpp"
#include "decode/message_check.hpp"

namespace weir {

// Of domains and streams; a sub-agent is a domain.
inline constexpr std::uint16_t kVersionSflow = 0x0100;

// `payload` is the whole datagram, of all three.
IpAddress sflow_agent(ByteCursor payload);
MessageCheck check_sflow(ByteCursor payload);
void decode_sflow(ByteCursor payload, Message& message);

}  // namespace weir
