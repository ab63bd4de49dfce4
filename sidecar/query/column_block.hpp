// How many rows of a column are read at once. Any thread.
#pragma once
#include <cstdint>

#include "store/column_numbers.hpp"

namespace weir {

// Rows handled at once: a few arrays of this many 64-bit values fit the first-level cache.
inline constexpr std::uint32_t kBlockRows = 512;

}  // namespace weir
