// Least recently used goes first.
#include "store/sqlite/cache.hpp"

namespace weir {

std::shared_ptr<const Column> ColumnCache::find(std::uint64_t segment, std::uint16_t column) {
  return state_.with([&](State& s) -> std::shared_ptr<const Column> {
    const auto it = s.by_key.find(key_of(segment, column));
    if (it == s.by_key.end()) {
      ++s.misses;
      return nullptr;
    }
    ++s.hits;
    s.entries.splice(s.entries.begin(), s.entries, it->second);
    return it->second->value;
  });
}

void ColumnCache::add(std::uint64_t segment, std::uint16_t column, std::shared_ptr<const Column> value) {
  const std::uint64_t key = key_of(segment, column), bytes = value->memory_bytes();
  if (bytes > max_bytes_) return;
  state_.with([&](State& s) {
    if (s.by_key.count(key)) return;
    while (s.bytes + bytes > max_bytes_) {
      s.bytes -= s.entries.back().bytes;
      s.by_key.erase(s.entries.back().key);
      s.entries.pop_back();
    }
    s.entries.push_front({.key = key, .bytes = bytes, .value = std::move(value)});
    s.by_key.emplace(key, s.entries.begin());
    s.bytes += bytes;
  });
}

ColumnCache::Counters ColumnCache::counters() const {
  return state_.with([&](const State& s) {
    return Counters{.bytes = s.bytes, .max_bytes = max_bytes_, .hits = s.hits, .misses = s.misses};
  });
}

}  // namespace weir
