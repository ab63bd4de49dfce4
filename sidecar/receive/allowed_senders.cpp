// Reads networks that may send from text.
#include "receive/allowed_senders.hpp"

namespace weir {

Result<std::vector<IpPrefix>> AllowedSenders::parse(const std::vector<std::string>& texts) {
  std::vector<IpPrefix> networks;
  for (const auto& text : texts) {
    const auto network = parse_ip_prefix(text);
    if (!network)
      return error("receive.allow: '" + text + "': " + network.error().message +
                   "; write networks such as 192.0.2.0/24 or 2001:db8::/32");
    networks.push_back(*network);
  }
  return networks;
}

}  // namespace weir
