// There are two pauses, one per network and one for all; the longer one counts.
#include "console/guess_brake.hpp"

namespace weir {

std::int64_t GuessBrake::pause_of(const Guesser& guesser) const {
  constexpr std::uint32_t kMostDoublings = 20;
  return std::min(pause_ms_ << std::min(guesser.wrong, kMostDoublings), std::max(pause_ms_, kLongestPauseMs));
}

std::optional<std::int64_t> GuessBrake::wait_ms(const ClientNetwork& from, std::int64_t now_ms,
                                                std::int64_t patience_ms) {
  auto& one = guessers_[from.address];
  one.forget_old(now_ms);
  all_.forget_old(now_ms);
  const auto at = std::max({now_ms, one.next_ms, all_.next_ms});
  if (at - now_ms > patience_ms) return std::nullopt;
  // Whatever comes of it, the next one waits: guesses at the same time would be free otherwise.
  one.next_ms = at + pause_of(one);
  if (one.last_ms == 0) one.last_ms = now_ms;
  all_.next_ms = at + std::min<std::int64_t>(kLongestCommonPauseMs, std::int64_t{all_.wrong} * pause_ms_ / 100);
  if (guessers_.size() > kMaxNetworks) {
    const auto quiet = std::min_element(guessers_.begin(), guessers_.end(), [](const auto& a, const auto& b) {
      return a.second.next_ms < b.second.next_ms;
    });
    guessers_.erase(quiet);
  }
  return at - now_ms;
}

void GuessBrake::wrong(const ClientNetwork& from, std::int64_t now_ms) {
  auto& one = guessers_[from.address];
  for (auto* guesser : {&one, &all_}) {
    ++guesser->wrong;
    guesser->last_ms = now_ms;
  }
  one.next_ms = std::max(one.next_ms, now_ms + pause_of(one));
}

}  // namespace weir
