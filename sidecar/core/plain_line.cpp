// Replaces every character that is not plain.
#include "core/plain_line.hpp"

#include "core/utf8.hpp"

namespace weir {

std::string plain_line(std::string_view text, std::size_t max) {
  std::string line;
  for (std::size_t at = 0; at < text.size();) {
    const auto length = utf8_length(text.substr(at));
    const auto c = static_cast<unsigned char>(text[at]);
    // C0, DEL, C1 controls, and the Unicode line and paragraph separators.
    const bool control = c < 0x20 || c == 0x7f ||
                         (c == 0xc2 && length == 2 && static_cast<unsigned char>(text[at + 1]) < 0xa0) ||
                         (length == 3 && (text.substr(at, 3) == "\u2028" || text.substr(at, 3) == "\u2029"));
    const auto piece = length == 0 ? std::string_view("?") : control ? std::string_view(" ") : text.substr(at, length);
    if (line.size() + piece.size() > max) break;
    line += piece;
    at += length == 0 ? 1 : length;
  }
  return line;
}

}  // namespace weir
