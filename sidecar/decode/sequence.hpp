// Loss by sequence numbers: what an exporter sent and we never saw. Counts datagrams (v9), flow records (v5, v7) or
// data records (IPFIX) as the protocol does. Owned by one decoder; one thread.
#pragma once
#include <cstdint>
#include <vector>

namespace weir {

// One message's claim: `sequence` units were sent before it and it carries `units`; `known` is false when the units cannot be told (an
// IPFIX message with a set whose template is missing).
struct SequenceStep {
  std::uint32_t sequence = 0;
  std::uint32_t units = 0;
  std::uint32_t options = 0;      // of the units, records of options
  bool known = true;
  std::uint32_t absurd_jump = 0;  // a gap this large is a restart, not loss
  std::uint32_t reorder = 0;      // units that a late datagram may lie back
};

// The sequences of one domain. Usually one; exporters that share an address and a domain are told apart by source port,
// and an exporter that changes its port goes on in the sequence it continues.
class SequenceTracker {
 public:
  // Units newly found missing; negative when a late datagram brought some that had been counted.
  std::int64_t advance(std::uint16_t port, const SequenceStep& step);

 private:
  struct Stream {
    std::uint16_t port = 0;
    bool synced = false;         // `next` and `last` are meaningful
    bool counts_own = false;     // its sequence includes the message itself (softflowd-r-v10, ovs-netflow5, ipfix-mikrotik)
    bool counts_options = true;  // as RFC 7011 wants it; softflowd does not
    std::uint32_t next = 0;      // expected sequence, less the own units if it counts those
    std::uint32_t last = 0, last_units = 0, last_options = 0;  // the newest message as it was sent
    std::uint32_t gap_from = 0, gap_size = 0, missing = 0;  // the last gap, and what of it has not come late
    std::uint32_t late_next = 0, late_run = 0;
    std::uint64_t used = 0;
  };
  Stream& stream_of(std::uint16_t port, const SequenceStep& step);

  std::vector<Stream> streams_;
  std::uint64_t clock_ = 0;
};

}  // namespace weir
