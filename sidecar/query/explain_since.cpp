// Half-way between the usual level and that of the stretch is the border.
#include "query/explain_since.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace weir {

namespace {

// Of sorted values: `part` 0 is the smallest, 1 the largest.
double quantile(const std::vector<double>& sorted, double part) {
  return sorted[static_cast<std::size_t>(std::lround(part * static_cast<double>(sorted.size() - 1)))];
}

}  // namespace

std::optional<std::size_t> first_risen(const std::vector<std::uint64_t>& sums, std::size_t stretch, bool rose) {
  if (sums.size() < 2 || stretch >= sums.size()) return std::nullopt;
  // A fall is the rise of what is missing.
  const auto most = static_cast<double>(*std::max_element(sums.begin(), sums.end()));
  std::vector<double> height;
  for (const auto sum : sums) height.push_back(rose ? static_cast<double>(sum) : most - static_cast<double>(sum));
  std::vector<double> inside(height.begin() + static_cast<std::ptrdiff_t>(stretch), height.end());
  std::sort(inside.begin(), inside.end());
  const double low = *std::min_element(height.begin(), height.end());
  double high = quantile(inside, 0.8);
  // What lasts for less than a fifth of the stretch.
  if (high - low < (inside.back() - low) / 4) high = inside.back();
  if (high <= low) return std::nullopt;
  const double border = low + (high - low) / 2;

  std::size_t last = height.size();
  while (last > stretch && height[last - 1] < border) --last;
  if (last == stretch) return std::nullopt;
  // The earliest bucket from which on the height is mostly above the border. A single one that was high long before is
  // not the beginning.
  std::size_t first = last - 1, above = 0;
  for (std::size_t at = last; at-- > 0;) {
    above += height[at] >= border ? 1 : 0;
    if (height[at] >= border && above * 5 >= (last - at) * 3) first = at;
  }
  return first;
}

std::optional<double> noise_of(const std::vector<std::uint64_t>& sums) {
  constexpr std::size_t kBlocks = 8;
  if (sums.size() < kBlocks) return std::nullopt;
  std::vector<double> blocks(kBlocks, 0.0);
  for (std::size_t b = 0; b < kBlocks; ++b) {
    const auto from = b * sums.size() / kBlocks, to = (b + 1) * sums.size() / kBlocks;
    for (auto i = from; i < to; ++i) blocks[b] += static_cast<double>(sums[i]);
    blocks[b] /= static_cast<double>(to - from);
  }
  const double mean = std::accumulate(blocks.begin(), blocks.end(), 0.0) / kBlocks;
  if (mean <= 0) return std::nullopt;
  double squares = 0;
  for (const auto block : blocks) squares += (block - mean) * (block - mean);
  // Of the mean of all blocks, as a part of it.
  return std::sqrt(squares / (kBlocks - 1) / kBlocks) / mean;
}

}  // namespace weir
