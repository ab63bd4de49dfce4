// Sequences by chance. Each has its own mix of what may happen, so that some go deep into one kind of fault.
#include <algorithm>

#include "scenario/store/command.hpp"
#include "support/generated_sessions.hpp"

namespace weir::testing {

namespace {

class Generator {
 public:
  Generator(std::uint64_t seed, const std::vector<CommandKind>& without) : random_(seed), without_(without) {}

  Sequence sequence(std::size_t steps) {
    Sequence s;
    s.seal_rows = static_cast<std::uint32_t>(pick({8, 16, 40, 1000}));
    s.unsealed_rows = static_cast<std::uint64_t>(pick({20, 60, 1000, 1000}));
    if (random_.one_in(5)) s.max_bytes = static_cast<std::uint64_t>(pick({250'000, 600'000}));
    if (random_.one_in(6)) s.max_age_days = static_cast<std::uint32_t>(pick({1, 3}));
    fill_mix();
    while (s.commands.size() < steps) {
      const auto command = next();
      if (std::find(without_.begin(), without_.end(), command.kind) == without_.end()) s.commands.push_back(command);
    }
    s.commands.push_back({.kind = CommandKind::kHeal});
    s.commands.push_back({.kind = CommandKind::kFlush});
    s.commands.push_back({.kind = CommandKind::kLook});
    s.commands.push_back({.kind = CommandKind::kStop});
    s.commands.push_back({.kind = CommandKind::kLook});
    s.commands.push_back({.kind = CommandKind::kStart});
    return s;
  }

 private:
  std::int64_t pick(std::initializer_list<std::int64_t> choices) {
    return choices.begin()[random_.below(choices.size())];
  }
  std::int64_t below(std::uint64_t bound) { return static_cast<std::int64_t>(random_.below(bound)); }

  void may(CommandKind kind, std::size_t weight) { mix_.insert(mix_.end(), weight, kind); }
  void fill_mix() {
    may(CommandKind::kAppend, 10);
    may(CommandKind::kChange, 5);
    may(CommandKind::kFinal, 4);
    may(CommandKind::kFlush, 5);
    may(CommandKind::kTick, 3);
    may(CommandKind::kLook, 2);
    if (random_.one_in(2)) may(CommandKind::kStop, 2);
    if (random_.one_in(2)) may(CommandKind::kKill, 3);
    if (random_.one_in(3)) may(CommandKind::kPowerCut, 3);
    if (random_.one_in(4)) {
      may(CommandKind::kRefuse, 2);
      may(CommandKind::kHeal, 2);
    }
    if (random_.one_in(4)) may(CommandKind::kImport, 1);
    if (random_.one_in(5)) may(CommandKind::kDamage, 1);
    if (random_.one_in(3)) {
      may(CommandKind::kHold, 2);
      may(CommandKind::kRelease, 1);
    }
    wide_ = random_.one_in(4);
    steps_of_clock_ = random_.one_in(3);
  }

  std::int64_t days_back() { return wide_ ? below(16) : random_.one_in(3) ? below(4) : 0; }
  // Now, soon, or within the operations of a commit or a start.
  std::int64_t moment() { return random_.one_in(4) ? 0 : below(random_.one_in(2) ? 12 : 80); }

  Command next() {
    const auto kind = mix_[random_.below(mix_.size())];
    switch (kind) {
      case CommandKind::kAppend:
        return {kind, {below(3), 1 + below(random_.one_in(4) ? 40 : 8), days_back(), random_.one_in(6) ? 1 : 0}};
      case CommandKind::kChange: return {kind, {below(3), below(12), 1 + below(5), random_.one_in(5) ? 1 : 0}};
      case CommandKind::kFinal: return {kind, {below(3), pick({0, 0, 3, 10})}};
      case CommandKind::kTick:
        return {
            kind,
            {steps_of_clock_ && random_.one_in(3) ? far_step() : pick({10, 1000, 1000, 60'000, 900'000, 86'400'000})}};
      case CommandKind::kKill: return {kind, {moment()}};
      case CommandKind::kPowerCut: return {kind, {moment(), below(1'000'000)}};
      case CommandKind::kRefuse: return {kind, {moment(), random_.one_in(2) ? 1 + below(20) : 1'000'000, below(2)}};
      case CommandKind::kImport: return {kind, {1 + below(random_.one_in(3) ? 15 : 3), 1 + below(12)}};
      case CommandKind::kDamage: return {kind, {below(4), below(4), below(1'000'000)}};
      case CommandKind::kHold: return {kind, {below(2)}};
      case CommandKind::kFlush:
      case CommandKind::kStop:
      case CommandKind::kStart:
      case CommandKind::kHeal:
      case CommandKind::kRelease:
      case CommandKind::kLook: return {kind};
    }
    return {};
  }
  std::int64_t far_step() {
    constexpr std::int64_t kHour = 3'600'000, kYear = 365 * 24 * kHour;
    return pick({-1000, -kHour, -24 * kHour, -kYear, kHour, 3 * 24 * kHour, kYear, 10 * kYear});
  }

  Random random_;
  const std::vector<CommandKind>& without_;
  std::vector<CommandKind> mix_;
  bool wide_ = false, steps_of_clock_ = false;
};

}  // namespace

Sequence random_sequence(std::uint64_t seed, std::size_t steps, const std::vector<CommandKind>& without) {
  return Generator(seed, without).sequence(steps);
}

}  // namespace weir::testing
