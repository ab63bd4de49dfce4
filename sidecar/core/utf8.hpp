// The well-formedness of UTF-8 (RFC 3629 section 4). Pure; any thread.
#pragma once
#include <cstddef>
#include <string_view>

namespace weir {

// Bytes of the well-formed sequence at the start of `text`, which is not empty; 0: there is none.
std::size_t utf8_length(std::string_view text);

}  // namespace weir
