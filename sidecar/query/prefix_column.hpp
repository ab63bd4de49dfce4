// The prefix of an address as a derived column: how many bits it keeps is the query's to say.
#pragma once
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "query/derived_column.hpp"

namespace weir {

const DerivedColumn& prefix_column();

// "24": of IPv4, as it is not more than 32; "56": of IPv6; "24/56": of both. What is not said stays as it is in
// `lengths`.
Result<PrefixLengths> parse_prefix_lengths(std::string_view text, PrefixLengths lengths = {});

}  // namespace weir
