// Only the rows that are returned are sorted.
#include "query/top_rows.hpp"

#include <algorithm>
#include <optional>
#include <unordered_map>

#include "core/saturating.hpp"
#include "query/key_value.hpp"
#include "query/row_slots.hpp"

namespace weir {

namespace {

class KeyOrder {
 public:
  KeyOrder(const GroupPlan& plan, const std::vector<ExporterName>& exporters, const DerivedSources& sources)
      : plan_(plan), sources_(sources) {
    for (const auto& exporter : exporters) {
      addresses_.emplace(exporter.id, exporter.address);
      ids_.emplace(exporter.address, exporter.id);
    }
  }

  bool precedes(const GroupSums& sums, std::uint32_t a, std::uint32_t b) const {
    for (std::size_t f = 0; f < plan_.fields.size(); ++f) {
      const auto &x = sums.value(a, f), &y = sums.value(b, f);
      if (x == y) continue;
      switch (field_info(plan_.fields[f].id).type) {
        case FieldType::kAddress: return address_of(x) < address_of(y);
        case FieldType::kExporter: return exporter_address(x) < exporter_address(y);
        // Codes of names are in the order of their letters.
        case FieldType::kNumber:
        case FieldType::kProtocol:
        case FieldType::kLabel:
        case FieldType::kApplication:
        case FieldType::kFlags:
        case FieldType::kMac:
        case FieldType::kDirection:
        case FieldType::kReason:
        case FieldType::kQuality:
        case FieldType::kDuration:
        case FieldType::kTime:
        case FieldType::kCounter: return x.b < y.b;
      }
    }
    return false;
  }

  KeyValue value_of(const RawKey& key, std::size_t field) const {
    const auto id = plan_.fields[field].id;
    if (field_info(id).type == FieldType::kExporter) return exporter_address(key);
    return key_value(id, key, sources_);
  }

  // Of an exporter that the store does not list, rows say no address.
  void find_unlisted_exporter(const GroupSums& sums) {
    for (std::size_t f = 0; f < plan_.fields.size(); ++f) {
      if (field_info(plan_.fields[f].id).type != FieldType::kExporter) continue;
      for (std::uint32_t g = 0; g < sums.size(); ++g) {
        if (const auto id = sums.value(g, f).b; !addresses_.contains(id)) ids_.emplace(IpAddress{}, id);
      }
    }
  }

  // The number `row` makes keys that no session has differ from each other, too.
  std::vector<RawKey> raw_of(const std::vector<KeyValue>& key, std::size_t row) const {
    std::vector<RawKey> raw;
    for (std::size_t f = 0; f < plan_.fields.size(); ++f) {
      const auto value = raw_of(plan_.fields[f].id, key[f]);
      // Two writings of one value would be one row.
      if (!value || value_of(*value, f) != key[f])
        return std::vector<RawKey>(plan_.fields.size(), RawKey{.a = ~std::uint64_t{0}, .b = row});
      raw.push_back(*value);
    }
    return raw;
  }

 private:
  std::optional<RawKey> raw_of(FieldId id, const KeyValue& value) const {
    if (field_info(id).type != FieldType::kExporter) return raw_of_key(id, value, sources_);
    const auto* address = std::get_if<IpAddress>(&value);
    const auto found = address == nullptr ? ids_.end() : ids_.find(*address);
    return found == ids_.end() ? std::nullopt : std::optional(raw_key(found->second));
  }

