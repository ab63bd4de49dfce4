// Several blocks of sums put together: units and keys that they share become one row. One thread.
#pragma once
#include <atomic>
#include <memory>
#include <optional>
#include <span>

#include "store/sums/sum_builder.hpp"

namespace weir {

// What each of the blocks has, by level and family. Nothing: too many sessions for one block, or it was cancelled.
// Throws std::runtime_error when a part cannot be read.
std::optional<BuiltSums> merge_sums(std::span<const std::shared_ptr<const SumBlock>> blocks, const SumLimits& limits,
                                    const std::atomic<bool>* cancelled = nullptr);

}  // namespace weir
