// Cheap checks come before the snapshot is taken.
#include "query/query_setup.hpp"

#include "query/resolve_filter.hpp"

namespace weir {

void add_selected(Measures& sum, const Block& block) {
  Measures here{.sessions = block.selected_rows};
  for (std::size_t side = 0; side < 2; ++side) {
    for (std::uint32_t i = 0; i < block.n; ++i) here.octets += block.octets[side][i];
    for (std::uint32_t i = 0; i < block.n; ++i) here.packets += block.packets[side][i];
    for (std::uint32_t i = 0; i < block.n; ++i) here.flows += block.flows[side][i];
  }
  add_measures(sum, here);
}

void add_measures(Measures& sum, const Measures& other) {
  sum.octets += other.octets;
  sum.packets += other.packets;
  sum.flows += other.flows;
  sum.sessions += other.sessions;
}

Result<QuerySetup> set_up_query(const std::optional<TimeRange>& range, const std::string& filter, bool unscaled,
                                const std::optional<std::vector<std::uint32_t>>& allowed_exporters, Store& store, const QueryControl& control) {
  if (range && (range->from_ms >= range->to_ms || range->from_ms < kEarliestMs || range->to_ms > kLatestMs)) {
    return error("range: expected 0 <= from < to <= " + std::to_string(kLatestMs) + " in epoch milliseconds, found from " + std::to_string(range->from_ms) + " to " +
                 std::to_string(range->to_ms));
  }
  auto parsed = parse_filter(filter);
  if (!parsed) return parsed.error();
  auto snapshot = store.snapshot(range);
  auto resolved = resolve_filter(std::move(*parsed), snapshot.exporters, allowed_exporters, control.country_of != nullptr, control.names.get());
  if (!resolved) return resolved.error();
  ScanPlan plan{.range = range ? *range : snapshot.stored.value_or(TimeRange{}),
                .filter = std::move(*resolved),
                .rates = SamplingRates(snapshot.exporters, unscaled),
                .cancelled = control.cancelled,
                .names = control.names};
  return QuerySetup{.snapshot = std::move(snapshot), .plan = std::move(plan)};
}

}  // namespace weir
