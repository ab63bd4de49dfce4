// A sampling rate that an exporter announced, as the catalog keeps it. Plain value; any thread.
#pragma once
#include <cstdint>

#include "core/ip_address.hpp"

namespace weir {

struct RateCopy {
  IpAddress exporter;
  std::uint16_t source_port = 0;
  std::uint32_t domain = 0;
  std::uint8_t scope = 0;  // the decode stage's SamplingScope
  std::uint64_t id = 0;    // of what it holds for
  std::uint32_t rate = 0;
  std::int64_t booted_ms = 0;  // when the sender was started, by its own clock; 0: not known
};

}  // namespace weir
