// Flow against SNMP: what the ratio of both says about one interface, in words, and how to mend it. Pure; any thread.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace weir {

enum class VerdictKind : std::uint8_t {
  kFine,
  kSamplingNotAnnounced,
  kRateWrong,
  kCountedTwice,
  kLoss,
  kIndexMismatch,
  kNoFlows,
  kNotExported,
  kOneWay,
  kPartMissing
};

// Something is wrong, and a problem of the monitor tells of it.
bool is_problem(VerdictKind kind);

struct InterfaceVerdict {
  VerdictKind kind = VerdictKind::kFine;
  double ratio = 0;  // octets of flows by octets of SNMP, both ways
  std::string text;  // at most 255 bytes, begins with the kind
};

// Over the same stretch of time.
struct WayComparison {
  double flow_octets = 0;  // as on the wire: with the frames that SNMP counts and flows do not
  double snmp_octets = 0;
};
struct InterfaceComparison {
  std::optional<WayComparison> in, out;  // none: Zabbix has no counter of it
  std::uint32_t sampling = 0;            // in force, 1 in N; 0: nobody said
  double loss = 0;                       // of the exporter, 0 to 1
  bool had_flows = true;                 // the interface was in flows lately, or is
  std::optional<std::uint32_t>
      other_index;  // flows of this ifIndex, which is not that of the interface, fit its counters
};

// None when there is too little traffic to say anything.
std::optional<InterfaceVerdict> judge_interface(const InterfaceComparison& comparison);

// Both sums agree as far as measuring lets them.
bool is_close(double flow_octets, double snmp_octets);

}  // namespace weir
