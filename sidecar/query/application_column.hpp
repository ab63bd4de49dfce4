// The applications of a segment's sessions as a column of its own: stored columns in, ApplicationCodes out. It is made when
// a query asks, so a changed rule renames what is stored. Any thread.
#pragma once
#include "flow/application_table.hpp"
#include "query/segment_columns.hpp"

namespace weir {

// A constant or dictionary column. Loads only what the rules look at; throws as SegmentColumns does.
Column make_application_column(SegmentColumns& columns, const ApplicationTable& table);

}  // namespace weir
