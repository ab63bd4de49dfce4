// Addresses of a name by the system's resolver, which cannot be interrupted: it works on a thread of its own, and is
// left to itself when it takes too long. Any thread; blocks.
#pragma once
#include <boost/asio/ip/address.hpp>
#include <vector>

#include "exchange/socket_exchange.hpp"

namespace weir {

struct ResolvedAddresses {
  std::vector<boost::asio::ip::address> addresses;  // never empty
  unsigned short port = 0;
};
// The error names host, port and the reason.
Result<ResolvedAddresses> look_up(const HostPort& to, const ExchangeLimit& limit);

}  // namespace weir
