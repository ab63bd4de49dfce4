// What the headers of a sampled packet say, as the fields of a flow record. Pure; any thread.
#pragma once
#include "flow/flow_record.hpp"
#include "packet/packet_headers.hpp"

namespace weir {

// Keeps what the record has already.
template <class T>
void fill_absent(T& member, const T& given) {
  if (member == T{}) member = given;
}

// Of headers that have IP.
inline void set_ip_fields(const PacketHeaders& h, FlowRecord& record) {
  record.src = h.src;
  record.dst = h.dst;
  record.protocol = h.protocol;
  record.src_port = h.src_port;
  record.dst_port = h.dst_port;
  record.tos = h.tos;
  record.tcp_flags = h.tcp_flags;
  record.icmp = h.icmp;
}

}  // namespace weir
