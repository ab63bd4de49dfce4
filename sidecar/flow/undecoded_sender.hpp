// Somebody who sends what is no protocol that is decoded. A plain value.
#pragma once
#include <cstdint>
#include <string>

#include "core/ip_address.hpp"

namespace weir {

struct UndecodedSender {
  IpAddress address;
  std::uint16_t port = 0;  // ours
  std::string what;        // "NetFlow v8"
  std::string hint;        // what can be done
  std::uint64_t datagrams = 0;
  std::int64_t first_ms = 0, last_ms = 0;
};

}  // namespace weir
