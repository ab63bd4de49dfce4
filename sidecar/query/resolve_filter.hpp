// What a filter needs from the store before it can run: exporter names become ids, and the exporters that the asker may
// see become a test of their own. Pure function; any thread.
#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "flow/traffic_names.hpp"
#include "query/filter.hpp"
#include "store/store.hpp"

namespace weir {

// Errors: a name that no (visible) exporter, application or network has, a country test where countries are not known.
// `names` may be null.
Result<FilterNode> resolve_filter(FilterNode filter, const std::vector<ExporterName>& exporters,
                                  const std::optional<std::vector<std::uint32_t>>& allowed_exporters, bool countries_known, const TrafficNames* names);

}  // namespace weir
