// A table of sets with four entries each. In a full set, the oldest entry makes room.
#include "decode/duplicate_filter.hpp"

#include <algorithm>
#include <cstring>
#include <span>

#include "core/ip_address.hpp"

namespace weir {

namespace {

constexpr std::size_t kWays = 4, kSets = 4096;

std::uint64_t folded_product(std::uint64_t a, std::uint64_t b) {
  const Uint128 product = static_cast<Uint128>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

// Speed matters: every octet that comes goes through it. The order of octets within a word does not.
std::uint64_t content_hash(std::span<const std::uint8_t> bytes, std::uint64_t seed) {
  const auto& key = kHashSecret;
  std::uint64_t first = seed, second = seed ^ key.b;
  const auto word = [&](std::size_t at, std::size_t size) {
    std::uint64_t w = 0;
    std::memcpy(&w, bytes.data() + at, size);
    return w;
  };
  std::size_t at = 0;
  for (; at + 32 <= bytes.size(); at += 32) {
    first = folded_product(word(at, 8) ^ key.a, word(at + 8, 8) ^ first);
    second = folded_product(word(at + 16, 8) ^ key.b, word(at + 24, 8) ^ second);
  }
  for (; at < bytes.size(); at += 8)
    first = folded_product(word(at, std::min<std::size_t>(8, bytes.size() - at)) ^ key.a, first ^ key.b);
  return folded_product(first ^ bytes.size(), second ^ key.a);
}

}  // namespace

bool DuplicateFilter::is_copy(const Datagram& datagram) {
  last_ = nullptr;
  if (window_ms_ == 0) return false;
  if (entries_.empty()) entries_.resize(kSets * kWays);
  const auto hash = content_hash(datagram.payload, hash_mix(hash_of(datagram.source), datagram.source_port));
  auto* const set = entries_.data() + hash % kSets * kWays;
  auto* oldest = set;
  for (auto* entry = set; entry != set + kWays; ++entry) {
    if (entry->hash == hash && datagram.arrival_ms - entry->arrival_ms <= window_ms_ &&
        datagram.arrival_ms >= entry->arrival_ms - window_ms_) {
      last_ = entry;
      return entry->holds_records;
    }
    if (entry->arrival_ms < oldest->arrival_ms) oldest = entry;
  }
  *oldest = Entry{.hash = hash, .arrival_ms = datagram.arrival_ms};
  last_ = oldest;
  return false;
}

}  // namespace weir
