// The causes are tried from the one that leaves the clearest trace to the one that leaves none.
#include "monitor/interface_verdict.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <vector>

namespace weir {

namespace {

constexpr double kFineLow = 0.8, kFineHigh = 1.25;
constexpr double kNothing = 0.05;  // less is none
constexpr double kTwiceLow = 1.7, kTwiceHigh = 2.4;
constexpr double kMinOctets = 1e6;          // of SNMP, both ways
constexpr double kMinWayOctets = 2e5;       // of SNMP, for a way to be judged by itself
constexpr double kMinSampledPackets = 100;  // below, chance decides
constexpr double kLargePacket = 1500;
constexpr double kMinLoss = 0.02;

std::string number(double value, int decimals) {
  char text[64];
  return std::string(text, std::to_chars(text, text + sizeof text, value, std::chars_format::fixed, decimals).ptr);
}
std::string whole(double value) { return number(std::round(value), 0); }
// "98 % of", "3.1 times", "1/100 of".
std::string compared(double ratio) {
  if (ratio >= 1.5) return number(ratio, 1) + " times";
  if (ratio < 0.5 && ratio > 0) return "1/" + whole(1 / ratio) + " of";
  return whole(ratio * 100) + " % of";
}

bool within(double value, double low, double high) { return value >= low && value <= high; }

}  // namespace

bool is_problem(VerdictKind kind) {
  switch (kind) {
    case VerdictKind::kFine:
    case VerdictKind::kNotExported: return false;
    case VerdictKind::kSamplingNotAnnounced:
    case VerdictKind::kRateWrong:
    case VerdictKind::kCountedTwice:
    case VerdictKind::kLoss:
    case VerdictKind::kIndexMismatch:
    case VerdictKind::kNoFlows:
    case VerdictKind::kOneWay:
    case VerdictKind::kPartMissing: return true;
  }
  return true;
}

bool is_close(double flow_octets, double snmp_octets) {
  return snmp_octets > 0 && within(flow_octets / snmp_octets, kFineLow, kFineHigh);
}

std::optional<InterfaceVerdict> judge_interface(const InterfaceComparison& c) {
  double flow = 0, snmp = 0;
  std::vector<double> ways;
  for (const auto& way : {c.in, c.out}) {
    if (!way) continue;
    flow += way->flow_octets;
    snmp += way->snmp_octets;
    if (way->snmp_octets >= kMinWayOctets) ways.push_back(way->flow_octets / way->snmp_octets);
  }
  const double rate = std::max(1.0, static_cast<double>(c.sampling));
  if (snmp < kMinOctets || ways.empty() || snmp / kLargePacket / rate < kMinSampledPackets) return std::nullopt;
  const double r = flow / snmp;
  const auto [low, high] = std::minmax_element(ways.begin(), ways.end());
  const auto say = [&](VerdictKind kind, const std::string& text) {
    return InterfaceVerdict{.kind = kind, .ratio = r, .text = text};
  };
  const auto are = "flows are " + compared(r) + " SNMP";

  if (*low >= kFineLow && *high <= kFineHigh) return say(VerdictKind::kFine, "fine: " + are);
  if (r < kNothing && c.other_index) {
    return say(VerdictKind::kIndexMismatch,
               "index mismatch: the traffic of this interface is in flows of interface " +
                   std::to_string(*c.other_index) +
                   "; keep ifIndex over restarts (snmp ifmib ifindex persist), then restart the flow export");
  }
  const bool is_even = *low > 0 && *high / *low < 1.6;
  if (c.sampling == 0 && is_even && r < 0.6) {
    const auto n = whole(1 / r);
    return say(VerdictKind::kSamplingNotAnnounced,
               "sampling not announced: " + are +
                   "; let the device export its sampling options, or set the sampling of this exporter to " + n);
  }
  if (flow <= 0 || r < kNothing / rate) {
    if (!c.had_flows)
      return say(VerdictKind::kNotExported,
                 "not exported: SNMP counts traffic, and no flows have named this interface lately; if it should be "
                 "seen, switch flow export on for it");
    return say(VerdictKind::kNoFlows,
               "no flows any more: SNMP counts traffic, and flows named this interface until lately; see whether flow "
               "export is still on for it, in and out or on all others");
  }
  if (ways.size() == 2 && *low < kNothing && *high >= kFineLow) {
    const bool is_in = c.in && c.in->flow_octets / std::max(1.0, c.in->snmp_octets) < kNothing;
    return say(VerdictKind::kOneWay,
               std::string("one way only: what this interface ") + (is_in ? "receives" : "sends") +
                   " is in no flows; switch flow export on for incoming traffic of every interface of the device");
  }
  if (*high <= kFineHigh && c.loss >= kMinLoss && is_close(flow / (1 - std::min(c.loss, 0.99)), snmp)) {
    return say(VerdictKind::kLoss, "loss: " + are + ", as " + number(c.loss * 100, 1) +
                                       " % of what the exporter sends is lost; look at its drops and at those of the "
                                       "path, raise receive.socket_buffer_bytes");
  }
  if (within(*high, kTwiceLow, kTwiceHigh)) {
    return say(
        VerdictKind::kCountedTwice,
        "counted in and out: " + are +
            "; flows are exported where they enter and again where they leave: let the device export one of both");
  }
  if (is_even && (r >= 1.5 || r <= 0.6)) {
    const bool doubled = c.sampling > 1 && within(r / rate, 0.7, 1.4);
    const auto right = std::max(1.0, std::round(rate / r));
    return say(VerdictKind::kRateWrong,
               "rate wrong by " + (r > 1 ? number(r, r < 10 ? 1 : 0) : number(1 / r, 1 / r < 10 ? 1 : 0)) + ": " + are +
                   " at sampling " + whole(rate) + (doubled ? ", so the device multiplies itself" : "") +
                   "; set the sampling of this exporter to " + number(right, 0));
  }
  if (*high > kFineHigh) {
    return say(
        VerdictKind::kCountedTwice,
        "counted in and out: " + are +
            ", so some traffic is in flows twice; export where it enters on all interfaces, or where it leaves on all");
  }
  return say(VerdictKind::kPartMissing,
             "part missing: " + are + "; traffic that is not IP, a full flow cache, or interfaces without flow export");
}

}  // namespace weir
