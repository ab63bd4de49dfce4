// The layouts are those of the decoders beside it; the sections are cited there.
#include "decode/trace_text.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

#include "core/byte_cursor.hpp"
#include "decode/element_names.hpp"
#include "decode/protocol_table.hpp"
#include "decode/sets.hpp"
#include "decode/trace_lines.hpp"
#include "decode/trace_value.hpp"

namespace weir {

namespace {

constexpr std::size_t kMaxFields = 16'384;  // of a template that is shown

struct FixedField {
  std::string_view name;
  std::size_t size = 0;
};
// Cisco's "NetFlow Export Datagram Format", tables B-2, B-4, B-6, under IANA's names; padding and reserved by "-".
constexpr FixedField kRecordV1[] = {{"sourceIPv4Address", 4},        {"destinationIPv4Address", 4},
                                    {"ipNextHopIPv4Address", 4},     {"ingressInterface", 2},
                                    {"egressInterface", 2},          {"packetDeltaCount", 4},
                                    {"octetDeltaCount", 4},          {"flowStartSysUpTime", 4},
                                    {"flowEndSysUpTime", 4},         {"sourceTransportPort", 2},
                                    {"destinationTransportPort", 2}, {"-", 2},
                                    {"protocolIdentifier", 1},       {"ipClassOfService", 1},
                                    {"tcpControlBits", 1},           {"-", 7}};
constexpr FixedField kRecordV5[] = {{"sourceIPv4Address", 4},
                                    {"destinationIPv4Address", 4},
                                    {"ipNextHopIPv4Address", 4},
                                    {"ingressInterface", 2},
                                    {"egressInterface", 2},
                                    {"packetDeltaCount", 4},
                                    {"octetDeltaCount", 4},
                                    {"flowStartSysUpTime", 4},
                                    {"flowEndSysUpTime", 4},
                                    {"sourceTransportPort", 2},
                                    {"destinationTransportPort", 2},
                                    {"-", 1},
                                    {"tcpControlBits", 1},
                                    {"protocolIdentifier", 1},
                                    {"ipClassOfService", 1},
                                    {"bgpSourceAsNumber", 2},
                                    {"bgpDestinationAsNumber", 2},
                                    {"sourceIPv4PrefixLength", 1},
                                    {"destinationIPv4PrefixLength", 1},
                                    {"-", 2}};
constexpr FixedField kRecordV7[] = {{"sourceIPv4Address", 4},
                                    {"destinationIPv4Address", 4},
                                    {"ipNextHopIPv4Address", 4},
                                    {"ingressInterface", 2},
                                    {"egressInterface", 2},
                                    {"packetDeltaCount", 4},
                                    {"octetDeltaCount", 4},
                                    {"flowStartSysUpTime", 4},
                                    {"flowEndSysUpTime", 4},
                                    {"sourceTransportPort", 2},
                                    {"destinationTransportPort", 2},
                                    {"invalid fields", 1},
                                    {"tcpControlBits", 1},
                                    {"protocolIdentifier", 1},
                                    {"ipClassOfService", 1},
                                    {"bgpSourceAsNumber", 2},
                                    {"bgpDestinationAsNumber", 2},
                                    {"sourceIPv4PrefixLength", 1},
                                    {"destinationIPv4PrefixLength", 1},
                                    {"invalid fields 2", 2},
                                    {"router", 4}};

void trace_fixed(ByteCursor c, std::uint16_t version, TraceLines& out) {
  c.skip(2);
  const auto count = c.u16();
  const auto uptime = c.u32(), seconds = c.u32(), nanoseconds = c.u32();
  std::string head = "NetFlow v" + std::to_string(version) + ": count " + std::to_string(count) + ", uptime " +
                     std::to_string(uptime) + " ms, exported " +
                     trace_time(std::int64_t{seconds} * 1000 + nanoseconds / 1'000'000);
  if (version != 1) head += ", sequence " + std::to_string(c.u32());
  if (version == 5) {
    const auto type = c.u8(), id = c.u8();
    const auto sampling = c.u16();
    head += ", engine type " + std::to_string(type) + " id " + std::to_string(id) + ", sampling mode " +
            std::to_string(sampling >> 14) + " rate " + std::to_string(sampling & 0x3fff);
  }
  if (version == 7) c.skip(4);
  if (c.failed()) return out.line(1, "NetFlow v" + std::to_string(version) + ": ends inside its header");
  out.line(1, head);
  const auto layout = version == 1   ? std::span<const FixedField>(kRecordV1)
                      : version == 5 ? std::span<const FixedField>(kRecordV5)
                                     : std::span<const FixedField>(kRecordV7);
  std::size_t size = 0;
  for (const auto& field : layout) size += field.size;
  for (std::size_t number = 1; c.remaining() >= size && !out.full(); ++number) {
    out.line(1, "record " + std::to_string(number));
    for (const auto& field : layout) {
      const auto bytes = c.take(field.size);
      if (field.name != "-") out.field(2, std::string(field.name), trace_value(field.name, bytes));
    }
  }
  if (c.remaining() != 0)
    out.line(1, std::to_string(c.remaining()) + " octets left over: " + trace_hex(c.take(c.remaining())));
}

// In v9 the scope fields have types of their own (RFC 3954 6.1).
std::string field_name(const TemplateRecord& record, std::size_t i) {
  const auto& field = record.fields[i];
  if (record.version != kVersion9 || i >= record.scope_fields) return element_name(field.pen, field.ie);
  static constexpr std::array<const char*, 6> kScopes{"", "System", "Interface", "Line Card", "Cache", "Template"};
  return "scope " + (field.ie > 0 && field.ie < kScopes.size() ? std::string(kScopes[field.ie])
                                                               : "type " + std::to_string(field.ie));
}

void trace_templates(ByteCursor set, std::uint16_t version, bool options, TraceLines& out) {
  TemplateRecord record;
  while (set.remaining() != 0 && !out.full()) {
    const auto before = set.position();
    switch (decode_template_record(set, version, options, kMaxFields, record)) {
      case TemplateOutcome::kPadding: return;
      case TemplateOutcome::kWithdrawal: out.line(2, "template " + std::to_string(record.id) + " withdrawn"); break;
      case TemplateOutcome::kMalformed:
      case TemplateOutcome::kTooManyFields:
        out.line(2, "template " + std::to_string(record.id) + " cannot be read");
        if (set.position() == before) return;
        break;
      case TemplateOutcome::kTemplate:
        out.line(2, "template " + std::to_string(record.id) + ", " + std::to_string(record.fields.size()) + " fields");
        for (std::size_t i = 0; i < record.fields.size() && !out.full(); ++i) {
          const auto length = record.fields[i].length;
          out.field(3, field_name(record, i),
                    length == kVariableLength ? "variable length" : std::to_string(length) + " octets");
        }
        break;
    }
  }
}

void trace_records(ByteCursor set, const TemplateRecord& record, TraceLines& out) {
  for (std::size_t number = 1; set.remaining() >= record.minimum_length() && !out.full(); ++number) {
    out.line(2, "record " + std::to_string(number));
    for (std::size_t i = 0; i < record.fields.size(); ++i) {
      std::size_t length = record.fields[i].length;
      if (length == kVariableLength) {  // RFC 7011 7
        length = set.u8();
        if (length == 255) length = set.u16();
      }
      const auto bytes = set.take(length);
      if (set.failed()) return out.line(3, "the set ends inside " + field_name(record, i));
      const auto name = field_name(record, i);
      out.field(3, name, trace_value(name, bytes));
    }
  }
  if (set.remaining() != 0)
    out.line(2, std::to_string(set.remaining()) + " octets of padding: " + trace_hex(set.take(set.remaining())));
}

void trace_sets(ByteCursor body, std::uint16_t version, const SetIds& ids, std::uint32_t domain,
                const TraceTemplates& templates, TraceLines& out) {
  while (body.remaining() >= kSetHeaderSize && !out.full()) {
    ByteCursor header = body;
    const std::uint16_t id = header.u16();
    const std::size_t length = header.u16();
    const auto name = "set " + std::to_string(id);
    if (length < kSetHeaderSize)
      return out.line(1, name + " has a length of " + std::to_string(length) + ": nothing after it can be read");
    const auto there = std::min(length, body.remaining());
    const auto size = ", " + std::to_string(length) + " octets" +
                      (there < length ? " (only " + std::to_string(there) + " of them are there)" : "");
    ByteCursor set = body.sub(there);
    set.skip(kSetHeaderSize);
    if (id == ids.templates || id == ids.options_templates) {
      out.line(1, name + size + ": " + (id == ids.templates ? "templates" : "options templates"));
      trace_templates(set, version, id == ids.options_templates, out);
    } else if (id < kFirstDataSet) {
      out.line(1, name + size + ": a reserved id");
    } else if (const auto* record = templates(version, domain, id); record == nullptr) {
      out.line(1, name + size + ": no template has come for it: " + trace_hex(set.take(set.remaining())));
    } else {
      out.line(1, name + size + ": " + (record->options ? "options" : "data") + " by template " + std::to_string(id) +
                      " of " + std::to_string(record->fields.size()) + " fields");
      trace_records(set, *record, out);
    }
  }
  if (body.remaining() != 0 && !out.full()) out.line(1, std::to_string(body.remaining()) + " octets left over");
}

}  // namespace

void trace_netflow_v1(ByteCursor c, const TraceTemplates&, TraceLines& out) { trace_fixed(c, 1, out); }
void trace_netflow_v5(ByteCursor c, const TraceTemplates&, TraceLines& out) { trace_fixed(c, 5, out); }
void trace_netflow_v7(ByteCursor c, const TraceTemplates&, TraceLines& out) { trace_fixed(c, 7, out); }

void trace_netflow_v9(ByteCursor c, const TraceTemplates& templates, TraceLines& out) {
  c.skip(2);
  const auto count = c.u16();
  const auto uptime = c.u32(), seconds = c.u32(), sequence = c.u32(), source = c.u32();
  if (c.failed()) return out.line(1, "NetFlow v9: ends inside its header");
  out.line(1, "NetFlow v9: count " + std::to_string(count) + ", uptime " + std::to_string(uptime) + " ms, exported " +
                  trace_time(std::int64_t{seconds} * 1000) + ", sequence " + std::to_string(sequence) + ", source id " +
                  std::to_string(source));
  trace_sets(c, kVersion9, kSetIds9, source, templates, out);
}

void trace_ipfix(ByteCursor c, const TraceTemplates& templates, TraceLines& out) {
  c.skip(2);
  const auto length = c.u16();
  const auto seconds = c.u32(), sequence = c.u32(), domain = c.u32();
  if (c.failed()) return out.line(1, "IPFIX: ends inside its header");
  out.line(1, "IPFIX: length " + std::to_string(length) + ", exported " + trace_time(std::int64_t{seconds} * 1000) +
                  ", sequence " + std::to_string(sequence) + ", observation domain " + std::to_string(domain));
  trace_sets(c, kVersionIpfix, kSetIdsIpfix, domain, templates, out);
}

std::string trace_datagram(const Datagram& datagram, const TraceTemplates& templates, std::size_t max_bytes) {
  TraceLines out(max_bytes);
  out.line(0, trace_time(datagram.arrival_ms) + " from " + datagram.source.text() +
                  (datagram.via.is_unset() ? "" : " by " + datagram.via.text()) + " port " +
                  std::to_string(datagram.source_port) + " to port " + std::to_string(datagram.local_port) + ", " +
                  std::to_string(datagram.payload.size()) + " octets");
  if (const auto* protocol = protocol_of(datagram.payload))
    protocol->trace(ByteCursor(datagram.payload), templates, out);
  else out.line(1, "none of " + decoded_protocols() + ", so shown as it is: " + trace_hex(datagram.payload));
  return out.take();
}

}  // namespace weir
