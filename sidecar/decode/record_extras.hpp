// What few records say: which flow a report is about, who metered it, a wireless client, the beginning of a sampled
// frame. Plain values; any thread.
#pragma once
#include <cstdint>
#include <span>

#include "core/ip_address.hpp"
#include "flow/flow_record.hpp"

namespace weir {

// Spans are of the record.
struct RecordExtras {
  std::uint64_t flow_id = 0;    // IE 148
  std::uint8_t protocols = 0;   // bits of ProtocolHint whose elements are not zero
  IpAddress original_exporter;  // IE 130, 131, 403, 404
  IpAddress station;            // IE 366 to 367: a wireless client and its access point
  std::uint64_t station_mac = 0, access_point_mac = 0;
  std::span<const std::uint8_t> frame, packet;       // IE 315, 104; 313
  std::uint32_t frame_size = 0;                      // IE 312
  std::uint16_t frame_type = 1, section_offset = 0;  // IE 408: 1 is Ethernet
};

// Fills what the record itself did not say. `has_counters`: its template has some.
void complete_from_extras(const RecordExtras& extras, bool has_counters, FlowRecord& flow);

}  // namespace weir
