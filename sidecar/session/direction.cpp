// Asks the reasons in their order for one record.
#include "session/direction.hpp"

namespace weir {

ServerChoice choose_server(const FlowRecord& r, const PortTable& ports) {
  if (r.initiator != Initiator::kUnknown) {
    return {.server_is_dst = r.initiator == Initiator::kSource, .reason = ServerReason::kBiflow};
  }
  if (r.protocol == kIpProtocolTcp && (r.tcp_flags & (kTcpSyn | kTcpAck)) == kTcpSyn) {
    return {.server_is_dst = true, .reason = ServerReason::kSyn};
  }
  const bool dst_listed = ports.is_server(r.protocol, r.dst_port), src_listed = ports.is_server(r.protocol, r.src_port);
  if (dst_listed != src_listed) return {.server_is_dst = dst_listed, .reason = ServerReason::kPortList};
  if (r.src_port != r.dst_port) return {.server_is_dst = r.dst_port < r.src_port, .reason = ServerReason::kLowerPort};
  return {.server_is_dst = true, .reason = ServerReason::kFirstSeen};
}

}  // namespace weir
