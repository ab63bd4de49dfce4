// Reads a UDP address to listen on from text.
#include <charconv>

#include "receive/udp_listener.hpp"

namespace weir {

Result<ListenAddress> parse_listen_address(std::string_view text) {
  const auto wrong = [&] {
    return error("'" + std::string(text) +
                 "' is not a UDP address: give a port (2055), address:port (192.0.2.1:2055) or [address]:port");
  };
  ListenAddress parsed{.text = std::string(text), .address = {}, .port = 0};
  std::string_view port = text;
  if (const auto colon = text.rfind(':'); colon != std::string_view::npos) {
    std::string_view address = text.substr(0, colon);
    port = text.substr(colon + 1);
    if (address.size() >= 2 && address.front() == '[' && address.back() == ']')
      address = address.substr(1, address.size() - 2);
    const auto ip = parse_ip_address(address);
    if (!ip) return wrong();
    if (*ip != IpAddress::any_v6()) parsed.address = *ip;  // unset: any address of both families
  }
  const auto [end, code] = std::from_chars(port.data(), port.data() + port.size(), parsed.port);
  if (code != std::errc{} || end != port.data() + port.size() || port.empty()) return wrong();
  return parsed;
}

}  // namespace weir
