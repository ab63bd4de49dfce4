// "1 host", "3 hosts": how many there are of something, in words for people. Pure; any thread.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace weir {

// `one` and `many` go as far as the number decides: "host has", "hosts have".
inline std::string counted(std::uint64_t n, std::string_view one, std::string_view many) {
  return std::to_string(n) + " " + std::string(n == 1 ? one : many);
}

}  // namespace weir
