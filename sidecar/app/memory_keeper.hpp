// Gives memory back to the system that the process has freed: after large queries soon, after floods within two
// minutes. The allocator keeps it otherwise. Housekeeping thread.
#pragma once
#include <cstdint>

#include "query/query_memory.hpp"

namespace weir {

class MemoryKeeper {
 public:
  explicit MemoryKeeper(QueryMemory& queries) : queries_(queries) {}
  // Once a second.
  void look();

 private:
  QueryMemory& queries_;
  std::uint64_t looks_ = 0;
  std::uint64_t free_before_ = 0;  // bytes that the allocator held a minute ago and nobody used
};

}  // namespace weir
