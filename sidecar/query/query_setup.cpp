// Cheap checks come before the snapshot is taken.
#include "query/query_setup.hpp"

#include "query/resolve_filter.hpp"

namespace weir {

Result<QuerySetup> set_up_query(const QueryScope& scope, Store& store, const QueryControl& control) {
  const auto& range = scope.range;
  if (range && (range->from_ms >= range->to_ms || range->from_ms < kEarliestMs || range->to_ms > kLatestMs)) {
    return error("range: expected 0 <= from < to <= " + std::to_string(kLatestMs) + " in epoch milliseconds, found from " + std::to_string(range->from_ms) + " to " +
                 std::to_string(range->to_ms));
  }
  auto parsed = parse_filter(scope.filter);
  if (!parsed) return parsed.error();
  auto snapshot = store.snapshot(range);
  auto resolved = resolve_filter(std::move(*parsed), snapshot.exporters, scope.allowed_exporters, control.country_of != nullptr, control.names.get());
  if (!resolved) return resolved.error();
  ScanPlan plan{.range = range ? *range : snapshot.stored.value_or(TimeRange{}),
                .filter = std::move(*resolved),
                .rates = SamplingRates(snapshot.exporters, scope.unscaled),
                .cancelled = control.cancelled,
                .names = control.names};
  return QuerySetup{.snapshot = std::move(snapshot), .plan = std::move(plan)};
}

Result<QuerySetup> set_up_query(const QueryScope& scope, Store& store, const QueryControl& control, QueryTurn& turn, QueryCost cost_per_row) {
  {
    auto setup = set_up_query(scope, store, control);
    if (!setup) return setup;
    QueryCost rows = 0;
    for (const auto& segment : setup->snapshot.segments) rows += segment->rows();
    if (turn.ask(rows * cost_per_row)) return setup;
  }
  if (!turn.wait()) return end_of_turn(control, turn);
  return set_up_query(scope, store, control);
}

Error end_of_turn(const QueryControl& control, const QueryTurn& turn) { return turn.timed_out() ? over_limit(control, turn.refusal()) : error("cancelled"); }

Error over_limit(const QueryControl& control, std::string message) {
  if (control.over_limit != nullptr) *control.over_limit = true;
  return error(std::move(message));
}

}  // namespace weir
