// The header of an IPFIX message (RFC 7011 3.1):
//   version u16, length u16, export time in epoch seconds u32, sequence u32, observation domain u32
#include "decode/ipfix.hpp"

#include "decode/sets.hpp"

namespace weir {

void decode_ipfix(ByteCursor payload, Message& message) {
  const std::size_t size = payload.remaining();
  payload.u16();
  const std::size_t length = payload.u16();
  const std::int64_t seconds = payload.u32();
  const std::uint32_t sequence = payload.u32(), domain = payload.u32();
  if (payload.failed()) return message.malformed([] { return std::string("IPFIX message ends inside its header"); });
  if (!message.enter(kVersionIpfix, domain, seconds * 1000)) return;
  // The sets run to the end of the datagram, whatever the header says (ipfix-telegraf-14370: two octets short).
  const bool counted = decode_sets(payload, kVersionIpfix, kSetIdsIpfix, message);
  if (length != size) {
    message.malformed([&] {
      return "IPFIX message announces " + std::to_string(length) + " octets, the datagram holds " +
             std::to_string(size);
    });
  }
  // Counts data records, options records included (RFC 7011 3.1, "Sequence Number").
  message.follow_sequence({.sequence = sequence,
                           .units = static_cast<std::uint32_t>(message.decoded()),
                           .options = static_cast<std::uint32_t>(message.decoded_options()),
                           .known = counted && length == size,
                           .absurd_jump = 1u << 24,
                           .reorder = 4096});
}

}  // namespace weir
