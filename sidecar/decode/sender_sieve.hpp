// Which addresses were heard lately, in a few MB whatever is sent: two Bloom filters that take turns. Made up source
// addresses hardly ever come twice; those of exporters do. One thread.
#pragma once
#include <cstdint>
#include <vector>

#include "core/ip_address.hpp"

namespace weir {

class SenderSieve {
 public:
  // Whether `address` was heard within the last kTurnMs to 2 * kTurnMs; from now on it was. A few in a hundred are said
  // to have been that were not, when a million come in a turn.
  bool heard(const IpAddress& address, std::int64_t now_ms) {
    turn(now_ms);
    if (now_.empty()) now_.resize(kBits / 64);
    const std::uint64_t hash = hash_of(address);
    const std::uint32_t a = hash & (kBits - 1), b = (hash >> 32) & (kBits - 1);
    const bool before = !before_.empty() && has(before_, a) && has(before_, b);
    const bool known = before || (has(now_, a) && has(now_, b));
    now_[a / 64] |= std::uint64_t{1} << (a % 64);
    now_[b / 64] |= std::uint64_t{1} << (b % 64);
    return known;
  }
  // Gives the memory back when nothing was asked for two turns.
  void tick(std::int64_t now_ms) {
    if (now_ms - turned_ms_ < 2 * kTurnMs && now_ms >= turned_ms_) return;
    now_ = {};
    before_ = {};
  }

 private:
  static constexpr std::uint32_t kBits = 1 << 24;
  static constexpr std::int64_t kTurnMs = 15'000;

  static bool has(const std::vector<std::uint64_t>& bits, std::uint32_t i) {
    return (bits[i / 64] >> (i % 64) & 1) != 0;
  }
  void turn(std::int64_t now_ms) {
    if (now_ms - turned_ms_ < kTurnMs && now_ms >= turned_ms_) return;
    if (now_ms - turned_ms_ >= 2 * kTurnMs || now_ms < turned_ms_) now_.clear();
    turned_ms_ = now_ms;
    before_.swap(now_);
    now_.clear();
  }

  std::vector<std::uint64_t> now_, before_;
  std::int64_t turned_ms_ = INT64_MIN / 2;
};

}  // namespace weir
