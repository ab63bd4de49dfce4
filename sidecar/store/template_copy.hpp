// A flow template as the catalog keeps it: the decode stage's bytes and what tells it apart. Plain value; any thread.
#pragma once
#include <cstdint>
#include <vector>

#include "core/ip_address.hpp"

namespace weir {

struct TemplateCopy {
  IpAddress exporter;
  std::uint16_t source_port = 0;  // 0: an earlier version did not note it
  std::uint32_t domain = 0;
  std::uint16_t version = 0;  // 9 or 10
  bool options = false;
  std::int64_t booted_ms = 0;        // when the sender was started, by its own clock; 0: not known
  std::vector<std::uint8_t> record;  // as it came; begins with the template id (RFC 7011 3.4.1, RFC 3954 5.2)

  std::uint16_t id() const { return record.size() < 2 ? 0 : static_cast<std::uint16_t>(record[0] << 8 | record[1]); }
};

}  // namespace weir
