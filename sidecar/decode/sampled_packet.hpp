// One packet that an sFlow agent sampled, as the records of its sample tell of it, and the flow record that it becomes.
// Pure; any thread.
#pragma once
#include <cstdint>

#include "core/byte_cursor.hpp"
#include "decode/decoder.hpp"
#include "decode/sflow_wire.hpp"
#include "flow/flow_record.hpp"

namespace weir {

class SampledPacket {
 public:
  explicit SampledPacket(FlowRecord& record) : record_(record) {}

  // One record of a sample of v5; what is not known is left unread. False: it ends too soon.
  bool read(std::uint32_t format, ByteCursor data);
  // Of v2 and v4, which have no lengths: what is not known cannot be stepped over. False: nothing behind it can be
  // read.
  bool read_packet_v4(ByteCursor& c);
  bool read_extension_v4(ByteCursor& c, std::uint32_t version);

  // Whether anything tells of a packet.
  bool is_one() const { return has_packet_; }
  // Puts counters and what only the packet itself told into the record.
  void complete(SampledOctets counted);

 private:
  void read_header(ByteCursor& c, bool has_stripped);
  void read_ip(ByteCursor& c, bool v6);
  void read_ethernet(ByteCursor& c);
  void read_switch(ByteCursor& c);
  void read_router(ByteCursor& c);
  void read_gateway(ByteCursor& c, std::uint32_t version);

  FlowRecord& record_;
  bool has_packet_ = false, has_ends_ = false;
  std::uint16_t tag_ = 0;  // VLAN tag of the packet itself
  std::uint32_t frame_octets_ = 0, ip_octets_ = 0;
};

}  // namespace weir
