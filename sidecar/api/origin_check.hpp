// Which names a request may call us by, and which pages may open a WebSocket: against pages of other sites that reach a
// collector on loopback through the browser (DNS rebinding). Plain functions; any thread.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace weir {

// "example.org:8710" → "example.org", "[::1]:8710" → "::1"; small letters.
std::string host_name_of(std::string_view host_header);

// The host header of a request to a listener on loopback: a loopback name or address, or the host of an allowed origin.
// None at all is fine: browsers always send one.
bool is_allowed_host(std::string_view host_header, const std::vector<std::string>& allowed_origins);

// The Origin header of a WebSocket: none, the same host and port as the Host header's, or one of the list.
bool is_allowed_origin(std::string_view origin, std::string_view host_header,
                       const std::vector<std::string>& allowed_origins);

// What a browser can send as Origin: http or https, a host, perhaps a port, and no path.
bool is_origin(std::string_view text);

}  // namespace weir
