// What another collector's API answers, read back: flows.top and flows.sessions as schemas/methods has them. Pure
// functions; any thread.
#pragma once
#include <boost/json/fwd.hpp>

#include "query/answerer.hpp"

namespace weir {

// Errors name the member that is missing or is not what it should be. `now_ms`: lateness counts from there.
Result<Answer<QueryResult>> read_top_answer(const boost::json::object& result, const Query& query, std::int64_t now_ms);
Result<Answer<SessionResult>> read_sessions_answer(const boost::json::object& result, const SessionQuery& query,
                                                   std::int64_t now_ms);

}  // namespace weir
