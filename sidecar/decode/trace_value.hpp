// One field's bytes as text, by what its name says of them: addresses, times, names, numbers. Pure functions.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace weir {

// 2026-11-23 02:55:10.123 UTC
std::string trace_time(std::int64_t ms);
// "de ad be ef", at most 64 bytes of them.
std::string trace_hex(std::span<const std::uint8_t> bytes);
std::string trace_value(std::string_view name, std::span<const std::uint8_t> bytes);

}  // namespace weir