  IpAddress exporter_address(const RawKey& key) const {
    const auto found = addresses_.find(key.b);
    return found == addresses_.end() ? IpAddress{} : found->second;
  }
  const GroupPlan& plan_;
  const DerivedSources& sources_;
  std::unordered_map<std::uint64_t, IpAddress> addresses_;
  std::unordered_map<IpAddress, std::uint64_t> ids_;
};

// None: the order of the keys.
std::optional<SumLane> lane_of(Measure measure, RankBy rank) {
  switch (rank) {
    case RankBy::kMeasure: break;
    case RankBy::kOctetsIn: return kLaneIn;
    case RankBy::kOctetsOut: return kLaneOut;
    case RankBy::kOctetsClient: return kLaneClient;
    case RankBy::kOctetsServer: return kLaneServer;
    case RankBy::kKey: return std::nullopt;
  }
  switch (measure) {
    case Measure::kOctets: return kLaneOctets;
    case Measure::kPackets: return kLanePackets;
    case Measure::kFlows: return kLaneFlows;
    case Measure::kSessions: return kLaneSessions;
  }
  return std::nullopt;
}

void fill(ResultRow& row, const GroupSums::Sums& sums, bool saturated) {
  row.measures = {.octets = sums.lane[kLaneOctets],
                  .packets = sums.lane[kLanePackets],
                  .flows = sums.lane[kLaneFlows],
                  .sessions = sums.lane[kLaneSessions],
                  .saturated = saturated};
  row.octets_in = sums.lane[kLaneIn];
  row.octets_out = sums.lane[kLaneOut];
  row.octets_client = sums.lane[kLaneClient];
  row.octets_server = sums.lane[kLaneServer];
}

// Sums of groups, in more than 64 bits: a half may count for two of their keys.
class WideSums {
 public:
  void add(const GroupSums& sums, std::uint32_t group) {
    for (std::size_t l = 0; l < kLaneCount; ++l) lane_[l] += sums.sums(group).lane[l];
    saturated_ = saturated_ || sums.is_saturated(group);
  }
  void fill(ResultRow& row) const {
    GroupSums::Sums capped;
    bool saturated = saturated_;
    for (std::size_t l = 0; l < kLaneCount; ++l) {
      capped.lane[l] = lane_[l] > kSaturated ? kSaturated : static_cast<std::uint64_t>(lane_[l]);
      saturated = saturated || lane_[l] > kSaturated;
    }
    weir::fill(row, capped, saturated);
  }

 private:
  std::array<Uint128, kLaneCount> lane_{};
  bool saturated_ = false;
};

TopRows named_rows(const Query& query, const GroupPlan& plan, const GroupSums& sums, KeyOrder& order) {
  TopRows top;
  order.find_unlisted_exporter(sums);
  for (const auto& key : *query.keys) {
    top.keys.push_back(order.raw_of(key, top.rows.size()));
    top.rows.emplace_back().key = key;
  }
  const RowSlots slots(plan.fields.size(), top.keys);
  WideSums rest;
  std::vector<RawKey> key(plan.fields.size());
  for (std::uint32_t g = 0; g < sums.size(); ++g) {
    for (std::size_t f = 0; f < key.size(); ++f) key[f] = sums.value(g, f);
    if (const auto slot = slots.slot_of(key); slot != slots.other()) {
      fill(top.rows[slot], sums.sums(g), sums.is_saturated(g));
    } else {
      rest.add(sums, g);
      ++top.other_keys;
    }
  }
  rest.fill(top.other);
  return top;
}

}  // namespace

TopRows select_top_rows(const Query& query, const GroupPlan& plan, const GroupSums& sums,
                        const std::vector<ExporterName>& exporters, const DerivedSources& sources) {
  KeyOrder order(plan, exporters, sources);
  if (query.keys) return named_rows(query, plan, sums, order);
  const auto lane = lane_of(query.measure, query.rank);
  const bool ascending = query.ascending;
  LargeVector<std::uint32_t> groups(sums.size());
  for (std::uint32_t g = 0; g < groups.size(); ++g) groups[g] = g;
  const auto before = [&](std::uint32_t a, std::uint32_t b) {
    if (!lane) return ascending ? order.precedes(sums, a, b) : order.precedes(sums, b, a);
    const auto x = sums.sums(a).lane[*lane], y = sums.sums(b).lane[*lane];
    return x != y ? (x > y) != ascending : order.precedes(sums, a, b);
  };
  auto cut = groups.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(query.limit, groups.size()));
  if (cut != groups.end()) std::nth_element(groups.begin(), cut, groups.end(), before);
  std::sort(groups.begin(), cut, before);
  if (lane && query.at_least != 0)
    cut = std::stable_partition(groups.begin(), cut,
                                [&](std::uint32_t g) { return sums.sums(g).lane[*lane] >= query.at_least; });

  TopRows top;
  for (auto g = groups.begin(); g != cut; ++g) {
    auto& row = top.rows.emplace_back();
    auto& key = top.keys.emplace_back();
    for (std::size_t f = 0; f < plan.fields.size(); ++f) {
      key.push_back(sums.value(*g, f));
      row.key.push_back(order.value_of(key.back(), f));
    }
    fill(row, sums.sums(*g), sums.is_saturated(*g));
  }
  WideSums rest;
  for (auto g = cut; g != groups.end(); ++g) rest.add(sums, *g);
  rest.fill(top.other);
  top.other_keys = static_cast<std::uint64_t>(groups.end() - cut);
  return top;
}

}  // namespace weir
