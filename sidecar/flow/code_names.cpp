// One table for each registry.
#include "flow/code_names.hpp"

#include <algorithm>
#include <span>

namespace weir {

namespace {

struct CodeName {
  std::uint64_t code;
  std::string_view name;
};

constexpr CodeName kEndReasons[] = {
    {1, "idle timeout"}, {2, "active timeout"}, {3, "end of flow"}, {4, "forced end"}, {5, "lack of resources"}};
constexpr CodeName kForwarding[] = {
    {64, "forwarded"},
    {65, "forwarded, fragmented"},
    {66, "forwarded, not fragmented"},
    {128, "dropped"},
    {129, "dropped: ACL deny"},
    {130, "dropped: ACL drop"},
    {131, "dropped: unroutable"},
    {132, "dropped: adjacency"},
    {133, "dropped: fragmentation needed"},
    {134, "dropped: bad header checksum"},
    {135, "dropped: bad total length"},
    {136, "dropped: bad header length"},
    {137, "dropped: bad TTL"},
    {138, "dropped: policer"},
    {139, "dropped: WRED"},
    {140, "dropped: RPF"},
    {141, "dropped: for us"},
    {142, "dropped: bad output interface"},
    {143, "dropped: hardware"},
    {192, "consumed"},
    {193, "consumed: punt adjacency"},
    {194, "consumed: incomplete adjacency"},
    {195, "consumed: for us"},
};
constexpr CodeName kFirewallEvents[] = {{1, "created"}, {2, "deleted"}, {3, "denied"}, {4, "alert"}, {5, "update"}};
constexpr CodeName kNatEvents[] = {
    {1, "translation created"},    {2, "translation deleted"},      {3, "addresses exhausted"},
    {4, "NAT44 session created"},  {5, "NAT44 session deleted"},    {6, "NAT64 session created"},
    {7, "NAT64 session deleted"},  {8, "NAT44 binding created"},    {9, "NAT44 binding deleted"},
    {10, "NAT64 binding created"}, {11, "NAT64 binding deleted"},   {12, "ports exhausted"},
    {13, "quota exceeded"},        {14, "address binding created"}, {15, "address binding deleted"},
    {16, "port block allocated"},  {17, "port block released"},     {18, "threshold reached"},
};

std::string_view name_in(std::span<const CodeName> names, std::uint64_t code) {
  const auto at = std::find_if(names.begin(), names.end(), [&](const CodeName& n) { return n.code == code; });
  return at == names.end() ? std::string_view() : at->name;
}

}  // namespace

std::string_view end_reason_name(std::uint64_t code) { return name_in(kEndReasons, code); }
std::string_view forwarding_name(std::uint64_t code) { return name_in(kForwarding, code); }
std::string_view firewall_event_name(std::uint64_t code) { return name_in(kFirewallEvents, code); }
std::string_view nat_event_name(std::uint64_t code) { return name_in(kNatEvents, code); }

}  // namespace weir
