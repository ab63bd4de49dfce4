// The second part of a test of a filter: the operator and the values. Pure.
#pragma once
#include "query/filter.hpp"
#include "query/filter_cursor.hpp"
#include "query/filter_subject.hpp"

namespace weir {

// A test, or a negated one. `basis` as in parse_filter().
Result<FilterNode> read_filter_condition(FilterCursor& at, const FilterSubject& subject, const TimeBasis& basis);

FilterNode filter_test_node(FilterTest&& test);
FilterNode negated_filter(FilterNode&& node);

}  // namespace weir
