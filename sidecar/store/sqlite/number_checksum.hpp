// FNV-1a 64 over numbers: what tells a damaged number of a row from a sound one. A plain value.
#pragma once
#include <cstdint>

namespace weir {

class NumberChecksum {
 public:
  void add(std::uint64_t value) {
    for (int i = 0; i < 8; ++i) hash_ = (hash_ ^ (value >> 8 * i & 0xff)) * 0x100'0000'01b3u;
  }
  std::uint64_t hash() const { return hash_; }

 private:
  std::uint64_t hash_ = 0xcbf2'9ce4'8422'2325u;
};

}  // namespace weir
