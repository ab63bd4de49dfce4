// Ranges of addresses, and where the two families lie in them. Plain values; any thread.
#pragma once
#include <vector>

#include "core/ip_address.hpp"

namespace weir {

template <class T>
struct ValueRange {
  T first{}, last{};  // both included
  friend bool operator==(const ValueRange&, const ValueRange&) = default;
};
using AddressRange = ValueRange<IpAddress>;

// The range without the addresses of the other family, which lie in the middle of an IPv6 range such as ::/0.
inline std::vector<AddressRange> within_family(const AddressRange& range) {
  const IpAddress v4_first = IpAddress::from_v4(0), v4_last = IpAddress::from_v4(0xffff'ffff);
  if (range.first.is_v4() || range.last < v4_first || v4_last < range.first) return {range};
  IpAddress below = IpAddress::any_v6(), above;
  below.bytes[12] = below.bytes[13] = below.bytes[14] = below.bytes[15] = 0xff;
  above.bytes[9] = 1;
  std::vector<AddressRange> around = {{.first = range.first, .last = below}};
  if (v4_last < range.last) around.push_back({.first = above, .last = range.last});
  return around;
}

}  // namespace weir
