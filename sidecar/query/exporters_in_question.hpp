// Which exporters a filter is about: those whose sessions it can select. Pure.
#pragma once
#include <cstdint>
#include <vector>

#include "query/filter.hpp"
#include "store/store.hpp"

namespace weir {

// Of a filter whose names are looked up (resolve_filter), among these exporters: ids, ascending.
std::vector<std::uint32_t> exporters_in_question(const FilterNode& resolved,
                                                 const std::vector<ExporterName>& exporters);

}  // namespace weir
