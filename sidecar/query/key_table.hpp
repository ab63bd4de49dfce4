// Distinct 16-byte values numbered in order of appearance: an open-addressing table. One thread.
#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "core/ip_address.hpp"
#include "core/large_vector.hpp"

namespace weir {

// A value of a group-by field (an address as it lies in memory, or a number), or four numbers of such values.
struct RawKey {
  std::uint64_t a = 0, b = 0;
  friend bool operator==(const RawKey&, const RawKey&) = default;
};
inline RawKey raw_key(const IpAddress& address) { return {.a = address.high(), .b = address.low()}; }
inline RawKey raw_key(std::uint64_t number) { return {.a = 0, .b = number}; }
inline IpAddress address_of(const RawKey& key) {
  IpAddress address;
  std::memcpy(address.bytes.data(), &key.a, 8);
  std::memcpy(address.bytes.data() + 8, &key.b, 8);
  return address;
}

class KeyTable {
 public:
  static constexpr std::uint32_t kAbsent = ~std::uint32_t{0};

  std::uint32_t size() const { return static_cast<std::uint32_t>(keys_.size()); }
  const RawKey& key(std::uint32_t number) const { return keys_[number]; }
  const LargeVector<RawKey>& keys() const { return keys_; }

  std::uint32_t find_or_add(const RawKey& key) {
    if (2 * keys_.size() >= slots_.size()) resize_slots(slots_.empty() ? 64 : slots_.size() * 2);
    return find_or_add(key, hash_of_key(key));
  }

  std::uint32_t find(const RawKey& key) const {
    if (keys_.empty()) return kAbsent;
    const auto hash = hash_of_key(key);
    for (std::size_t at = hash & mask_; slots_[at] != 0; at = (at + 1) & mask_) {
      if ((slots_[at] & kTagMask) == tag_of(hash)) {
        const auto number = static_cast<std::uint32_t>(slots_[at]) - 1;
        if (keys_[number] == key) return number;
      }
    }
    return kAbsent;
  }

  // numbers[i] = find_or_add(keys[i]), in rounds over batches so that the memory of one look-up is on its way while
  // others are asked for: first the slots, then the keys that will probably be compared.
  void find_or_add_all(const RawKey* keys, std::size_t n, std::uint32_t* numbers) {
    constexpr std::size_t kBatch = 32;
    std::array<std::uint64_t, kBatch> hashes;
    for (std::size_t from = 0; from < n; from += kBatch) {
      const auto count = std::min(kBatch, n - from);
      while (2 * (keys_.size() + count) >= slots_.size()) resize_slots(slots_.empty() ? 64 : slots_.size() * 2);
      for (std::size_t i = 0; i < count; ++i) {
        hashes[i] = hash_of_key(keys[from + i]);
        __builtin_prefetch(&slots_[hashes[i] & mask_], 1);
      }
      for (std::size_t i = 0; i < count; ++i) {
        const auto slot = static_cast<std::uint32_t>(slots_[hashes[i] & mask_]);
        if (slot != 0) __builtin_prefetch(&keys_[slot - 1]);
      }
      for (std::size_t i = 0; i < count; ++i) numbers[from + i] = find_or_add(keys[from + i], hashes[i]);
    }
  }

  std::size_t memory_bytes() const {
    return keys_.capacity() * sizeof(RawKey) + slots_.capacity() * sizeof(std::uint64_t);
  }

  void clear() {
    keys_.clear();
    std::fill(slots_.begin(), slots_.end(), 0);
  }

 private:
  static constexpr std::uint64_t kTagMask = 0xffff'ffff'0000'0000u;
  static std::uint64_t tag_of(std::uint64_t hash) { return hash & kTagMask; }
  static std::uint64_t hash_of_key(const RawKey& key) { return hash_mix(key.a, key.b); }

  // There is a free slot.
  std::uint32_t find_or_add(const RawKey& key, std::uint64_t hash) {
    for (std::size_t at = hash & mask_;; at = (at + 1) & mask_) {
      if (slots_[at] == 0) {
        keys_.push_back(key);
        slots_[at] = tag_of(hash) | keys_.size();
        return size() - 1;
      }
      if ((slots_[at] & kTagMask) == tag_of(hash)) {
        const auto number = static_cast<std::uint32_t>(slots_[at]) - 1;
        if (keys_[number] == key) return number;
      }
    }
  }

  void resize_slots(std::size_t count) {
    slots_.assign(count, 0);
    mask_ = count - 1;
    for (std::uint32_t number = 0; number < keys_.size(); ++number) {
      const auto hash = hash_of_key(keys_[number]);
      std::size_t at = hash & mask_;
      while (slots_[at] != 0) at = (at + 1) & mask_;
      slots_[at] = tag_of(hash) | (number + 1);
    }
  }

  LargeVector<RawKey> keys_;
  LargeVector<std::uint64_t> slots_;  // high half of the hash | number + 1; 0: free
  std::size_t mask_ = 0;
};

}  // namespace weir
