// Writes a line at once when it may, else a larger number in the next line.
#include "core/refusal_tally.hpp"

#include "core/log.hpp"

namespace weir {

void RefusalTally::note(std::int64_t now_ms, const std::string& whom) {
  std::string line;
  state_.with([&](State& s) {
    ++s.count;
    s.last_ms = now_ms;
    s.last = whom;
    if (now_ms - s.told_ms < kLogEveryMs && now_ms >= s.told_ms) return;
    const auto more = s.count - s.told - 1;
    line = what_ + ": " + whom + (more == 0 ? "" : "; " + std::to_string(more) + " more since the last line");
    s.told = s.count;
    s.told_ms = now_ms;
  });
  if (!line.empty()) log_of(stage_)->warn("{}", line);
}

RefusalStatus RefusalTally::status() const {
  return state_.with([&](const State& s) {
    return RefusalStatus{.what = what_, .advice = advice_, .count = s.count, .last_ms = s.last_ms, .last = s.last};
  });
}

}  // namespace weir
