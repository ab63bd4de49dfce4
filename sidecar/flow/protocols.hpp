// Names of IP protocols and of the ports that people type by name. Constant tables; any thread.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir {

// "tcp", "icmp6", …; "" for numbers without a name here.
std::string_view protocol_name(std::uint64_t number);

// A protocol name (any case, usual spellings) or nothing. Numbers are not names.
std::optional<std::uint8_t> parse_protocol_name(std::string_view text);

// The number of a protocol name or of decimal digits up to 255; nothing when it is neither.
std::optional<std::uint8_t> parse_protocol(std::string_view text);

// The port of a well-known service name (any case), or nothing.
std::optional<std::uint16_t> parse_service_port(std::string_view text);

}  // namespace weir
