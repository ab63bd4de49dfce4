// The sums over all selected halves of a query, block by block, in 128 bits: no number of sessions makes them wrap.
// Plain values; any thread.
#pragma once
#include <algorithm>
#include <cstdint>

#include "core/ip_address.hpp"
#include "core/saturating.hpp"
#include "query/query.hpp"
#include "query/segment_scan.hpp"

namespace weir {

struct BlockTotals {
  Uint128 octets = 0, packets = 0;
  std::uint64_t flows = 0, sessions = 0;
  bool saturated = false;  // a counter that went in was too small already

  void add(const BlockTotals& other) {
    octets += other.octets;
    packets += other.packets;
    flows += other.flows;
    sessions += other.sessions;
    saturated = saturated || other.saturated;
  }
  // Sums of parts of these halves cannot wrap, even where a half counts for two keys that end up in one place.
  bool parts_fit() const { return !saturated && std::max(octets, packets) <= kSaturated / 2; }
  Measures measures() const {
    return {.octets = octets > kSaturated ? kSaturated : static_cast<std::uint64_t>(octets),
            .packets = packets > kSaturated ? kSaturated : static_cast<std::uint64_t>(packets),
            .flows = flows,
            .sessions = sessions,
            .saturated = saturated || std::max(octets, packets) > kSaturated};
  }
};

// What is selected in a block.
inline BlockTotals totals_of(const Block& block) {
  BlockTotals sum{.sessions = block.weighted ? 0 : block.selected_rows, .saturated = block.any_saturated};
  if (block.weighted) {
    for (std::uint32_t i = 0; i < block.n; ++i) sum.sessions += block.any[i] * block.sessions[i];
  }
  for (std::size_t side = 0; side < 2; ++side) {
    if (block.small_counters) {
      std::uint64_t octets = 0, packets = 0;
      for (std::uint32_t i = 0; i < block.n; ++i) octets += block.octets[side][i];
      for (std::uint32_t i = 0; i < block.n; ++i) packets += block.packets[side][i];
      sum.octets += octets;
      sum.packets += packets;
    } else {
      for (std::uint32_t i = 0; i < block.n; ++i) sum.octets += block.octets[side][i];
      for (std::uint32_t i = 0; i < block.n; ++i) sum.packets += block.packets[side][i];
    }
    for (std::uint32_t i = 0; i < block.n; ++i) sum.flows += block.flows[side][i];
  }
  return sum;
}

}  // namespace weir
