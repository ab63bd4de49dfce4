// The values of a filter's tests: text to ranges of what is stored. Pure functions; any thread. Errors say what was
// expected; the parser adds where.
#pragma once
#include <cstdint>
#include <string_view>

#include "core/result.hpp"
#include "query/filter.hpp"
#include "query/value_set.hpp"

namespace weir {

// 1000, 0x1f, 1.5M, 10Ki: decimal with k, M, G, T (powers of 1000) or Ki, Mi, Gi, Ti (of 1024), a trailing B allowed.
Result<std::uint64_t> parse_scaled_number(std::string_view text);
// Milliseconds: 250ms, 90s, 5m, 2h, 1d, 1.5h; without a unit, milliseconds.
Result<std::uint64_t> parse_duration_ms(std::string_view text);
// Epoch milliseconds UTC: 2026-01-31, 2026-01-31T10:00, …T10:00:00.250, with Z or +01:00 (none: UTC), or epoch
// milliseconds as a number.
Result<std::uint64_t> parse_time_ms(std::string_view text);
// FSRPAUEC or a number (RFC 9293 3.1; E and C: RFC 3168).
Result<std::uint64_t> parse_tcp_flags(std::string_view text);
// An address, a prefix, or first-last.
Result<AddressRange> parse_address_range(std::string_view text);

// One value, or first-last where the field has an order, of a field of numbers.
Result<NumberRange> parse_number_range(FieldId field, std::string_view text);

}  // namespace weir
