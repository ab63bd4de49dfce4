// The values of a filter's tests: text to ranges of what is stored. Pure functions; any thread. Errors say what was
// expected; the parser adds where.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "core/time_text.hpp"
#include "query/filter.hpp"
#include "query/value_set.hpp"

namespace weir {

// FSRPAUEC or a number (RFC 9293 3.1; E and C: RFC 3168).
Result<std::uint64_t> parse_tcp_flags(std::string_view text);
// One of quality_words(), or the bits as a number.
Result<std::uint64_t> parse_quality(std::string_view text);
// The length of 255.255.255.0, or of 0.0.0.255 as routers write it; nothing for what is no netmask.
std::optional<int> parse_netmask(const IpAddress& mask);
// An address, a prefix (198.51.100/24 is 198.51.100.0/24), or first-last.
Result<AddressRange> parse_address_range(std::string_view text);

// Starts like a number, or is an address.
bool reads_as_value(std::string_view text);

// One value, or first-last where the field has an order, of a field of numbers. Counts, durations and times are those
// of core/count_text and core/time_text; a duration without a unit is in milliseconds.
Result<NumberRange> parse_number_range(FieldId field, std::string_view text, const TimeBasis& basis);

}  // namespace weir
