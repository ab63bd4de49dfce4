// What is known to be missing, as lines under a table. Pure.
#pragma once
#include <string>

#include "api/key_names.hpp"
#include "api/quality_json.hpp"
#include "core/time_zone.hpp"

namespace weir {

// One line per kind; "" when nothing is missing. Times are those of `zone`.
std::string quality_text(const QualitySummary& sessions, const TimeRange& range, const ResultContext& context,
                         const KeyNames& names, const TimeZone& zone = {});

}  // namespace weir
