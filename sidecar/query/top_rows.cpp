// Only the rows that are returned are sorted.
#include "query/top_rows.hpp"

#include <algorithm>
#include <optional>
#include <unordered_map>

#include "core/saturating.hpp"
#include "query/key_value.hpp"

namespace weir {

namespace {

class KeyOrder {
 public:
  KeyOrder(const GroupPlan& plan, const std::vector<ExporterName>& exporters, const DerivedSources& sources) : plan_(plan), sources_(sources) {
    for (const auto& exporter : exporters) addresses_.emplace(exporter.id, exporter.address);
  }

  bool precedes(const GroupSums& sums, std::uint32_t a, std::uint32_t b) const {
    for (std::size_t f = 0; f < plan_.fields.size(); ++f) {
      const auto &x = sums.value(a, f), &y = sums.value(b, f);
      if (x == y) continue;
      switch (field_info(plan_.fields[f].id).type) {
        case FieldType::kAddress: return address_of(x) < address_of(y);
        case FieldType::kExporter: return exporter_address(x) < exporter_address(y);
        default: return x.b < y.b;  // codes of names are in the order of their letters
      }
    }
    return false;
  }

  KeyValue value_of(const RawKey& key, std::size_t field) const {
    const auto id = plan_.fields[field].id;
    if (field_info(id).type == FieldType::kExporter) return exporter_address(key);
    return key_value(id, key, sources_);
  }

 private:
  IpAddress exporter_address(const RawKey& key) const {
    const auto found = addresses_.find(key.b);
    return found == addresses_.end() ? IpAddress{} : found->second;
  }
  const GroupPlan& plan_;
  const DerivedSources& sources_;
  std::unordered_map<std::uint64_t, IpAddress> addresses_;
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
  row.measures = {.octets = sums.lane[kLaneOctets], .packets = sums.lane[kLanePackets], .flows = sums.lane[kLaneFlows], .sessions = sums.lane[kLaneSessions], .saturated = saturated};
  row.octets_in = sums.lane[kLaneIn];
  row.octets_out = sums.lane[kLaneOut];
  row.octets_client = sums.lane[kLaneClient];
  row.octets_server = sums.lane[kLaneServer];
}

}  // namespace

TopRows select_top_rows(const GroupPlan& plan, const GroupSums& sums, Measure measure, RankBy rank, bool ascending, std::uint32_t limit, const std::vector<ExporterName>& exporters,
                        const DerivedSources& sources) {
  const KeyOrder order(plan, exporters, sources);
  const auto lane = lane_of(measure, rank);
  LargeVector<std::uint32_t> groups(sums.size());
  for (std::uint32_t g = 0; g < groups.size(); ++g) groups[g] = g;
  const auto before = [&](std::uint32_t a, std::uint32_t b) {
    if (!lane) return ascending ? order.precedes(sums, a, b) : order.precedes(sums, b, a);
    const auto x = sums.sums(a).lane[*lane], y = sums.sums(b).lane[*lane];
    return x != y ? (x > y) != ascending : order.precedes(sums, a, b);
  };
  const auto cut = groups.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(limit, groups.size()));
  if (cut != groups.end()) std::nth_element(groups.begin(), cut, groups.end(), before);
  std::sort(groups.begin(), cut, before);

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
  std::array<Uint128, kLaneCount> wide{};  // a half may count for two of these keys
  bool saturated = false;
  for (auto g = cut; g != groups.end(); ++g) {
    for (std::size_t l = 0; l < kLaneCount; ++l) wide[l] += sums.sums(*g).lane[l];
    saturated = saturated || sums.is_saturated(*g);
  }
  GroupSums::Sums rest;
  for (std::size_t l = 0; l < kLaneCount; ++l) {
    rest.lane[l] = wide[l] > kSaturated ? kSaturated : static_cast<std::uint64_t>(wide[l]);
    saturated = saturated || wide[l] > kSaturated;
  }
  fill(top.other, rest, saturated);
  top.other_keys = static_cast<std::uint64_t>(groups.end() - cut);
  return top;
}

}  // namespace weir
