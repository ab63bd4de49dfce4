// A record as a session of its own, before it has found its other half: what a filter can look at. Pure; any thread.
#pragma once
#include "flow/session_parts.hpp"

namespace weir {

// The source is the client.
inline Session lone_session(const FlowRecord& r) {
  Session s{.start_ms = r.start_ms,
            .end_ms = r.end_ms,
            .client = r.src,
            .server = r.dst,
            .halves = {},
            .exporter = r.exporter,
            .sampling = r.sampling,
            .client_port = r.src_port,
            .server_port = r.dst_port,
            .quality = r.quality,
            .protocol = r.protocol};
  auto& to_server = s.halves[kToServer];
  to_server.octets = r.octets;
  to_server.packets = r.packets;
  to_server.flows = 1;
  carry(r, to_server);
  if (r.has_reverse) {
    auto& to_client = s.halves[kToClient];
    to_client.octets = r.reverse_octets;
    to_client.packets = r.reverse_packets;
    to_client.flows = kInsideOtherRecord;
    carry_reverse(r, to_client);
  }
  fill_carried(r, true, s);
  return s;
}

}  // namespace weir
