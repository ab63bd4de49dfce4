// One query for each way. When its rows are too many, the exporters are halved.
#include "monitor/interface_traffic.hpp"

namespace weir {

namespace {

Result<void> read_way(Store& store, const std::vector<IpAddress>& exporters, const TimeRange& range,
                      std::uint32_t buckets, const std::atomic<bool>* cancelled, FieldId field,
                      WayTraffic InterfaceTraffic::*way, TrafficMap& traffic) {
  Query query{.range = range,
              .by = {FieldId::kExporter, field},
              .limit = kMaxLimit,
              .buckets = buckets,
              .allowed_exporters = exporters};
  const auto result = run_query(query, store, {.cancelled = cancelled, .threads = 1});
  if (!result) return result.error();
  if (result->other_keys > 0 && exporters.size() > 1) {
    const auto middle = exporters.begin() + static_cast<std::ptrdiff_t>(exporters.size() / 2);
    if (auto first = read_way(store, {exporters.begin(), middle}, range, buckets, cancelled, field, way, traffic);
        !first)
      return first;
    return read_way(store, {middle, exporters.end()}, range, buckets, cancelled, field, way, traffic);
  }
  for (std::size_t i = 0; i < result->rows.size(); ++i) {
    const auto& row = result->rows[i];
    const auto* exporter = std::get_if<IpAddress>(&row.key[0]);
    const auto* index = std::get_if<std::uint64_t>(&row.key[1]);
    if (!exporter || !index || *index == 0) continue;
    auto& of_way = traffic[{*exporter, static_cast<std::uint32_t>(*index)}].*way;
    of_way.octets = row.measures.octets;
    if (buckets > 0) of_way.series = result->series[i];
  }
  return {};
}

}  // namespace

Result<TrafficMap> read_interface_traffic(Store& store, const std::vector<IpAddress>& exporters, const TimeRange& range,
                                          std::uint32_t buckets, const std::atomic<bool>* cancelled) {
  TrafficMap traffic;
  if (exporters.empty()) return traffic;
  if (auto in = read_way(store, exporters, range, buckets, cancelled, FieldId::kInIf, &InterfaceTraffic::in, traffic);
      !in)
    return in.error();
  if (auto out =
          read_way(store, exporters, range, buckets, cancelled, FieldId::kOutIf, &InterfaceTraffic::out, traffic);
      !out)
    return out.error();
  return traffic;
}

}  // namespace weir
