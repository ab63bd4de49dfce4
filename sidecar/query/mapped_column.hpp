// A column with each value of another one replaced: what most derived columns are. Pure functions; any thread.
#pragma once
#include <cstdint>
#include <functional>
#include <vector>

#include "store/column.hpp"

namespace weir {

// A constant or dictionary column of numbers: row i has values[numbers[i]].
Column column_of_numbers(const std::vector<std::uint64_t>& values, const std::vector<std::uint32_t>& numbers);

// code_of() is asked once per distinct address.
Column map_addresses(const Column& addresses, const std::function<std::uint64_t(const IpAddress&)>& code_of);
// code_of() is asked once per distinct number, or once per row of a column of many.
Column map_numbers(const Column& numbers, const std::function<std::uint64_t(std::uint64_t)>& code_of);
// The result is a column of addresses.
Column mask_addresses(const Column& addresses, const std::function<IpAddress(const IpAddress&)>& masked);

}  // namespace weir
