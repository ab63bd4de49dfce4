// What a filter needs from the store before it can run: exporter names become ids, and the exporters that the asker may
// see become a test of their own. Pure function; any thread.
#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "flow/derived_sources.hpp"
#include "query/filter.hpp"
#include "store/store.hpp"

namespace weir {

// Errors: a name that no (visible) exporter, application or other label has, a test of a derived column that cannot be
// made. With `unknown`, which takes the errors of the first kind, such a name matches nothing.
Result<FilterNode> resolve_filter(FilterNode filter, const std::vector<ExporterName>& exporters,
                                  const std::optional<std::vector<IpAddress>>& allowed_exporters,
                                  const DerivedSources& sources, std::vector<Error>* unknown = nullptr);

}  // namespace weir
