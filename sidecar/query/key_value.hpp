// What the values of a group-by field are called in keys, and back: for tables of results and for windows of rules.
// Pure functions; any thread.
#pragma once
#include <optional>

#include "flow/derived_sources.hpp"
#include "query/key_table.hpp"
#include "query/query.hpp"

namespace weir {

// Of all fields but exporters, whose values are the store's numbers.
KeyValue key_value(FieldId field, const RawKey& raw, const DerivedSources& sources);
// Nothing when no session can have the value.
std::optional<RawKey> raw_of_key(FieldId field, const KeyValue& value, const DerivedSources& sources);

}  // namespace weir
