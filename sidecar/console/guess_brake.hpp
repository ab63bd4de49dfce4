// Slows down who guesses passwords. Guesses of one network are checked one after the other, with a pause that doubles
// with each wrong one; those of all networks together have a pause, too, so that many guessers are no faster. One
// thread.
#pragma once
#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>

#include "api/connection_places.hpp"

namespace weir {

class GuessBrake {
 public:
  static constexpr std::int64_t kForgetMs = 600'000;       // after so long without a wrong guess all is forgotten
  static constexpr std::int64_t kLongestPauseMs = 15'000;  // of one network
  static constexpr std::int64_t kLongestCommonPauseMs = 1000;
  static constexpr std::size_t kMaxNetworks = 1024;  // the one that was quiet for longest is forgotten first

  // `pause_ms`: after the first wrong guess.
  explicit GuessBrake(std::int64_t pause_ms) : pause_ms_(pause_ms) {}

  // How long a guess that came at `now_ms` has to wait until it may be checked; none: longer than `patience_ms`, it is
  // not checked at all. `now_ms` is of a clock that is never set.
  std::optional<std::int64_t> wait_ms(const ClientNetwork& from, std::int64_t now_ms, std::int64_t patience_ms);
  void wrong(const ClientNetwork& from, std::int64_t now_ms);
  void right(const ClientNetwork& from) { guessers_.erase(from.address); }

 private:
  struct Guesser {
    std::uint32_t wrong = 0;
    std::int64_t last_ms = 0, next_ms = 0;  // of a wrong guess; when the next is checked
    void forget_old(std::int64_t now_ms) {
      if (wrong != 0 && now_ms - last_ms >= kForgetMs) wrong = 0;
    }
  };
  std::int64_t pause_of(const Guesser& guesser) const;

  const std::int64_t pause_ms_;
  std::map<IpAddress, Guesser> guessers_;
  Guesser all_;
};

}  // namespace weir
