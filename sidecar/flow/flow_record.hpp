// One unidirectional flow record as an exporter sent it (a biflow carries its reverse half too). The decoder fills it,
// the session stage consumes it. Plain value; zero or unset means "not given".
#pragma once
#include <cstdint>

#include "core/ip_address.hpp"

namespace weir {

// Who started the conversation, where the record itself says so.
enum class Initiator : std::uint8_t { kUnknown = 0, kSource = 1, kDestination = 2 };

// What is known to be repaired or missing. Stored: bits never change meaning.
enum Quality : std::uint16_t {
  kQualityTimeRepaired = 1 << 0,       // times shifted or clamped against the datagram's arrival
  kQualitySamplingUnknown = 1 << 1,    // the exporter samples, or may, and announced no rate
  kQualityNoCounters = 1 << 2,         // an event record without octets (NSEL and such)
  kQualityReloaded = 1 << 3,           // came back from the journal after a crash
  kQualityCountersUncertain = 1 << 4,  // a total whose part that was counted before is not known
};

constexpr std::uint8_t kDirectionUnknown = 255;  // flowDirection (IE 61): 0 ingress, 1 egress

struct FlowRecord {
  IpAddress src, dst;
  std::int64_t start_ms = 0, end_ms = 0;  // epoch milliseconds UTC, start <= end
  std::uint64_t octets = 0, packets = 0;  // as exported, before sampling
  std::uint64_t reverse_octets = 0, reverse_packets = 0;
  std::uint32_t exporter = 0;                // ExporterTable id
  std::uint32_t sampling = 0;                // 1 in N; 0: nobody said
  std::uint16_t src_port = 0, dst_port = 0;  // both 0 when `icmp` is given
  std::uint16_t quality = 0;
  std::uint8_t protocol = 0;
  Initiator initiator = Initiator::kUnknown;
  bool has_reverse = false;  // an RFC 5103 biflow, or initiator/responder counters
  bool count_once = false;   // metered on ingress and on egress it is still one: the exporter's Metering is kAuto
  bool sample = false;       // one packet that was sampled: it joins those of its flow before it
  bool continued = false;    // a later part of a flow that is counted by its first part
  // The carried fields of schemas/fields.json.
#include "flow/record_members.inc"
};

}  // namespace weir
