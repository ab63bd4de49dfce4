// Random sessions whose values collide often, and random filters as text together with what they mean. From a seed.
#pragma once
#include <string>

#include "scenario/conservation/reference.hpp"
#include "support/generated_sessions.hpp"

namespace weir::testing {

inline constexpr std::int64_t kWorldStartMs = 1'700'000'000'000;

// Exporter 2 has a configured sampling rate; exporter 4 is not in the list.
World random_world(Random& random, std::size_t sessions);

struct RandomFilter {
  std::string text;
  HalfPredicate passes;
};
// `unscaled` is what the query will ask for: counters in filters are scaled like the rest.
RandomFilter random_filter(Random& random, const World& world, bool unscaled, int depth);

}  // namespace weir::testing
