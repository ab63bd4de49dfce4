// What tells a capture from every other one, so that the same one is not counted twice. Any thread.
#pragma once
#include <string>

namespace weir {

// SHA-256 of the file's content, in hexadecimal. Throws std::runtime_error when the file cannot be read.
std::string capture_fingerprint(const std::string& path);

}  // namespace weir
