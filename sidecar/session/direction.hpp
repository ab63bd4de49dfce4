// Which end of a conversation is the server, and why. Pure functions; any thread.
#pragma once
#include "flow/flow_record.hpp"
#include "flow/port_table.hpp"
#include "flow/session.hpp"

namespace weir {

inline constexpr std::uint16_t kTcpSyn = 0x02, kTcpAck = 0x10;  // RFC 9293 3.1

// A half that starts this much before the other was clearly first; exporters' stamps jitter by some milliseconds.
inline constexpr std::int64_t kClearlyFirstMs = 20;

struct ServerChoice {
  bool server_is_dst = true;
  ServerReason reason = ServerReason::kFirstSeen;
};

// From one record alone, in the order of ServerReason.
ServerChoice choose_server(const FlowRecord& record, const PortTable& ports);

}  // namespace weir
