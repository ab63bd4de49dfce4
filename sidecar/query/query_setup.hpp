// What run_query and run_session_query have in common before the first segment is read: range, filter and snapshot.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "query/query.hpp"
#include "query/segment_scan.hpp"

namespace weir {

// Times outside of these are refused: their differences and products with bucket numbers would not fit.
inline constexpr std::int64_t kEarliestMs = 0, kLatestMs = std::int64_t{1} << 53;

struct QuerySetup {
  Snapshot snapshot;
  ScanPlan plan;
  std::vector<std::uint32_t> exporters;  // in question
  std::vector<Error> unknown_names;      // with QueryScope::foreign_names
};

// What is asked, as far as both kinds of query have it.
struct QueryScope {
  const std::optional<TimeRange>& range;
  const std::string& filter;
  bool unscaled = false;
  PrefixLengths prefix{};
  const std::optional<std::vector<IpAddress>>& allowed_exporters;
  bool foreign_names = false;
  std::optional<std::int64_t> asked_ms{};
  std::string_view utc_offset{};
};

// Mistakes are told at once. Then the query waits for its turn, holding no snapshot. `cost`: of what it reads.
Result<QuerySetup> set_up_query(const QueryScope& scope, Store& store, const QueryControl& control, QueryTurn& turn,
                                const std::function<QueryCost(const QuerySetup&)>& cost);
// Without a turn: who calls this sees to that.
Result<QuerySetup> set_up_query(const QueryScope& scope, Store& store, const QueryControl& control);
QualitySummary summary_of(const ScanTally& tally, std::vector<std::uint32_t>&& exporters);
// Why a query whose turn has ended gives no answer.
Error end_of_turn(const QueryControl& control, const QueryTurn& turn);
Error over_limit(const QueryControl& control, std::string message);

}  // namespace weir
