// Bytes as hexadecimal digits. Pure; any thread.
#pragma once
#include <cstdint>
#include <span>
#include <string>

namespace weir {

// Two digits a byte, a to f small.
inline std::string hex_text(std::span<const unsigned char> bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const auto byte : bytes) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

// "02:00:5e:10:00:01" of the low 48 bits.
inline std::string mac_text(std::uint64_t mac) {
  std::string text;
  for (int shift = 40; shift >= 0; shift -= 8) {
    const auto byte = static_cast<unsigned char>(mac >> shift);
    text += (text.empty() ? "" : ":") + hex_text({&byte, 1});
  }
  return text;
}

}  // namespace weir
