// What numbers mean that exporters send as codes of IANA's registries. "" where a number has no meaning. Constant data;
// any thread.
#pragma once
#include <cstdint>
#include <string_view>

namespace weir {

// IE 136: why a flow was reported.
std::string_view end_reason_name(std::uint64_t code);
// IE 89 (RFC 7270 4.12): whether a packet was forwarded, dropped or consumed, and why.
std::string_view forwarding_name(std::uint64_t code);
// IE 233: what a firewall did.
std::string_view firewall_event_name(std::uint64_t code);
// IE 230 (RFC 8158): what a translator did.
std::string_view nat_event_name(std::uint64_t code);

}  // namespace weir
