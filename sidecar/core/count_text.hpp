// Counts as people write them: 1500, 0x1f, 10k, 1.5M, 1MB, 2Gi, 1e6. The one grammar of filters, rules and commands.
// Pure functions; any thread.
#pragma once
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>

#include "core/result.hpp"

namespace weir {

// "0x1f" or decimal digits, nothing else.
std::optional<std::uint64_t> parse_whole_number(std::string_view text);

// "12.5" or "1.5e3" times `unit`, exact and then rounded down; nothing when it is no such number or too large.
std::optional<std::uint64_t> parse_decimal_times(std::string_view digits, std::uint64_t unit);

// How many letters at the front of `text` are a decimal number; 0: none.
std::size_t decimal_length(std::string_view text);

// What may stand behind the number and its prefix, in its own letters: "B", "bit/s". Nothing is always allowed.
using UnitNames = std::initializer_list<std::string_view>;

// k, M, G, T, P, E are powers of 1000 and Ki to Ei of 1024, in either case; blanks may stand before them. A whole
// number: "1.5" is an error, "1.1Ki" is rounded down.
Result<std::uint64_t> parse_count(std::string_view text, UnitNames units = {});
// The same with a fraction.
Result<double> parse_amount(std::string_view text, UnitNames units = {});

}  // namespace weir
