// Text that came from somewhere else, made harmless for a line of a log, a message or a file. Pure; any thread.
#pragma once
#include <string>
#include <string_view>

namespace weir {

// One line of valid UTF-8: control characters and line breaks become blanks, bad bytes '?'; cut at `max` bytes.
std::string plain_line(std::string_view text, std::size_t max);

}  // namespace weir
