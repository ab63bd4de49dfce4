// Loss by sequence numbers: what an exporter sent and we never saw. Counts datagrams (v9), flow records (v5, v7) or
// data records (IPFIX) as the protocol does. Owned by one decoder; one thread.
#pragma once
#include <cstdint>
#include <list>
#include <unordered_map>

namespace weir {

// One message's claim: `sequence` units were sent before it and it carries `units`; `known` is false when the units
// cannot be told (an IPFIX message with a set whose template is missing).
struct SequenceStep {
  std::uint32_t sequence = 0;
  std::uint32_t units = 0;
  std::uint32_t options = 0;  // of the units, records of options
  bool known = true;
  std::uint32_t absurd_jump = 0;  // a gap this large is a restart, not loss
  std::uint32_t reorder = 0;      // units that a late datagram may lie back
  std::int64_t boot_ms = 0;       // when the sender was started, by its own clock; 0: not known
  bool restarted = false;         // its uptime has fallen: the sequence begins anew
  std::int64_t arrival_ms = 0;
};

// Whether two boot times are of one device: stamps are of whole seconds, clocks drift and are corrected, uptimes wrap.
// A boot that is not known (0) can be any.
bool may_be_one_boot(std::int64_t a_ms, std::int64_t b_ms, std::int64_t now_ms);

// How a message's number lies to its port's last one.
enum class SequencePlace : std::uint8_t { kUnknown, kNext, kAhead, kBack };

// The sequences of one domain. Usually one. Several exporters behind an address and a domain are told apart by source
// port, and an exporter that changes its port, or uses several, goes on in the sequence that it continues. Where that
// cannot be told, nothing counts as lost: a new port starts a sequence of its own, and what seems to be missing between
// the last of one port and the first of another counts only when both go on in it by turns.
class SequenceTracker {
 public:
  // Ports that are remembered, of one domain. Past it the one silent longest is forgotten, and what it sends then
  // starts anew.
  static constexpr std::size_t kMaxPorts = 1024;
  static constexpr std::size_t kPortBytes = 256;

  // Units newly found missing; negative when a late datagram brought some that had been counted.
  std::int64_t advance(std::uint16_t port, const SequenceStep& step);
  SequencePlace place_of(std::uint16_t port, std::uint32_t sequence) const;

  std::size_t ports() const { return ports_.size(); }
  // Sequences that go on beside each other: of those heard since, how many have sent a few messages.
  std::size_t lines_since(std::int64_t arrival_ms) const;

 private:
  struct Line {
    bool synced = false;  // `next` and `last` are meaningful
    bool counts_own =
        false;  // its sequence includes the message itself (softflowd-r-v10, ovs-netflow5, ipfix-mikrotik)
    bool counts_options = true;  // as RFC 7011 wants it; softflowd does not
    bool shared = false;         // several ports have gone on in it, turn by turn
    std::uint32_t next = 0;      // expected sequence, less the own units if it counts those
    std::uint32_t last = 0, last_units = 0, last_options = 0;  // the newest message as it was sent
    std::uint32_t gap_from = 0, gap_size = 0, missing = 0;     // the last gap, and what of it has not come late
    std::uint32_t late_next = 0, late_run = 0;
    std::uint32_t ports = 0, messages = 0;
    std::uint32_t pending = 0;  // units that seemed to be missing when a new port went on in it
    std::int64_t boot_ms = 0, heard_ms = 0;
  };
  using Lines = std::list<Line>;  // heard last first
  struct Port {
    std::uint16_t number = 0;
    Lines::iterator line;
    std::uint32_t next = 0;  // if it has a sequence of its own
    bool synced = false;
  };
  using Ports = std::list<Port>;  // heard last first

  Port& port_of(std::uint16_t number, const SequenceStep& step);
  Lines::iterator line_continued(const SequenceStep& step, std::uint32_t max_gap, const Line* except);
  void leave(Port& port);
  void join(Port& port, Lines::iterator line);
  void start_line(Port& port, const SequenceStep& step);
  // Which sequence a message of a known port goes on in.
  void choose_line(Port& port, const SequenceStep& step);
  static std::uint32_t begin_of(const Line& line, const SequenceStep& step);
  static std::int64_t advance(Line& line, const SequenceStep& step);

  Ports ports_;
  std::unordered_map<std::uint16_t, Ports::iterator> by_number_;
  Lines lines_;
};

}  // namespace weir
