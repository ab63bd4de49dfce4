// Codes of stored columns that people know by a text: MAC addresses, the direction of metering, the reason for
// the server. Pure functions; any thread.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "flow/field_catalog.hpp"

namespace weir {

// The type's values are shown as text.
bool is_coded_text(FieldType type);

// "DE", "02:00:00:00:00:05", "ingress", "port list"; "" for what was not said. Of coded types only.
std::string coded_text(FieldType type, std::uint64_t code);

// The reverse, without regard to case and in the other spellings that are known ("02-00-...", "in", "port_list");
// nothing for other text.
std::optional<std::uint64_t> code_of_text(FieldType type, std::string_view text);

}  // namespace weir
