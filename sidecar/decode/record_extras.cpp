// The headers of sampled frames, and the ends of wireless clients.
#include "decode/record_extras.hpp"

#include "core/byte_cursor.hpp"
#include "decode/packet_fields.hpp"

namespace weir {

namespace {
constexpr std::uint8_t kFrameEthernet = 1;  // of IE 408
}  // namespace

void complete_from_extras(const RecordExtras& extras, bool has_counters, FlowRecord& flow) {
  const bool to_station = flow.direction == 1;  // as the access point sees it
  if (extras.station_mac != 0) {
    fill_absent(to_station ? flow.dst_mac : flow.src_mac, extras.station_mac);
    fill_absent(to_station ? flow.src_mac : flow.dst_mac, extras.access_point_mac);
  }
  if (!extras.station.is_unset() && flow.src.is_unset() && flow.dst.is_unset())
    (to_station ? flow.dst : flow.src) = extras.station;

  if ((extras.frame.empty() && extras.packet.empty()) || extras.section_offset != 0) return;
  PacketHeaders h;
  if (!extras.frame.empty() && extras.frame_type == kFrameEthernet) h = decode_ethernet_frame(extras.frame);
  if (!h.has_ip && !extras.packet.empty()) h = decode_ip_packet(extras.packet);
  if (h.has_ethernet) {
    fill_absent(flow.src_mac, h.src_mac);
    fill_absent(flow.dst_mac, h.dst_mac);
    fill_absent(flow.vlan, h.vlan);
  }
  if (h.has_ip && flow.src.is_unset() && flow.dst.is_unset()) {
    set_ip_fields(h, flow);
  }
  if (has_counters) return;
  // A packet was sampled: it counts as what it is, without its frame where that is known, as flow records count.
  flow.packets = 1;
  flow.octets = h.ip_octets != 0 ? h.ip_octets : extras.frame_size;
}

}  // namespace weir
