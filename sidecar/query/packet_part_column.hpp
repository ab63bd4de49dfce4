// Parts of stored numbers as derived columns: the DSCP of a type of service, the type and the code of ICMP.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "query/derived_column.hpp"

namespace weir {

const DerivedColumn& dscp_column();
const DerivedColumn& icmp_type_column();
const DerivedColumn& icmp_code_column();

// RFC 2474 4.2.2 and 8.1: class selectors; RFC 2597 6: assured forwarding; RFC 3246; RFC 5865; RFC 8622. A name or a
// number up to 63.
std::optional<std::uint64_t> parse_dscp(std::string_view text);
// "ef", "af41", "cs3", "be"; "" when the number has no name.
std::string dscp_name(std::uint64_t dscp);

}  // namespace weir
