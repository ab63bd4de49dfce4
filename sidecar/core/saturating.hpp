// Sums and products that stop at the largest 64-bit number instead of wrapping: counters and rates are what a sender
// says. Whoever adds with these marks the result. Pure functions; any thread.
#pragma once
#include <cstdint>
#include <limits>

namespace weir {

inline constexpr std::uint64_t kSaturated = std::numeric_limits<std::uint64_t>::max();

// `saturated` becomes true when the true sum does not fit; it is never made false.
inline std::uint64_t saturating_add(std::uint64_t a, std::uint64_t b, bool& saturated) {
  std::uint64_t sum;
  if (!__builtin_add_overflow(a, b, &sum)) return sum;
  saturated = true;
  return kSaturated;
}
inline std::uint64_t saturating_add(std::uint64_t a, std::uint64_t b) {
  bool ignored = false;
  return saturating_add(a, b, ignored);
}
inline std::uint64_t saturating_multiply(std::uint64_t a, std::uint64_t b, bool& saturated) {
  std::uint64_t product;
  if (!__builtin_mul_overflow(a, b, &product)) return product;
  saturated = true;
  return kSaturated;
}
inline std::uint64_t saturating_multiply(std::uint64_t a, std::uint64_t b) {
  bool ignored = false;
  return saturating_multiply(a, b, ignored);
}

}  // namespace weir
