// Delta debugging (Zeller, Hildebrandt 2002) in its plainest form.
#include "scenario/store/shrink.hpp"

#include <algorithm>

namespace weir::testing {

Sequence shrink(Sequence sequence, const std::function<bool(const Sequence&)>& fails, std::size_t runs) {
  const auto still_fails = [&](const Sequence& shorter) {
    if (runs == 0) return false;
    --runs;
    if (!fails(shorter)) return false;
    sequence = shorter;
    return true;
  };
  const auto leave_out = [&] {
    bool shorter = false;
    for (auto chunk = std::max<std::size_t>(sequence.commands.size() / 2, 1);; chunk /= 2) {
      for (std::size_t at = 0; at < sequence.commands.size();) {
        auto candidate = sequence;
        const auto first = candidate.commands.begin() + static_cast<std::ptrdiff_t>(at);
        candidate.commands.erase(first,
                                 first + static_cast<std::ptrdiff_t>(std::min(chunk, candidate.commands.size() - at)));
        if (still_fails(candidate)) {
          shorter = true;
        } else {
          at += chunk;
        }
      }
      if (chunk <= 1) return shorter;
    }
  };
  const auto make_smaller = [&] {
    bool smaller = false;
    for (std::size_t i = 0; i < sequence.commands.size(); ++i) {
      for (std::size_t n = 0; n < sequence.commands[i].numbers.size(); ++n) {
        const auto value = sequence.commands[i].numbers[n];
        for (const auto wanted : {std::int64_t{0}, std::int64_t{1}, value / 2, value - 1}) {
          if (wanted < 0 || wanted >= value) continue;
          auto candidate = sequence;
          candidate.commands[i].numbers[n] = wanted;
          if (still_fails(candidate)) {
            smaller = true;
            break;
          }
        }
      }
    }
    return smaller;
  };
  while (leave_out() || make_smaller()) {
    if (runs == 0) break;
  }
  return sequence;
}

}  // namespace weir::testing
