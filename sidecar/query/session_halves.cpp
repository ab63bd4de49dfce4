// Pairing is a merge of two lists ordered by start: what has ended before the one at hand began is of no further use.
#include "query/session_halves.hpp"

#include <algorithm>
#include <tuple>

#include "flow/session_parts.hpp"

namespace weir {

std::uint64_t ConversationKey::hash() const {
  const auto ends = hash_mix(hash_of(low), hash_of(high));
  return hash_mix(ends ^ (std::uint64_t{low_port} << 16 | high_port), std::uint64_t{exporter} << 8 | protocol);
}

LoneHalf make_lone_half(const IpAddress& client, std::uint16_t client_port, const IpAddress& server,
                        std::uint16_t server_port, std::uint32_t exporter, std::uint8_t protocol, SessionSide side) {
  const bool client_is_low = std::tie(client, client_port) <= std::tie(server, server_port);
  LoneHalf half{.key = {.low = client_is_low ? client : server,
                        .high = client_is_low ? server : client,
                        .exporter = exporter,
                        .low_port = client_is_low ? client_port : server_port,
                        .high_port = client_is_low ? server_port : client_port,
                        .protocol = protocol},
                .from_low = (side == kToServer) == client_is_low,
                .client_low = client_is_low};
  half.hash = half.key.hash();
  return half;
}

std::vector<HalfPair> pair_halves(std::vector<LoneHalf>& halves) {
  std::sort(halves.begin(), halves.end(), [](const LoneHalf& a, const LoneHalf& b) {
    if (a.hash != b.hash) return a.hash < b.hash;
    return std::tie(a.key, a.from_low, a.start_ms, a.end_ms, a.place) <
           std::tie(b.key, b.from_low, b.start_ms, b.end_ms, b.place);
  });
  std::vector<HalfPair> pairs;
  for (std::size_t from = 0; from < halves.size();) {
    // [from, middle) was sent by the high end, [middle, to) by the low end.
    std::size_t middle = from;
    while (middle < halves.size() && halves[middle].key == halves[from].key && !halves[middle].from_low) ++middle;
    std::size_t to = middle;
    while (to < halves.size() && halves[to].key == halves[from].key) ++to;
    std::size_t candidate = middle;
    for (std::size_t at = from; at < middle; ++at) {
      while (candidate < to && halves[candidate].end_ms < halves[at].start_ms - kMaxHalfGapMs) ++candidate;
      if (candidate == to) break;
      if (halves[candidate].start_ms > halves[at].end_ms + kMaxHalfGapMs) continue;
      pairs.push_back({.first = at, .second = candidate++});
    }
    from = to;
  }
  return pairs;
}

MergedSession merge_sessions(const Session& a, const Session& b) {
  const bool a_decides = first_decides(a, b);
  MergedSession result{.session = a_decides ? a : b, .source = {{{!a_decides, kToServer}, {!a_decides, kToClient}}}};
  Session& merged = result.session;
  const Session& added = a_decides ? b : a;
  const bool turned = std::tie(merged.client, merged.client_port) != std::tie(added.client, added.client_port) ||
                      std::tie(merged.server, merged.server_port) != std::tie(added.server, added.server_port);
  for (std::size_t side = 0; side < 2; ++side) {
    const auto from = turned ? 1 - side : side;
    if (added.halves[from].flows == 0) continue;
    merged.halves[side] = added.halves[from];
    result.source[side] = {.second = a_decides, .side = static_cast<SessionSide>(from)};
  }
  fill_carried(added, turned, merged);
  if (merged.sampling == 0) merged.sampling = added.sampling;
  merged.quality |= added.quality;
  merged.start_ms = std::min(a.start_ms, b.start_ms);
  merged.end_ms = std::max(a.end_ms, b.end_ms);
  return result;
}

}  // namespace weir
