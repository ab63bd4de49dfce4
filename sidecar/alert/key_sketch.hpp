// Which keys of a window are worth to be summed exactly when there are too many for memory: weights by hash in a table
// of fixed size. A key weighs at most what its place does, so those whose place is light are light. One thread, unless
// locked outside.
#pragma once
#include <cstdint>
#include <vector>

#include "query/key_table.hpp"

namespace weir {

// Hash of a key, value by value, from 0 on.
inline std::uint64_t hash_with(std::uint64_t hash, const RawKey& value) {
  return hash_mix(hash ^ value.a, value.b + 0x9e37'79b9'7f4a'7c15u);
}

class KeySketch {
 public:
  KeySketch() : weights_(kPlaces), cells_(kPlaces), chosen_(kPlaces) {}

  // A key with its weight in a part of the window; `hash` is of the key.
  void add(std::uint64_t hash, std::uint64_t weight) {
    const auto at = place(hash);
    weights_[at] = weights_[at] + weight < weight ? UINT64_MAX : weights_[at] + weight;
    cells_[at] += cells_[at] != UINT32_MAX ? 1 : 0;
  }
  // This key is summed in any case.
  void keep(std::uint64_t hash) { chosen_[place(hash)] = true; }
  // Chooses the heaviest places, as many as hold `max_cells` keys. False when not even the heaviest fits.
  bool choose(std::uint64_t max_cells);
  bool has(std::uint64_t hash) const { return chosen_[place(hash)]; }
  // Every key that weighs more is there.
  std::uint64_t complete_above() const { return complete_above_; }

 private:
  static constexpr std::size_t kPlaces = std::size_t{1} << 20;
  static std::size_t place(std::uint64_t hash) { return static_cast<std::size_t>(hash >> 32) & (kPlaces - 1); }

  std::vector<std::uint64_t> weights_;
  std::vector<std::uint32_t> cells_;  // keys, counted again in each part of the window
  std::vector<bool> chosen_;
  std::uint64_t complete_above_ = 0;
};

}  // namespace weir
