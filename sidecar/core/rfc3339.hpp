// Moments as machines write them to each other (RFC 3339 5.6). Pure; any thread.
#pragma once
#include <cstdint>
#include <string>

namespace weir {

// Milliseconds UTC as 2026-11-23T02:55:10.250Z.
std::string rfc3339_text(std::int64_t ms);

}  // namespace weir
