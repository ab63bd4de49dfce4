// Packet sampling rates: what elements say about one, and which of the rates that an exporter announced holds for a
// record. One table per exporter, owned by its decoder; one thread.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <unordered_map>

namespace weir {

// The sampling elements of one record, of flows or of options. Zero: not given.
struct SamplingElements {
  std::uint32_t interval = 0;         // IE 34, 50: 1 in N
  std::uint32_t packet_interval = 0;  // IE 305: packets taken in a row (RFC 5477 8.2.2)
  std::uint32_t packet_space = 0;     // IE 306: packets left out after them (RFC 5477 8.2.3)
  std::uint32_t size = 0, population = 0;  // IE 309, 310: n of N
  double probability = 0;             // IE 311
  bool has_packet_space = false;
  std::uint8_t algorithm = 0;
  std::optional<std::uint64_t> selector;  // IE 302, 48

  // 1 in N packets, rounded; 0 when nothing tells.
  std::uint32_t rate() const;
};

// What an announced rate holds for.
enum class SamplingScope : std::uint8_t { kDomain, kSelector, kInterface, kTemplate };

class SamplingTable {
 public:
  explicit SamplingTable(std::uint32_t max_entries) : max_entries_(max_entries) {}

  // False when the table is full. `id` is the selector, ifIndex or template; 0 for kDomain.
  bool learn(std::uint32_t domain, SamplingScope scope, std::uint64_t id, std::uint32_t rate);

  bool empty() const { return rates_.empty(); }
  std::size_t size() const { return rates_.size(); }
  // Whether selectors have different rates, so that none of them holds for a record that names none.
  bool selectors_differ() const { return selector_rates_.size() > 1; }
  bool has_interfaces() const { return has_interfaces_; }
  // A rate announced for exactly this; first in the domain, then in any domain of the exporter. 0: none.
  std::uint32_t find(std::uint32_t domain, SamplingScope scope, std::uint64_t id) const;
  // For records that name no selector: the rate of their template, of the domain, of another domain (Open vSwitch
  // announces in domain 0: ovs-ipfix), or the only rate that any selector has. 0: none.
  std::uint32_t default_rate(std::uint32_t domain, std::uint16_t template_id) const;

 private:
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

  const std::uint32_t max_entries_;
  std::unordered_map<Key, std::uint32_t, KeyHash> rates_;
  std::map<std::uint32_t, std::uint32_t> selector_rates_;  // how many selectors have each rate
  bool has_interfaces_ = false;
};

}  // namespace weir
