// Which information element feeds which member of a record: the generated table, searched. NetFlow v9 and IPFIX share
// it (RFC 7011 keeps the v9 numbers). Constant data; any thread.
#pragma once
#include <cstdint>

#include "flow/element_table.hpp"

namespace weir {

// Elements of the reverse direction of a biflow: the same numbers under this enterprise (RFC 5103 6.1).
inline constexpr std::uint32_t kReversePen = 29305;

// nullptr when nothing of the element is stored. `pen` 0 is IANA.
const ElementInfo* find_element(std::uint32_t pen, std::uint16_t ie);

}  // namespace weir
