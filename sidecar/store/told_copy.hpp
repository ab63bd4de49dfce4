// What an exporter told of itself, as the catalog keeps it. Plain value; any thread.
#pragma once
#include <cstdint>
#include <string>

#include "core/ip_address.hpp"
#include "flow/told_names.hpp"

namespace weir {

struct ToldCopy {
  IpAddress exporter;
  ToldKind kind = ToldKind::kInterfaceName;
  std::uint64_t id = 0;
  std::string text;
};

}  // namespace weir
