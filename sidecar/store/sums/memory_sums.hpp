// A block of sums that stays in memory; for tests. Immutable; any thread.
#pragma once
#include <memory>
#include <vector>

#include "store/sums/sum_builder.hpp"

namespace weir {

std::shared_ptr<const SumBlock> memory_sums(std::vector<std::shared_ptr<const Segment>> covered, BuiltSums built,
                                            const SumLimits& limits);

}  // namespace weir
