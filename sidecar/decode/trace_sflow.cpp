// The layouts are those of sflow.cpp and sampled_packet.cpp. v2 and v4, which have no lengths, are shown up to their
// first sample.
#include "decode/trace_sflow.hpp"

#include <string>
#include <string_view>

#include "core/hex_text.hpp"
#include "decode/sflow_wire.hpp"
#include "decode/trace_lines.hpp"
#include "decode/trace_value.hpp"
#include "packet/packet_headers.hpp"

namespace weir {

namespace {

// A structure of whole words.
struct Words {
  std::uint32_t format = 0;
  std::string_view title;
  std::string_view names;  // in the order of the wire, by blanks; a "*" behind one: 64 bits
};
constexpr Words kFlowRecords[] = {
    {1001, "extended switch", "src_vlan src_priority dst_vlan dst_priority"},
    {1020, "extended NAT ports", "src_port dst_port"},
};
constexpr Words kCounterRecords[] = {
    {1, "interface counters",
     "ifIndex ifType ifSpeed* ifDirection ifStatus ifInOctets* ifInUcastPkts ifInMulticastPkts ifInBroadcastPkts "
     "ifInDiscards ifInErrors "
     "ifInUnknownProtos ifOutOctets* ifOutUcastPkts ifOutMulticastPkts ifOutBroadcastPkts ifOutDiscards ifOutErrors "
     "ifPromiscuousMode"},
    {2, "Ethernet counters",
     "AlignmentErrors FCSErrors SingleCollisionFrames MultipleCollisionFrames SQETestErrors DeferredTransmissions "
     "LateCollisions ExcessiveCollisions "
     "InternalMacTransmitErrors CarrierSenseErrors FrameTooLongs InternalMacReceiveErrors SymbolErrors"},
    {5, "VLAN counters", "vlan_id octets* ucastPkts multicastPkts broadcastPkts discards"},
    {1001, "processor", "cpu_5s cpu_1m cpu_5m total_memory* free_memory*"},
};

void trace_words(const Words& words, ByteCursor c, TraceLines& out) {
  out.line(2, std::string(words.title));
  for (std::string_view names = words.names; !names.empty() && !c.failed();) {
    const std::size_t size = std::min(names.find(' '), names.size());
    const std::string_view name = names.substr(0, size);
    names.remove_prefix(std::min(size + 1, names.size()));
    const bool is_wide = name.ends_with('*');
    const std::uint64_t value = is_wide ? c.u64() : c.u32();
    if (!c.failed()) out.field(3, std::string(name.substr(0, name.size() - (is_wide ? 1 : 0))), std::to_string(value));
  }
}

std::string interface_text(const SflowInterface& i) {
  switch (i.format) {
    case SflowInterface::kSingle:
      return i.value == SflowInterface::kInternal ? "the device itself" : std::to_string(i.value);
    case SflowInterface::kDiscarded: return "discarded, reason " + std::to_string(i.value);
    case SflowInterface::kMultiple: return "several" + (i.value == 0 ? "" : ", " + std::to_string(i.value));
    default: return "format " + std::to_string(i.format) + ", " + std::to_string(i.value);
  }
}

std::string address_text(ByteCursor& c) {
  const auto address = sflow_address(c);
  return address.is_unset() ? "none" : address.text();
}

void trace_headers(const PacketHeaders& h, TraceLines& out) {
  if (h.has_ethernet) {
    out.field(3, "sourceMacAddress", mac_text(h.src_mac));
    out.field(3, "destinationMacAddress", mac_text(h.dst_mac));
    if (h.vlan != 0) out.field(3, "vlanId", std::to_string(h.vlan));
  }
  if (h.mpls_label != 0) out.field(3, "mplsTopLabel", std::to_string(h.mpls_label));
  if (!h.has_ip) return;
  out.field(3, h.src.is_v4() ? "sourceIPv4Address" : "sourceIPv6Address", h.src.text());
  out.field(3, h.dst.is_v4() ? "destinationIPv4Address" : "destinationIPv6Address", h.dst.text());
  out.field(3, "protocolIdentifier", std::to_string(h.protocol));
  out.field(3, "ipClassOfService", std::to_string(h.tos));
  out.field(3, "ipTotalLength", std::to_string(h.ip_octets));
  if (!h.has_transport) return;
  out.field(3, "sourceTransportPort", std::to_string(h.src_port));
  out.field(3, "destinationTransportPort", std::to_string(h.dst_port));
}

void trace_sampled_header(ByteCursor c, TraceLines& out) {
  const auto link = c.u32(), frame = c.u32(), stripped = c.u32();
  const auto header = sflow_opaque(c);
  out.line(2, "sampled header: protocol " + std::to_string(link) + ", frame of " + std::to_string(frame) +
                  " octets, stripped " + std::to_string(stripped) + ", " + std::to_string(header.size()) +
                  " octets of it here");
  switch (static_cast<SflowLink>(link)) {
    case SflowLink::kEthernet: trace_headers(decode_ethernet_frame(header), out); break;
    case SflowLink::kIpv4:
    case SflowLink::kIpv6: trace_headers(decode_ip_packet(header), out); break;
    case SflowLink::kMpls: trace_headers(decode_mpls_packet(header), out); break;
    case SflowLink::kPpp:
    case SflowLink::kPos: break;
  }
  out.field(3, "header", trace_hex(header));
}

void trace_flow_record(std::uint32_t format, ByteCursor c, TraceLines& out) {
  for (const auto& words : kFlowRecords) {
    if (words.format == format) return trace_words(words, c, out);
  }
  switch (static_cast<SflowRecord>(format)) {
    case SflowRecord::kHeader: return trace_sampled_header(c, out);
    case SflowRecord::kIpv4:
    case SflowRecord::kIpv6: {
      const bool v6 = static_cast<SflowRecord>(format) == SflowRecord::kIpv6;
      out.line(2, v6 ? "sampled IPv6" : "sampled IPv4");
      out.field(3, "length", std::to_string(c.u32()));
      out.field(3, "protocolIdentifier", std::to_string(c.u32()));
      for (const char* name : {"source", "destination"}) out.field(3, name, v6 ? c.v6().text() : c.v4().text());
      for (const char* name : {"source port", "destination port", "tcp flags", v6 ? "priority" : "tos"})
        out.field(3, name, std::to_string(c.u32()));
      return;
    }
    case SflowRecord::kEthernet: {
      out.line(2, "sampled Ethernet");
      out.field(3, "length", std::to_string(c.u32()));
      for (const char* name : {"sourceMacAddress", "destinationMacAddress"}) out.field(3, name, mac_text(sflow_mac(c)));
      return out.field(3, "ethernetType", std::to_string(c.u32()));
    }
    case SflowRecord::kRouter:
      out.line(2, "extended router");
      out.field(3, "next hop", address_text(c));
      for (const char* name : {"source mask", "destination mask"}) out.field(3, name, std::to_string(c.u32()));
      return;
    case SflowRecord::kGateway:
      out.line(2, "extended gateway");
      out.field(3, "next hop", address_text(c));
      for (const char* name : {"AS of the router", "AS of the source", "AS of the source's peer"})
        out.field(3, name, std::to_string(c.u32()));
      for (std::uint32_t segments = c.u32(); segments != 0 && !c.failed() && !out.full(); --segments) {
        const bool is_set = c.u32() == 1;
        std::string path;
        for (std::uint32_t left = c.u32(); left != 0 && !c.failed(); --left)
          path += (path.empty() ? "" : " ") + std::to_string(c.u32());
        out.field(3, is_set ? "AS set" : "AS path", path);
      }
      return;
    case SflowRecord::kNat:
      out.line(2, "extended NAT");
      for (const char* name : {"source", "destination"}) out.field(3, name, address_text(c));
      return;
    case SflowRecord::kMpls: out.line(2, "extended MPLS"); return out.field(3, "next hop", address_text(c));
    case SflowRecord::kUser:
    case SflowRecord::kUrl:
    case SflowRecord::kSwitch:
    case SflowRecord::kNatPort: break;
  }
  out.line(2, "record of format " + std::to_string(format >> 12) + ":" + std::to_string(format & 0xfff) + ": " +
                  trace_hex(c.take(c.remaining())));
}

void trace_counter_record(std::uint32_t format, ByteCursor c, TraceLines& out) {
  for (const auto& words : kCounterRecords) {
    if (words.format == format) return trace_words(words, c, out);
  }
  out.line(2, "record of format " + std::to_string(format >> 12) + ":" + std::to_string(format & 0xfff) + ": " +
                  trace_hex(c.take(c.remaining())));
}

template <class F>
void trace_records(ByteCursor c, TraceLines& out, F&& trace_record) {
  for (std::uint32_t records = c.u32(); records != 0 && !c.failed() && !out.full(); --records) {
    const std::uint32_t format = c.u32();
    const std::size_t length = c.u32();
    if (c.failed() || length > c.remaining()) return out.line(2, "the sample ends inside a record");
    trace_record(format, c.sub(length), out);
  }
}

std::string source_text(ByteCursor& c, bool expanded) {
  const SflowSource source = sflow_source(c, expanded);
  return std::to_string(source.type) + ":" + std::to_string(source.index);
}

void trace_flow_sample(ByteCursor c, bool expanded, TraceLines& out) {
  const auto sequence = c.u32();
  const std::string source = source_text(c, expanded);
  const auto rate = c.u32(), pool = c.u32(), drops = c.u32();
  const auto interface = [&] {
    const auto first = c.u32();
    return interface_text(expanded ? SflowInterface{.format = first, .value = c.u32()}
                                   : sflow_interface(first, kSflowVersion5));
  };
  const std::string in = interface(), out_if = interface();
  if (c.failed()) return out.line(1, "flow sample: ends too soon");
  out.line(1, std::string(expanded ? "expanded flow sample" : "flow sample") + ": sequence " +
                  std::to_string(sequence) + ", source " + source + ", 1 in " + std::to_string(rate) + ", pool " +
                  std::to_string(pool) + ", drops " + std::to_string(drops) + ", input " + in + ", output " + out_if);
  trace_records(c, out, trace_flow_record);
}

void trace_counter_sample(ByteCursor c, bool expanded, TraceLines& out) {
  const auto sequence = c.u32();
  const std::string source = source_text(c, expanded);
  if (c.failed()) return out.line(1, "counter sample: ends too soon");
  out.line(1, std::string(expanded ? "expanded counter sample" : "counter sample") + ": sequence " +
                  std::to_string(sequence) + ", source " + source);
  trace_records(c, out, trace_counter_record);
}

void trace_sample(std::uint32_t format, ByteCursor c, TraceLines& out) {
  switch (static_cast<SflowSample>(format)) {
    case SflowSample::kFlow: return trace_flow_sample(c, false, out);
    case SflowSample::kExpandedFlow: return trace_flow_sample(c, true, out);
    case SflowSample::kCounters: return trace_counter_sample(c, false, out);
    case SflowSample::kExpandedCounters: return trace_counter_sample(c, true, out);
    case SflowSample::kDrop: return out.line(1, "drop notification, not decoded: " + trace_hex(c.take(c.remaining())));
  }
  out.line(1, "sample of format " + std::to_string(format >> 12) + ":" + std::to_string(format & 0xfff) +
                  ", not decoded: " + trace_hex(c.take(c.remaining())));
}

}  // namespace

void trace_sflow(ByteCursor c, const TraceTemplates&, TraceLines& out) {
  const SflowHeader h = decode_sflow_header(c);
  const std::string name = "sFlow v" + std::to_string(h.version);
  if (c.failed()) return out.line(1, name + ": ends inside its header");
  out.line(1, name + ": agent " + (h.agent.is_unset() ? "not given" : h.agent.text()) +
                  (h.version >= kSflowVersion5 ? ", sub-agent " + std::to_string(h.sub_agent) : "") + ", sequence " +
                  std::to_string(h.sequence) + ", uptime " + std::to_string(h.uptime_ms) + " ms, " +
                  std::to_string(h.samples) + " samples");
  if (h.version < kSflowVersion5) return out.line(1, "samples: " + trace_hex(c.take(c.remaining())));
  for (std::uint32_t samples = h.samples; samples != 0 && !out.full(); --samples) {
    const std::uint32_t format = c.u32();
    const std::size_t length = c.u32();
    if (c.failed() || length > c.remaining()) return out.line(1, "the datagram ends inside a sample");
    trace_sample(format, c.sub(length), out);
  }
  if (c.remaining() != 0)
    out.line(1, std::to_string(c.remaining()) + " octets left over: " + trace_hex(c.take(c.remaining())));
}

}  // namespace weir
