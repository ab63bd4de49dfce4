// Bytes as hexadecimal digits. Pure; any thread.
#pragma once
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

}  // namespace weir
