// The exporters that have sent something: a stable id per address, their counters, and what is known of them. Shared by
// receive (drops), decode (records, loss), store (ids kept in the catalog) and api. Any thread; entries live as long as
// the table. Bounded: past `max_exporters` new senders are refused and counted.
#pragma once
#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/guarded.hpp"
#include "core/ip_address.hpp"

namespace weir {

// Protocols as bits of Exporter::protocols.
enum ProtocolBit : std::uint32_t {
  kProtocolV1 = 1 << 0, kProtocolV5 = 1 << 1, kProtocolV7 = 1 << 2, kProtocolV9 = 1 << 3, kProtocolIpfix = 1 << 4,
};
std::vector<std::string> protocol_names(std::uint32_t bits);

// What the decoder publishes per observation domain (IPFIX), source id (v9) or engine (v5).
struct DomainStatus {
  std::uint32_t domain = 0;
  std::uint16_t port = 0;             // source port last seen
  std::uint64_t sequence_lost = 0;    // datagrams (v9) or records (v5, v7, IPFIX) missing by sequence
  std::uint32_t templates = 0;
};

struct Exporter {
  Exporter(std::uint32_t exporter_id, IpAddress exporter_address) : id(exporter_id), address(exporter_address) {}
  const std::uint32_t id;
  const IpAddress address;
  std::atomic<std::int64_t> first_seen_ms{0}, last_seen_ms{0};
  std::atomic<std::uint64_t> datagrams{0}, records{0}, options_records{0}, malformed{0}, lost{0}, kernel_drops{0},
      queue_drops{0}, time_repaired{0}, rejected{0};
  std::atomic<std::uint64_t> lost_most{0};             // the most that `lost` has been: that falls when something comes late
  std::atomic<std::uint64_t> waiting_for_template{0};  // sets held now, plus sets given up without a template
  std::atomic<std::uint64_t> octets{0}, packets{0};    // as decoded, both halves of a biflow, before sampling
  std::atomic<std::uint32_t> protocols{0};
  std::atomic<std::uint32_t> announced_sampling{0};    // 0: nobody said
  std::atomic<std::uint32_t> configured_sampling{0};   // set by the operator; 0: not set
  Guarded<std::string> name;                           // operator's or monitor's name; may be empty
  Guarded<std::vector<DomainStatus>> domains;
};

// How much a counter rose; 0 when it fell, as that of loss does when something comes late, and that of waiting sets with
// their template.
constexpr std::uint64_t risen(std::uint64_t now, std::uint64_t before) { return now > before ? now - before : 0; }

class ExporterTable {
 public:
  explicit ExporterTable(std::uint32_t max_exporters) : max_exporters_(max_exporters) {}

  // The entry of `address`, made when new; nullptr when the table is full (counted in refused()).
  Exporter* find_or_add(const IpAddress& address);
  Exporter* find(const IpAddress& address) const;
  Exporter* find(std::uint32_t id) const;
  // Puts back an entry that an earlier run stored. Ids of new entries start above the highest restored.
  Exporter* restore(std::uint32_t id, const IpAddress& address);
  // All entries in id order.
  std::vector<Exporter*> all() const;
  std::uint64_t refused() const { return refused_; }
  std::uint32_t max_exporters() const { return max_exporters_; }

 private:
  struct State {
    std::deque<std::unique_ptr<Exporter>> entries;
    std::unordered_map<IpAddress, Exporter*> by_address;
    std::unordered_map<std::uint32_t, Exporter*> by_id;
    std::uint32_t next_id = 1;
  };
  const std::uint32_t max_exporters_;
  mutable Guarded<State> state_;
  std::atomic<std::uint64_t> refused_{0};
};

}  // namespace weir
