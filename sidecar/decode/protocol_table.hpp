// All protocols that are decoded, a row each: what a datagram begins with, whose it is, how it is checked, decoded and
// shown. Pure functions over the table; any thread.
#pragma once
#include <cstdint>
#include <span>
#include <string>

#include "core/byte_cursor.hpp"
#include "core/ip_address.hpp"
#include "decode/message_check.hpp"
#include "decode/trace_text.hpp"
#include "receive/datagram.hpp"

namespace weir {

class Message;
class TraceLines;

struct Protocol {
  const char* name = nullptr;        // for people
  std::uint32_t word = 0, mask = 0;  // of the payload's first four octets
  std::uint32_t bit = 0;             // of Exporter::protocols
  // Of a version that has several kinds: whether the datagram is of one that is decoded. nullptr: all are.
  bool (*takes)(ByteCursor payload) = nullptr;
  // The exporter that the datagram names; unset: it names none, and the UDP sender is it. nullptr: it never names one.
  IpAddress (*exporter_of)(ByteCursor payload) = nullptr;
  MessageCheck (*check)(ByteCursor payload) = nullptr;
  void (*decode)(ByteCursor payload, Message& message) = nullptr;
  void (*trace)(ByteCursor payload, const TraceTemplates& templates, TraceLines& out) = nullptr;
};

// The row of a datagram; nullptr: it is of no protocol that is decoded.
const Protocol* protocol_of(std::span<const std::uint8_t> payload);
// "NetFlow v1, NetFlow v5 … or IPFIX": all rows.
std::string decoded_protocols();

// Files the datagram under the exporter that it names: that becomes its source, by which it is admitted, queued,
// sharded and decoded, and the UDP sender its `via`. Nothing changes when it names none, or itself. Any number of
// times.
void name_exporter(Datagram& datagram, const Protocol* protocol);

}  // namespace weir
