// What scripts call things in flows: applications and networks, as one set that a query holds while it runs. Immutable;
// any thread.
#pragma once
#include "flow/application_table.hpp"
#include "flow/network_table.hpp"

namespace weir {

struct TrafficNames {
  ApplicationTable applications;
  NetworkTable networks;
};

}  // namespace weir
