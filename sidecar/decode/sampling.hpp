// Packet and flow sampling rates: what elements say about one, and which of the rates that an exporter announced holds
// for a record. Rates are kept by the source port that announced them: behind one address there can be several devices,
// and what a neighbour announces does not hold. One table per exporter, owned by its decoder; one thread.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <unordered_map>

#include "decode/unrated_span.hpp"
#include "flow/late_rate.hpp"

namespace weir {

// The sampling elements of one record, of flows or of options. Zero: not given.
struct SamplingElements {
  std::uint32_t interval = 0;         // IE 34, 50: 1 in N
  std::uint32_t packet_interval = 0;  // IE 305: packets taken in a row (RFC 5477 8.2.2)
  std::uint32_t packet_space = 0;     // IE 306: packets left out after them (RFC 5477 8.2.3)
  std::uint32_t time_interval = 0,
                time_space = 0;  // IE 307, 308: microseconds in which all packets are taken, and none (RFC 5477 8.2.4)
  std::uint32_t size = 0, population = 0;                      // IE 309, 310: n of N
  double probability = 0;                                      // IE 311
  std::uint64_t hash_output_min = 0, hash_output_max = 0;      // IE 329, 330: what a hash can be (RFC 5477 8.3)
  std::uint64_t hash_selected_min = 0, hash_selected_max = 0;  // IE 331, 332: for which packets are taken
  std::uint32_t flow_interval = 0, flow_space = 0;  // IE 396, 397: flows exported in a row, and left out (RFC 7014 7.2)
  std::uint32_t flow_time_interval = 0, flow_time_space = 0;  // IE 398, 399: the same in time
  bool has_packet_space = false;
  std::uint8_t algorithm = 0;             // IE 304, 35, 49
  std::optional<std::uint64_t> selector;  // IE 302, 48

  // 1 in N packets, rounded; of packets in N flows where flows are sampled, too. 0 when nothing tells.
  std::uint32_t rate() const;
  // Whether it is of a sampler that has no rate which could be told.
  bool samples_somehow() const;
};

// What an announced rate holds for.
enum class SamplingScope : std::uint8_t {
  kDomain,
  kSelector,
  kInterface,
  kTemplate,
  kInterfaceIn,
  kInterfaceOut,  // what comes in or goes out at the interface
  kPart,          // a part of the exporter that records do not name, as a line card
};

struct AnnouncedRate {
  std::uint16_t port = 0;
  std::uint32_t domain = 0;
  SamplingScope scope = SamplingScope::kDomain;
  std::uint64_t id = 0;  // the selector, ifIndex, template or part; 0 for kDomain
  std::uint32_t rate = 0;
  std::int64_t booted_ms = 0;  // Stream::booted_ms of the sender
};

// What one port has announced.
class PortSampling {
 public:
  // A rate for exactly this; first in the domain, then in any domain of the port. 0: none.
  std::uint32_t find(std::uint32_t domain, SamplingScope scope, std::uint64_t id) const;
  // Of an interface, as the flow was metered: 0 where it came in, 1 where it went out (flowDirection), else not known.
  std::uint32_t of_interface(std::uint32_t domain, std::uint8_t direction, std::uint32_t in_if,
                             std::uint32_t out_if) const;
  // The rate of the whole domain, or of another domain (Open vSwitch announces in domain 0: ovs-ipfix). 0: none.
  std::uint32_t of_domain(std::uint32_t domain) const { return find(domain, SamplingScope::kDomain, 0); }
  // For records that name no selector: the rate of their template, of the domain, or the only rate that any selector
  // has. 0: none.
  std::uint32_t default_rate(std::uint32_t domain, std::uint16_t template_id) const;
  // What all of these records have, at whatever interface their flows were metered. 0: they differ, or it cannot be
  // told.
  std::uint32_t common_rate(std::uint32_t domain, const UnratedSpan& unrated) const;
  bool has_interfaces() const { return has_interfaces_; }
  bool names_domain(std::uint32_t domain) const;
  // When the sender was started, by its own clock, as it announced last; 0: not known.
  std::int64_t booted_ms() const { return booted_ms_; }

 private:
  friend class SamplingTable;
  struct Key {
    std::uint32_t domain = 0;
    SamplingScope scope = SamplingScope::kDomain;
    bool any_domain = false;
    std::uint64_t id = 0;
    bool operator==(const Key&) const = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& k) const;
  };
  std::uint32_t find_key(const Key& key) const;

  std::unordered_map<Key, std::uint32_t, KeyHash> rates_;
  std::map<std::uint32_t, std::uint32_t> selector_rates_;  // how many selectors have each rate
  std::map<std::uint32_t, std::uint32_t> domains_;         // entries of each
  bool has_interfaces_ = false;
  std::int64_t used_ms_ = 0, booted_ms_ = 0;
};

class SamplingTable {
 public:
  enum class Outcome : std::uint8_t { kKnown, kNew, kFull };

  SamplingTable(std::uint32_t max_entries, std::int64_t max_silence_ms)
      : max_entries_(max_entries), max_silence_ms_(max_silence_ms) {}

  // A rate of 0: there is a sampler, and its rate cannot be told. When the table is full, a port that has announced
  // nothing for max_silence_ms makes room.
  Outcome learn(const AnnouncedRate& announced, std::int64_t now_ms);

  std::size_t size() const { return size_; }
  // nullptr: the port has announced nothing.
  const PortSampling* of(std::uint16_t port) const;
  // Whether any port has announced a rate, or had until it was forgotten.
  bool announced() const { return size_ != 0 || forgotten_; }
  // Whether another port has for this domain.
  bool announced_for(std::uint32_t domain) const;

 private:
  bool make_room(std::uint16_t for_port, std::int64_t now_ms);

  const std::uint32_t max_entries_;
  const std::int64_t max_silence_ms_;
  std::unordered_map<std::uint16_t, PortSampling> ports_;
  std::size_t size_ = 0;
  bool forgotten_ = false;
  std::int64_t looked_ms_ = INT64_MIN / 2;
};

}  // namespace weir
