// Keys of answers as JSON objects, read back: of the params of a question, and of another collector's answer. Any
// thread.
#pragma once
#include <boost/json/fwd.hpp>
#include <vector>

#include "query/query.hpp"

namespace weir {

// {"host": "10.0.0.1", "port": 443} to the values of `by`. The error names the field.
Result<std::vector<KeyValue>> read_key(const std::vector<FieldId>& by, const boost::json::object& key);

}  // namespace weir
