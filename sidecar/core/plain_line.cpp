// UTF-8 is checked by RFC 3629, byte by byte.
#include "core/plain_line.hpp"

namespace weir {

namespace {

// Length of the well-formed sequence at `at`; 0: none.
std::size_t utf8_length(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  const auto tail = [&](std::size_t i) { return (byte(i) & 0xc0) == 0x80; };
  const unsigned b = byte(at);
  if (b < 0x80) return 1;
  if (b >= 0xc2 && b <= 0xdf) return tail(at + 1) ? 2 : 0;
  if (b >= 0xe0 && b <= 0xef) {
    const unsigned second = byte(at + 1);
    const bool good = tail(at + 1) && tail(at + 2) && !(b == 0xe0 && second < 0xa0) && !(b == 0xed && second > 0x9f);
    return good ? 3 : 0;
  }
  if (b >= 0xf0 && b <= 0xf4) {
    const unsigned second = byte(at + 1);
    const bool good = tail(at + 1) && tail(at + 2) && tail(at + 3) && !(b == 0xf0 && second < 0x90) && !(b == 0xf4 && second > 0x8f);
    return good ? 4 : 0;
  }
  return 0;
}

}  // namespace

std::string plain_line(std::string_view text, std::size_t max) {
  std::string line;
  for (std::size_t at = 0; at < text.size();) {
    const auto length = utf8_length(text, at);
    const auto c = static_cast<unsigned char>(text[at]);
    // C0, DEL, C1 controls, and the Unicode line and paragraph separators.
    const bool control = c < 0x20 || c == 0x7f || (c == 0xc2 && length == 2 && static_cast<unsigned char>(text[at + 1]) < 0xa0) ||
                         (length == 3 && (text.substr(at, 3) == "\u2028" || text.substr(at, 3) == "\u2029"));
    const auto piece = length == 0 ? std::string_view("?") : control ? std::string_view(" ") : text.substr(at, length);
    if (line.size() + piece.size() > max) break;
    line += piece;
    at += length == 0 ? 1 : length;
  }
  return line;
}

}  // namespace weir
