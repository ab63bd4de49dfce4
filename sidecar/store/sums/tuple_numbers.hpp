// Tuples of 64-bit words, numbered from 0 in the order in which they are first met. One thread.
#pragma once
#include <algorithm>
#include <cstdint>
#include <vector>

#include "core/ip_address.hpp"

namespace weir {

class TupleNumbers {
 public:
  explicit TupleNumbers(std::size_t width) : width_(width), slots_(1024, kFree) {}

  std::uint32_t find_or_add(const std::uint64_t* tuple) {
    if (std::size_t{count_} * 2 >= slots_.size()) grow();
    const auto mask = slots_.size() - 1;
    for (auto at = hash(tuple) & mask;; at = (at + 1) & mask) {
      auto& slot = slots_[at];
      if (slot == kFree) {
        slot = count_;
        words_.insert(words_.end(), tuple, tuple + width_);
        return count_++;
      }
      if (std::equal(tuple, tuple + width_, words_.data() + std::size_t{slot} * width_)) return slot;
    }
  }
  std::uint32_t size() const { return count_; }
  const std::uint64_t* tuple(std::uint32_t number) const { return words_.data() + std::size_t{number} * width_; }

 private:
  static constexpr std::uint32_t kFree = ~std::uint32_t{0};
  std::uint64_t hash(const std::uint64_t* tuple) const {
    std::uint64_t h = 0;
    for (std::size_t w = 0; w < width_; ++w) h = hash_mix(h, tuple[w]);
    return h;
  }
  void grow() {
    std::vector<std::uint32_t> larger(slots_.size() * 2, kFree);
    const auto mask = larger.size() - 1;
    for (std::uint32_t number = 0; number < count_; ++number) {
      auto at = hash(tuple(number)) & mask;
      while (larger[at] != kFree) at = (at + 1) & mask;
      larger[at] = number;
    }
    slots_.swap(larger);
  }

  const std::size_t width_;
  std::uint32_t count_ = 0;
  std::vector<std::uint32_t> slots_;
  std::vector<std::uint64_t> words_;
};

}  // namespace weir
