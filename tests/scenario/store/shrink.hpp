// Makes a failing sequence short.
#pragma once
#include <cstddef>
#include <functional>

#include "scenario/store/command.hpp"

namespace weir::testing {

// Leaves out commands, chunks first, and makes numbers smaller, as long as fails() holds. At most `runs` calls of it.
Sequence shrink(Sequence sequence, const std::function<bool(const Sequence&)>& fails, std::size_t runs);

}  // namespace weir::testing
