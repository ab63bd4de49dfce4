// The loops per row are the query's cost: one cache line per key and row.
#include "query/group_sums.hpp"

#include <algorithm>

namespace weir {

namespace {

using Sums = GroupSums::Sums;
using Ids = std::array<std::array<std::uint32_t, kBlockRows>, 4>;  // by array of the plan

// What both halves of a row add up to.
inline void add_measures(Sums& sums, const Block& block, std::uint32_t i) {
  sums.lane[kLaneOctets] += block.octets[0][i] + block.octets[1][i];
  sums.lane[kLanePackets] += block.packets[0][i] + block.packets[1][i];
  sums.lane[kLaneFlows] += block.flows[0][i] + block.flows[1][i];
  sums.lane[kLaneSessions] += 1;
}
using Roles = std::array<std::uint64_t, 4>;
inline void add_roles(Sums& sums, std::uint64_t octets, const Roles& role) {
  for (std::size_t r = 0; r < role.size(); ++r) sums.lane[kLaneIn + r] += octets & role[r];
}

// Both halves have one key.
template <bool kRoles>
void add_one_key(const GroupPlan& plan, const Block& block, const Ids& ids, Sums* local) {
  const auto to_server = plan.role[0][0], to_client = plan.role[1][0];
  const auto* keys = ids[0].data();
  for (std::uint32_t i = 0; i < block.n; ++i) {
    if (block.any[i] == 0) continue;
    auto& sums = local[keys[i]];
    add_measures(sums, block, i);
    if constexpr (kRoles) {
      add_roles(sums, block.octets[0][i], to_server);
      add_roles(sums, block.octets[1][i], to_client);
    }
  }
}

// Both halves have the same two keys; the first is the sender's of the half to the server.
template <bool kRoles>
void add_two_keys(const GroupPlan& plan, const Block& block, const Ids& ids, Sums* local) {
  const auto* first = ids[plan.array_of[0][0]].data();
  const auto* second = ids[plan.array_of[0][1]].data();
  const auto first_to_server = plan.role[0][0], first_to_client = plan.role[1][1];
  const auto second_to_server = plan.role[0][1], second_to_client = plan.role[1][0];
  for (std::uint32_t i = 0; i < block.n; ++i) {
    if (block.any[i] == 0) continue;
    auto& a = local[first[i]];
    auto& b = local[second[i]];
    add_measures(a, block, i);
    if (first[i] != second[i]) add_measures(b, block, i);
    if constexpr (kRoles) {
      const auto to_server = block.octets[0][i], to_client = block.octets[1][i];
      add_roles(a, to_server, first_to_server);
      add_roles(a, to_client, first_to_client);
      add_roles(b, to_server, second_to_server);
      add_roles(b, to_client, second_to_client);
    }
  }
}

// Each half has its own keys; a key that occurs twice in a half counts once, one in both halves is one session.
void add_by_half(const GroupPlan& plan, const Block& block, const Ids& ids, Sums* local) {
  for (std::uint32_t i = 0; i < block.n; ++i) {
    std::array<std::uint32_t, 4> seen;
    std::size_t seen_count = 0;
    for (std::size_t side = 0; side < 2; ++side) {
      if (block.selected[side][i] == 0) continue;
      for (std::size_t end = 0; end < plan.ends; ++end) {
        const auto key = ids[plan.array_of[side][end]][i];
        auto& sums = local[key];
        add_roles(sums, block.octets[side][i], plan.role[side][end]);
        if (end == 1 && key == ids[plan.array_of[side][0]][i]) continue;
        sums.lane[kLaneOctets] += block.octets[side][i];
        sums.lane[kLanePackets] += block.packets[side][i];
        sums.lane[kLaneFlows] += block.flows[side][i];
        if (std::find(seen.begin(), seen.begin() + static_cast<std::ptrdiff_t>(seen_count), key) == seen.begin() + static_cast<std::ptrdiff_t>(seen_count)) {
          sums.lane[kLaneSessions] += 1;
          seen[seen_count++] = key;
        }
      }
    }
  }
}

}  // namespace

void GroupSums::add_block(SegmentKeys& keys, const Block& block) {
  Ids ids;
  for (std::size_t a = 0; a < plan_.arrays.size(); ++a) keys.read(a, block.row, block.n, ids[a].data());
  if (local_.size() < keys.id_count()) local_.resize(std::max<std::size_t>(keys.id_count(), local_.size() * 3 / 2));
  auto* local = local_.data();
  if (!plan_.halves_agree()) {
    add_by_half(plan_, block, ids, local);
  } else if (plan_.ends == 1) {
    plan_.has_roles ? add_one_key<true>(plan_, block, ids, local) : add_one_key<false>(plan_, block, ids, local);
  } else {
    plan_.has_roles ? add_two_keys<true>(plan_, block, ids, local) : add_two_keys<false>(plan_, block, ids, local);
  }
}

std::uint32_t GroupSums::group_of(const Numbers& values) {
  const auto group = plan_.fields.size() == 1 ? values[0]
                                              : groups_.find_or_add({.a = std::uint64_t{values[0]} << 32 | values[1], .b = std::uint64_t{values[2]} << 32 | values[3]});
  if (group >= sums_.size()) sums_.resize(group + 1u);
  return group;
}

void GroupSums::end_segment(const SegmentKeys& keys) {
  const auto fields = plan_.fields.size();
  // Numbers of the segment's values among all values, found when first needed.
  std::array<std::vector<std::uint32_t>, kMaxGroupFields> known;
  for (std::size_t f = 0; f < fields; ++f) known[f].assign(keys.space(f).size(), KeyTable::kAbsent);
  const auto count = std::min<std::size_t>(keys.id_count(), local_.size());
  for (std::uint32_t id = 0; id < count; ++id) {
    if (local_[id].lane[kLaneSessions] == 0) continue;
    const auto codes = keys.codes_of(id);
    Numbers values{};
    for (std::size_t f = 0; f < fields; ++f) {
      auto& number = known[f][codes[f]];
      if (number == KeyTable::kAbsent) number = values_[f].find_or_add(keys.space(f).value(codes[f]));
      values[f] = number;
    }
    sums_[group_of(values)].add(local_[id]);
    local_[id] = {};
  }
}

void GroupSums::merge(const GroupSums& other) {
  const auto fields = plan_.fields.size();
  std::array<std::vector<std::uint32_t>, kMaxGroupFields> moved;
  for (std::size_t f = 0; f < fields; ++f) {
    for (const auto& value : other.values_[f].keys()) moved[f].push_back(values_[f].find_or_add(value));
  }
  for (std::uint32_t group = 0; group < other.size(); ++group) {
    Numbers values{};
    if (fields == 1) {
      values[0] = moved[0][group];
    } else {
      const auto& key = other.groups_.key(group);
      const Numbers theirs{static_cast<std::uint32_t>(key.a >> 32), static_cast<std::uint32_t>(key.a), static_cast<std::uint32_t>(key.b >> 32), static_cast<std::uint32_t>(key.b)};
      for (std::size_t f = 0; f < fields; ++f) values[f] = moved[f][theirs[f]];
    }
    sums_[group_of(values)].add(other.sums_[group]);
  }
}

const RawKey& GroupSums::value(std::uint32_t group, std::size_t field) const {
  if (plan_.fields.size() == 1) return values_[0].key(group);
  const auto& key = groups_.key(group);
  const auto word = field < 2 ? key.a : key.b;
  return values_[field].key(static_cast<std::uint32_t>(field % 2 == 0 ? word >> 32 : word));
}

}  // namespace weir
