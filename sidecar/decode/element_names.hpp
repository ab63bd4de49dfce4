// Names of information elements, to show records to people: IANA's registry "IPFIX Information Elements", whose first
// numbers are those of NetFlow v9. Decoding itself goes by schemas/fields.json. Constant data; any thread.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace weir {

// "octetDeltaCount"; "" for a number without a name here. IANA's elements only.
std::string_view iana_element_name(std::uint16_t ie);
// With the enterprise: "octetDeltaCount", "reverse octetDeltaCount" (RFC 5103), "element 9:12233", "element 999".
std::string element_name(std::uint32_t pen, std::uint16_t ie);

}  // namespace weir
