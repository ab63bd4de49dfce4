// What an exporter's flows were last reported to have: some count from the start of a flow, or of the exporter, in
// every report, and some give the start of a flow with what came since the last report. Here each report becomes what
// it adds. One per exporter, owned by its decoder; one thread. Bounded: the flow that was silent longest makes room,
// and what is then no longer known is marked.
#pragma once
#include <array>
#include <cstdint>
#include <vector>

#include "core/setting_defaults.hpp"
#include "flow/flow_record.hpp"

namespace weir {

// What the counters of a report count.
enum class Counting : std::uint8_t {
  kDelta,   // what came since the last report, or since the flow began
  kTotal,   // all since the flow began, or since the exporter did (IE 85, 86)
  kUpdate,  // a firewall's event: what came since the last
  kEnd,     // a firewall's last event of a flow: all of it
};

struct FlowReport {
  Counting counting = Counting::kDelta;
  bool ended = false;         // the exporter says that this is the last report of the flow (IE 136)
  std::uint64_t flow_id = 0;  // of a firewall's events (IE 148)
};

struct FlowMemoryLimits {
  std::uint32_t max_flows = setting_defaults::kDecodeMaxFlowsPerExporter;  // of one exporter
  std::uint64_t max_bytes = setting_defaults::kDecodeMaxFlowMemoryBytes;   // of all
};

// What the memories of all exporters of a decoder take together, and what they had to give up.
struct FlowMemoryTotal {
  std::uint64_t bytes = 0;
  std::uint64_t forgotten = 0;  // flows that still mattered
};

class FlowMemory {
 public:
  FlowMemory(const FlowMemoryLimits& limits, FlowMemoryTotal& total) : limits_(limits), total_(total) {}
  ~FlowMemory() { total_.bytes -= buckets_.size() * sizeof(Bucket); }
  FlowMemory(const FlowMemory&) = delete;
  FlowMemory& operator=(const FlowMemory&) = delete;

  // Which flow it is, of those of a stream (domain and port).
  static std::uint64_t key_of(const FlowRecord& record, const FlowReport& report, std::uint64_t stream);
  // Whether the report could be one of several of its flow.
  static bool concerns(const FlowRecord& record, const FlowReport& report) {
    return record.end_ms - record.start_ms >= kLeastMs || report.counting != Counting::kDelta;
  }
  // Whether the flow is followed. If none of an exporter's first deltas carried the start that an earlier one had, one
  // flow in 32 is followed on; as soon as one of those does, all are.
  bool follows(std::uint64_t key, const FlowReport& report) const {
    return report.counting != Counting::kDelta || keeps_starts_ || deltas_ < kFirstDeltas || key >> 59 == 0;
  }
  void prefetch(std::uint64_t key) const {
    if (!buckets_.empty()) __builtin_prefetch(&bucket(key));
  }
  // Changes counters, start and quality of the record to what it adds to the reports before it.
  void settle(std::uint64_t key, FlowRecord& record, const FlowReport& report, std::int64_t now_ms);

 private:
  static constexpr std::int64_t kLeastMs = 1000;
  static constexpr std::uint32_t kFirstDeltas = 8192;
  struct Entry {
    std::uint64_t key = 0;  // 0: empty
    std::int64_t start_ms = 0, end_ms = 0;
    std::uint64_t octets = 0, packets = 0, reverse_octets = 0, reverse_packets = 0;
    std::uint32_t seen_s = 0;
    bool counts = false;  // its counters matter
    bool ended = false;
  };
  static constexpr std::size_t kEntries = 4;
  struct Bucket {
    std::array<Entry, kEntries> entries;
  };

  const Bucket& bucket(std::uint64_t key) const { return buckets_[key & (buckets_.size() - 1)]; }
  Bucket& bucket(std::uint64_t key) { return buckets_[key & (buckets_.size() - 1)]; }
  Entry* find(std::uint64_t key);
  Entry& place(std::uint64_t key, std::int64_t now_ms);
  bool grow();
  // `before`: the last report of the same flow; nullptr: none.
  void settle_delta(const Entry* before, bool other_flow, FlowRecord& record);
  void settle_total(const Entry* known, bool again, FlowRecord& record);
  void settle_end(const Entry* before, FlowRecord& record);
  static void subtract(const Entry& before, FlowRecord& record);
  // Whether reports of the flow before this one would be remembered.
  bool began_within_memory(const FlowRecord& record) const { return record.start_ms >= complete_since_ms_; }

  const FlowMemoryLimits limits_;
  FlowMemoryTotal& total_;
  std::vector<Bucket> buckets_;          // a power of two
  std::int64_t complete_since_ms_ = 0;   // all flows that began later are remembered; 0: nothing came yet
  bool keeps_starts_ = false;            // flows were reported again with the start that they had
  std::uint32_t deltas_ = 0;             // followed, up to kFirstDeltas
  std::uint32_t rises_ = 0, falls_ = 0;  // totals of flows that were reported again with another start
};

}  // namespace weir
