// Octets and packets of each interface out of the stored flows, sampling accounted for. Any thread; a query like
// others.
#pragma once
#include <atomic>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "core/ip_address.hpp"
#include "core/result.hpp"
#include "query/query.hpp"

namespace weir {

struct WayTraffic {
  std::uint64_t octets = 0;
  Series series;  // empty when no buckets were asked for
};
struct InterfaceTraffic {
  WayTraffic in, out;  // received and sent by the interface
};
// By exporter and ifIndex; without ifIndex 0, which stands for none (RFC 2863 3.1.5).
using TrafficMap = std::map<std::pair<IpAddress, std::uint32_t>, InterfaceTraffic>;

// The error is the query's, or that of a store that cannot be read.
Result<TrafficMap> read_interface_traffic(Store& store, const std::vector<IpAddress>& exporters, const TimeRange& range,
                                          std::uint32_t buckets, const std::atomic<bool>* cancelled);

}  // namespace weir
