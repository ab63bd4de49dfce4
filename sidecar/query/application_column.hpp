// The applications of a segment's sessions as a derived column: by the rules of applications.lua, else what the
// exporter classified. A changed rule renames what is stored.
#pragma once
#include "query/derived_column.hpp"

namespace weir {

const DerivedColumn& application_column();

}  // namespace weir
