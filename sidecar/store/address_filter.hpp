// Which addresses a column may hold, in one byte each: a split block Bloom filter (Putze, Sanders, Singler 2009; the
// blocks of the Parquet format). It tells that an address is not there without the column being read. Plain values; any
// thread.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "core/ip_address.hpp"

namespace weir {

class AddressFilter {
 public:
  // Columns with fewer different addresses are read as quickly.
  static constexpr std::size_t kFewestAddresses = 256;

  // `addresses`: all of the column, each once. `salt` differs from segment to segment: the same hosts are in most of
  // them, and an address that is taken for one of theirs in one segment is not in the next.
  static std::vector<std::uint8_t> build(std::span<const IpAddress> addresses, std::uint64_t salt);
  // False only when the address was not among those that `bytes` was built of. Bytes of another length than build()
  // gives say nothing: true.
  static bool may_have(std::span<const std::uint8_t> bytes, const IpAddress& address);
};

}  // namespace weir
