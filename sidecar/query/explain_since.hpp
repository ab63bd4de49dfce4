// Since when something is higher or lower, from its sums per bucket. Pure; any thread.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace weir {

// The first bucket of the higher (or lower) level that the last buckets from `stretch` on have a part in. Buckets
// before `stretch` are those of the time before. None: there is no step.
std::optional<std::size_t> first_risen(const std::vector<std::uint64_t>& sums, std::size_t stretch, bool rose);

// Sums of blocks vary by so much of their mean: their standard deviation, in parts of the whole. Enough buckets for
// eight blocks, and something in them; else nothing is known.
std::optional<double> noise_of(const std::vector<std::uint64_t>& sums);

}  // namespace weir
