// A question as another collector's API takes it, with what times in its filter go by. Pure functions; any thread.
#pragma once
#include <string>

#include "query/query.hpp"

namespace weir {

// The same as flows.top can be asked: without fields, by exporter for no rows, so that the rest is all.
Query asked_of_peer(Query query);
// The JSON-RPC call of flows.top, of a question as asked_of_peer() makes it.
std::string top_call(const Query& query, const QueryControl& control);
// The JSON-RPC call of flows.sessions.
std::string sessions_call(const SessionQuery& query, const QueryControl& control);

}  // namespace weir
