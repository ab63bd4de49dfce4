// What run_query and run_session_query have in common before the first segment is read: range, filter and snapshot.
#pragma once
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
};

// Adds what is selected in a block; a sum over the range needs the block clipped to it.
void add_selected(Measures& sum, const Block& block);
void add_measures(Measures& sum, const Measures& other);

Result<QuerySetup> set_up_query(const std::optional<TimeRange>& range, const std::string& filter, bool unscaled,
                                const std::optional<std::vector<std::uint32_t>>& allowed_exporters, Store& store, const QueryControl& control);

}  // namespace weir
