// The decoded columns that queries used last, bounded in bytes. Columns that a query still holds live on after they
// left the cache. Any thread.
#pragma once
#include <atomic>
#include <cstdint>
#include <list>
#include <memory>
#include <unordered_map>

#include "core/guarded.hpp"
#include "store/column.hpp"

namespace weir {

class ColumnCache {
 public:
  struct Counters {
    std::uint64_t bytes = 0, max_bytes = 0, hits = 0, misses = 0;
  };
  explicit ColumnCache(std::uint64_t max_bytes) : max_bytes_(max_bytes) {}

  // A number that no other segment of this process has: the first half of a key.
  std::uint64_t new_segment() { return ++last_segment_; }

  // Null, and counted as a miss, when it is not there.
  std::shared_ptr<const Column> find(std::uint64_t segment, std::uint16_t column);
  // Drops what was used longest ago. A column larger than the whole cache is not kept.
  void add(std::uint64_t segment, std::uint16_t column, std::shared_ptr<const Column> value);
  Counters counters() const;

 private:
  struct Entry {
    std::uint64_t key = 0, bytes = 0;
    std::shared_ptr<const Column> value;
  };
  struct State {
    std::list<Entry> entries;  // used last comes first
    std::unordered_map<std::uint64_t, std::list<Entry>::iterator> by_key;
    std::uint64_t bytes = 0, hits = 0, misses = 0;
  };
  static std::uint64_t key_of(std::uint64_t segment, std::uint16_t column) { return segment << 16 | column; }

  const std::uint64_t max_bytes_;
  std::atomic<std::uint64_t> last_segment_{0};
  Guarded<State> state_;
};

}  // namespace weir
