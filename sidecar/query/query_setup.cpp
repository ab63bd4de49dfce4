// Cheap checks come before the snapshot is taken.
#include "query/query_setup.hpp"

#include "core/time_zone.hpp"
#include "query/exporters_in_question.hpp"
#include "query/resolve_filter.hpp"

namespace weir {

Result<QuerySetup> set_up_query(const QueryScope& scope, Store& store, const QueryControl& control) {
  const auto& range = scope.range;
  if (range && (range->from_ms >= range->to_ms || range->from_ms < kEarliestMs || range->to_ms > kLatestMs)) {
    return error("range: expected 0 <= from < to <= " + std::to_string(kLatestMs) +
                 " in epoch milliseconds, found from " + std::to_string(range->from_ms) + " to " +
                 std::to_string(range->to_ms));
  }
  const auto zone =
      scope.utc_offset.empty() ? Result<TimeZone>(TimeZone()) : TimeZone::named(std::string(scope.utc_offset));
  if (!zone) return error("utc_offset: " + zone.error().message);
  auto parsed = parse_filter(scope.filter, TimeBasis(scope.asked_ms ? scope.asked_ms : control.now_ms,
                                                     scope.utc_offset.empty() ? control.zone : &*zone));
  if (!parsed) return parsed.error();
  auto sources = control.derived;
  sources.prefix = scope.prefix;
  auto snapshot = store.snapshot(range);
  std::vector<Error> unknown;
  auto resolved = resolve_filter(std::move(*parsed), snapshot.exporters, scope.allowed_exporters, sources,
                                 scope.foreign_names ? &unknown : nullptr);
  if (!resolved) return resolved.error();
  auto exporters = exporters_in_question(*resolved, snapshot.exporters);
  ScanPlan plan{.range = range ? *range : snapshot.stored.value_or(TimeRange{}),
                .filter = std::move(*resolved),
                .rates = SamplingRates(snapshot.exporters, scope.unscaled),
                .cancelled = control.cancelled,
                .sources = std::move(sources)};
  return QuerySetup{.snapshot = std::move(snapshot),
                    .plan = std::move(plan),
                    .exporters = std::move(exporters),
                    .unknown_names = std::move(unknown)};
}

Result<QuerySetup> set_up_query(const QueryScope& scope, Store& store, const QueryControl& control, QueryTurn& turn,
                                const std::function<QueryCost(const QuerySetup&)>& cost) {
  {
    auto setup = set_up_query(scope, store, control);
    if (!setup) return setup;
    if (turn.ask(cost(*setup))) return setup;
  }
  if (!turn.wait()) return end_of_turn(control, turn);
  return set_up_query(scope, store, control);
}

QualitySummary summary_of(const ScanTally& tally, std::vector<std::uint32_t>&& exporters) {
  QualitySummary summary{.more_sampling_rates = tally.rates.more(),
                         .sampling_unknown = tally.unsampled != 0,
                         .unsampled = tally.unsampled,
                         .scaled_later = tally.scaled_later,
                         .time_repaired = tally.time_repaired,
                         .counters_uncertain = tally.counters_uncertain,
                         .no_counters = tally.no_counters,
                         .exporters = std::move(exporters)};
  for (const auto rate : tally.rates.rates()) summary.sampling_rates.push_back(static_cast<std::uint32_t>(rate));
  return summary;
}

Error end_of_turn(const QueryControl& control, const QueryTurn& turn) {
  return turn.timed_out() ? over_limit(control, turn.refusal()) : error("cancelled");
}

Error over_limit(const QueryControl& control, std::string message) {
  if (control.over_limit != nullptr) *control.over_limit = true;
  return error(std::move(message));
}

}  // namespace weir
