// Numbers of one to eight octets, as elements have them (RFC 7011 6.2). Pure; any thread.
#pragma once
#include <cstdint>
#include <limits>
#include <span>

#include "core/byte_cursor.hpp"

namespace weir {

inline std::uint64_t read_unsigned(std::span<const std::uint8_t> bytes) {
  ByteCursor c(bytes);
  switch (bytes.size()) {
    case 1: return c.u8();
    case 2: return c.u16();
    case 4: return c.u32();
    case 8: return c.u64();
    default: return c.uint_sized(bytes.size());
  }
}

// What does not fit is the largest that does.
inline std::uint32_t to_u32(std::uint64_t v) {
  return v > std::numeric_limits<std::uint32_t>::max() ? std::numeric_limits<std::uint32_t>::max()
                                                       : static_cast<std::uint32_t>(v);
}

}  // namespace weir
