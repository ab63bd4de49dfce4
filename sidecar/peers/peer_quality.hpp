// The quality of another collector's answer, read back. Pure functions; any thread.
#pragma once
#include "peers/json_members.hpp"
#include "query/answerer.hpp"

namespace weir {

// The part about sessions.
QualitySummary read_quality(const JsonMembers& quality);
// The part about what is missing. `to_ms`: the end of the range, or now if that is earlier.
AnswerGaps read_gaps(const JsonMembers& quality, std::int64_t to_ms);

}  // namespace weir
