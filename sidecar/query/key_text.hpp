// Keys of rows as text, and as filters that select them. Pure; any thread.
#pragma once
#include <string>
#include <vector>

#include "query/query.hpp"

namespace weir {

// An address ("" when not given), a number, or a name.
std::string key_text(const KeyValue& value);

// What selects the sessions of a key: "server 10.0.0.1 and server_port 443". "" for no fields.
std::string key_filter(const std::vector<FieldId>& by, const std::vector<KeyValue>& key);

// Both hold: "(tcp) and server 10.0.0.1". "" selects everything.
std::string both_filters(const std::string& filter, const std::string& more);

}  // namespace weir
