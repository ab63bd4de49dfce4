// Places are taken from the heaviest on, until one does not fit.
#include "alert/key_sketch.hpp"

#include <algorithm>

namespace weir {

bool KeySketch::choose(std::uint64_t max_cells) {
  std::vector<std::uint32_t> order;
  for (std::uint32_t p = 0; p < kPlaces; ++p) {
    if (cells_[p] != 0) order.push_back(p);
  }
  std::sort(order.begin(), order.end(), [this](std::uint32_t a, std::uint32_t b) {
    return weights_[a] != weights_[b] ? weights_[a] > weights_[b] : a < b;
  });
  std::uint64_t cells = 0;
  for (std::uint32_t p = 0; p < kPlaces; ++p) cells += chosen_[p] ? cells_[p] : 0;
  complete_above_ = 0;
  bool any = false;
  for (const auto p : order) {
    if (chosen_[p]) {
      any = true;
      continue;
    }
    if (cells + cells_[p] > max_cells) {
      complete_above_ = weights_[p];
      break;
    }
    cells += cells_[p];
    chosen_[p] = true;
    any = true;
  }
  return any || order.empty();
}

}  // namespace weir
