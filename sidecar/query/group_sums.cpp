// The loops per row are the query's cost: one cache line per key and row, fetched some rows ahead.
#include "query/group_sums.hpp"

#include <algorithm>

#include "core/saturating.hpp"

namespace weir {

namespace {

using Sums = GroupSums::Sums;
using Keys = GroupSums::Keys;
using Roles = std::array<std::uint64_t, 4>;

constexpr std::uint32_t kAhead = 16;

// What both halves of a row add up to.
inline void add_measures(Sums& sums, const Block& block, std::uint32_t i) {
  sums.lane[kLaneOctets] += block.octets[0][i] + block.octets[1][i];
  sums.lane[kLanePackets] += block.packets[0][i] + block.packets[1][i];
  sums.lane[kLaneFlows] += block.flows[0][i] + block.flows[1][i];
  sums.lane[kLaneSessions] += block.sessions[i];
}
inline void add_roles(Sums& sums, std::uint64_t to_server, const Roles& as_to_server, std::uint64_t to_client,
                      const Roles& as_to_client) {
  for (std::size_t r = 0; r < as_to_server.size(); ++r)
    sums.lane[kLaneIn + r] += (to_server & as_to_server[r]) + (to_client & as_to_client[r]);
}

// The second end's roles where both ends have one key: a role that the first has too counts once.
inline Roles beyond(const Roles& second, const Roles& first) {
  Roles more;
  for (std::size_t r = 0; r < more.size(); ++r) more[r] = second[r] & ~first[r];
  return more;
}

// Both halves have one key.
template <bool kRoles>
void add_one_key(const GroupPlan& plan, const Block& block, const Keys& keys, Sums* all) {
  const auto to_server = plan.role[0][0], to_client = plan.role[1][0];
  const auto* key = keys[0].data();
  for (std::uint32_t i = 0; i < block.n; ++i) {
    __builtin_prefetch(&all[key[std::min(i + kAhead, block.n - 1)]], 1);
    if (block.any[i] == 0) continue;
    auto& sums = all[key[i]];
    add_measures(sums, block, i);
    if constexpr (kRoles) add_roles(sums, block.octets[0][i], to_server, block.octets[1][i], to_client);
  }
}

// Both halves have the same two keys; the first is the sender's of the half to the server.
template <bool kRoles>
void add_two_keys(const GroupPlan& plan, const Block& block, const Keys& keys, Sums* all) {
  const auto* first = keys[plan.array_of[0][0]].data();
  const auto* second = keys[plan.array_of[0][1]].data();
  const auto first_to_server = plan.role[0][0], first_to_client = plan.role[1][1];
  const auto second_to_server = plan.role[0][1], second_to_client = plan.role[1][0];
  for (std::uint32_t i = 0; i < block.n; ++i) {
    const auto ahead = std::min(i + kAhead, block.n - 1);
    __builtin_prefetch(&all[first[ahead]], 1);
    __builtin_prefetch(&all[second[ahead]], 1);
    if (block.any[i] == 0) continue;
    auto& a = all[first[i]];
    auto& b = all[second[i]];
    add_measures(a, block, i);
    if (first[i] != second[i]) add_measures(b, block, i);
    if constexpr (kRoles) {
      add_roles(a, block.octets[0][i], first_to_server, block.octets[1][i], first_to_client);
      if (first[i] != second[i]) {
        add_roles(b, block.octets[0][i], second_to_server, block.octets[1][i], second_to_client);
      } else {
        add_roles(b, block.octets[0][i], beyond(second_to_server, first_to_server), block.octets[1][i],
                  beyond(second_to_client, first_to_client));
      }
    }
  }
}

// Each half has its own keys; a key that occurs twice in a half counts once, one in both halves is one session.
void add_by_half(const GroupPlan& plan, const Block& block, const Keys& keys, Sums* all) {
  const Roles none{};
  for (std::uint32_t i = 0; i < block.n; ++i) {
    std::array<std::uint32_t, 4> seen;
    auto seen_end = seen.begin();
    for (std::size_t side = 0; side < 2; ++side) {
      if (block.selected[side][i] == 0) continue;
      for (std::size_t end = 0; end < plan.ends; ++end) {
        const auto key = keys[plan.array_of[side][end]][i];
        auto& sums = all[key];
        const bool again = end == 1 && key == keys[plan.array_of[side][0]][i];
        add_roles(sums, block.octets[side][i],
                  again ? beyond(plan.role[side][1], plan.role[side][0]) : plan.role[side][end], 0, none);
        if (again) continue;
        sums.lane[kLaneOctets] += block.octets[side][i];
        sums.lane[kLanePackets] += block.packets[side][i];
        sums.lane[kLaneFlows] += block.flows[side][i];
        if (std::find(seen.begin(), seen_end, key) == seen_end) {
          sums.lane[kLaneSessions] += block.sessions[i];
          *seen_end++ = key;
        }
      }
    }
  }
}

}  // namespace

void GroupSums::add_block(const GroupPlan& plan, SegmentKeys& keys, const Block& block, bool fits) {
  Keys groups;
  for (std::size_t a = 0; a < plan.arrays.size(); ++a) {
    keys.read(a, block.row, block.n, groups[a].data());
    // Whose selected half has the key: of the side that uses the array, or of either.
    std::array<bool, 2> used{};
    for (std::size_t side = 0; side < 2; ++side) {
      for (std::size_t end = 0; end < plan.ends; ++end) used[side] = used[side] || plan.array_of[side][end] == a;
    }
    find_groups(keys, used[0] && used[1] ? block.any.data() : block.selected[used[0] ? 0 : 1].data(), block.n,
                groups[a].data());
  }
  if (!fits || block.any_saturated) return add_carefully(plan, block, groups);
  auto* sums = sums_.data();
  if (!plan.halves_agree()) {
    add_by_half(plan, block, groups, sums);
  } else if (plan.ends == 1) {
    plan.has_roles ? add_one_key<true>(plan, block, groups, sums) : add_one_key<false>(plan, block, groups, sums);
  } else {
    plan.has_roles ? add_two_keys<true>(plan, block, groups, sums) : add_two_keys<false>(plan, block, groups, sums);
  }
}

void GroupSums::add_to(std::uint32_t group, SumLane lane, std::uint64_t amount) {
  auto& sum = sums_[group].lane[lane];
  bool saturated = false;
  sum = saturating_add(sum, amount, saturated);
  if (saturated) mark(group);
}

void GroupSums::mark(std::uint32_t group) {
  if (saturated_.size() <= group) saturated_.resize(sums_.size());
  saturated_[group] = 1;
}

// As add_by_half, for sums that may not fit: whatever the plan, and slower.
void GroupSums::add_carefully(const GroupPlan& plan, const Block& block, const Keys& keys) {
  static constexpr std::array kRoleLanes{kLaneIn, kLaneOut, kLaneClient, kLaneServer};
  for (std::uint32_t i = 0; i < block.n; ++i) {
    std::array<std::uint32_t, 4> seen;
    auto seen_end = seen.begin();
    for (std::size_t side = 0; side < 2; ++side) {
      if (block.selected[side][i] == 0) continue;
      for (std::size_t end = 0; end < plan.ends; ++end) {
        const auto key = keys[plan.array_of[side][end]][i];
        if (block.any_saturated && block.saturated[side][i] != 0) mark(key);
        const bool again = end == 1 && key == keys[plan.array_of[side][0]][i];
        const auto& roles = again ? beyond(plan.role[side][1], plan.role[side][0]) : plan.role[side][end];
        for (std::size_t r = 0; r < kRoleLanes.size(); ++r)
          add_to(key, kRoleLanes[r], block.octets[side][i] & roles[r]);
        if (again) continue;
        add_to(key, kLaneOctets, block.octets[side][i]);
        add_to(key, kLanePackets, block.packets[side][i]);
        add_to(key, kLaneFlows, block.flows[side][i]);
        if (std::find(seen.begin(), seen_end, key) == seen_end) {
          add_to(key, kLaneSessions, block.sessions[i]);
          *seen_end++ = key;
        }
      }
    }
  }
}

std::size_t GroupSums::memory_bytes() const {
  std::size_t bytes = sums_.capacity() * sizeof(Sums) + saturated_.capacity() +
                      group_of_id_.capacity() * sizeof(std::uint32_t) + tuples_.memory_bytes();
  for (const auto& table : values_) bytes += table.memory_bytes();
  for (const auto& known : number_of_code_) bytes += known.capacity() * sizeof(std::uint32_t);
  return bytes;
}

// The segment's key numbers become groups, in place; where not counted, any group.
void GroupSums::find_groups(const SegmentKeys& keys, const std::uint8_t* counted, std::uint32_t n, std::uint32_t* ids) {
  constexpr auto kWaiting = KeyTable::kAbsent - 1;
  if (group_of_id_.size() < keys.id_count())
    group_of_id_.resize(std::max<std::size_t>(keys.id_count(), group_of_id_.size() * 3 / 2), KeyTable::kAbsent);
  std::array<std::uint32_t, kBlockRows> waiting, found;
  std::array<RawKey, kBlockRows> waiting_keys;
  std::size_t count = 0;
  for (std::uint32_t i = 0; i < n; ++i) {
    auto& group = group_of_id_[ids[i]];
    if (group != KeyTable::kAbsent || counted[i] == 0) continue;
    group = kWaiting;
    waiting[count++] = ids[i];
  }
  for (std::size_t w = 0; w < count; ++w) waiting_keys[w] = key_of(keys, waiting[w]);
  groups().find_or_add_all(waiting_keys.data(), count, found.data());
  for (std::size_t w = 0; w < count; ++w) group_of_id_[waiting[w]] = found[w];
  if (sums_.size() < groups().size()) sums_.resize(groups().size());
  for (std::uint32_t i = 0; i < n; ++i) ids[i] = counted[i] != 0 ? group_of_id_[ids[i]] : 0;
}

RawKey GroupSums::key_of(const SegmentKeys& keys, std::uint32_t id) {
  if (values_.size() == 1) return keys.space(0).value(id);
  const auto codes = keys.codes_of(id);
  Numbers numbers{};
  for (std::size_t f = 0; f < values_.size(); ++f) {
    auto& known = number_of_code_[f];
    if (known.empty()) known.assign(keys.space(f).size(), KeyTable::kAbsent);
    auto& number = known[codes[f]];
    if (number == KeyTable::kAbsent) number = values_[f].find_or_add(keys.space(f).value(codes[f]));
    numbers[f] = number;
  }
  return tuples_.last_key(numbers);
}

void GroupSums::end_segment() {
  group_of_id_.clear();
  for (auto& known : number_of_code_) known.clear();
}

void GroupSums::merge(const GroupSums& other, bool fits) {
  const auto fields = values_.size();
  std::array<LargeVector<std::uint32_t>, kMaxGroupFields> moved;
  for (std::size_t f = 0; f < fields; ++f) {
    moved[f].resize(other.values_[f].size());
    values_[f].find_or_add_all(other.values_[f].keys().data(), moved[f].size(), moved[f].data());
  }
  if (fields > 1) {
    LargeVector<RawKey> tuples;
    tuples.reserve(other.tuples_.size());
    for (std::uint32_t tuple = 0; tuple < other.tuples_.size(); ++tuple) {
      auto numbers = other.tuples_.numbers(tuple);
      for (std::size_t f = 0; f < fields; ++f) numbers[f] = moved[f][numbers[f]];
      tuples.push_back(tuples_.last_key(numbers));
    }
    moved[0].resize(tuples.size());
    groups().find_or_add_all(tuples.data(), tuples.size(), moved[0].data());
  }
  if (sums_.size() < groups().size()) sums_.resize(groups().size());
  const auto count = other.size();
  for (std::uint32_t group = 0; group < count; ++group) {
    __builtin_prefetch(&sums_[moved[0][std::min(group + kAhead, count - 1)]], 1);
    const auto to = moved[0][group];
    for (std::size_t l = 0; l < kLaneCount; ++l) {
      if (fits) sums_[to].lane[l] += other.sums_[group].lane[l];
      else add_to(to, static_cast<SumLane>(l), other.sums_[group].lane[l]);
    }
    if (!fits && other.is_saturated(group)) mark(to);
  }
}

const RawKey& GroupSums::value(std::uint32_t group, std::size_t field) const {
  if (values_.size() == 1) return values_[0].key(group);
  return values_[field].key(tuples_.number(group, field));
}

}  // namespace weir
