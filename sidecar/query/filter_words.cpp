// Fields come from the catalogue; other names for them are listed here.
#include "query/filter_words.hpp"

#include <algorithm>
#include <vector>

namespace weir {

namespace {

struct OtherName {
  std::string_view word;
  FieldId field;
  FilterEnds ends = FilterEnds::kAny;
};
constexpr OtherName kOtherNames[] = {
    {.word = "proto", .field = FieldId::kProtocol},
    {.word = "bytes", .field = FieldId::kOctets},
    {.word = "pkts", .field = FieldId::kPackets},
    {.word = "net", .field = FieldId::kHost},
    {.word = "if", .field = FieldId::kInterface},
    {.word = "iface", .field = FieldId::kInterface},
    {.word = "app", .field = FieldId::kApplication},
    {.word = "flags", .field = FieldId::kTcpFlags},
    {.word = "nexthop", .field = FieldId::kNextHop},
    {.word = "dir", .field = FieldId::kDirection},
    {.word = "ether", .field = FieldId::kMac},
    {.word = "asn", .field = FieldId::kAs},
    {.word = "sport", .field = FieldId::kPort, .ends = FilterEnds::kSending},
    {.word = "dport", .field = FieldId::kPort, .ends = FilterEnds::kReceiving},
    {.word = "flowdir", .field = FieldId::kDirection},
    {.word = "icmp-type", .field = FieldId::kIcmpType},
    {.word = "icmp-code", .field = FieldId::kIcmpCode},
    {.word = "nip", .field = FieldId::kNat},
    {.word = "nport", .field = FieldId::kNatPort},
};
// Words of nfdump and tcpdump for what is asked in another way, or is not stored.
struct ForeignWord {
  std::string_view word, instead;
};
constexpr std::string_view kRates =
    "rates of single sessions are not asked; ask octets, packets and duration, such as 'octets > 1M and duration < "
    "10s', or --buckets";
constexpr std::string_view kNotStored = "it is not stored";
constexpr ForeignWord kForeignWords[] = {
    {"bps", kRates},
    {"pps", kRates},
    {"bpp", kRates},
    {"prev", "write 'src as' or 'dst as'"},
    {"next", "write 'next ip' or 'next_hop' for the next hop, 'dst as' for its AS"},
    {"router", "write 'exporter'"},
    {"engine", "write 'exporter'"},
    {"engine-type", "write 'exporter'"},
    {"engine-id", "write 'exporter'"},
    {"sysid", "write 'exporter'"},
    {"ident", "write 'exporter'"},
    {"inet", "write 'ip'"},
    {"inet6", "write 'ip6'"},
    {"less", "write 'octets <'"},
    {"greater", "write 'octets >'"},
    {"portrange", "write 'port 1000-2000'"},
    {"bgpnext", kNotStored},
    {"bgpnexthop", kNotStored},
    {"mpls", kNotStored},
    {"fwdstat", kNotStored},
    {"vrf", kNotStored},
    {"payload", kNotStored},
    {"event", kNotStored},
    {"xevent", kNotStored},
    {"ttl", kNotStored},
    {"observation", kNotStored},
    {"geo", "write 'country'"},
    {"gateway", "write 'next_hop'"},
    {"broadcast", "write 'host 255.255.255.255'"},
    {"multicast", "write 'net 224.0.0.0/4' or 'net ff00::/8'"}};
constexpr std::string_view kOtherWords[] = {"and", "or",  "not",          "src", "dst", "in",   "out",  "ip",
                                            "ip6", "any", "conversation", "tcp", "udp", "icmp", "icmp6"};

}  // namespace

std::optional<FieldWord> find_field_word(std::string_view word) {
  for (const auto& field : kFields) {
    if (field.filter && field.word == word) return FieldWord{.field = field.id};
  }
  for (const auto& name : kOtherNames) {
    if (name.word == word) return FieldWord{.field = name.field, .ends = name.ends};
  }
  return std::nullopt;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  // Three rows of the table of optimal string alignment.
  std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    std::swap(before, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

std::string suggest_words(std::string_view word) {
  for (const auto& foreign : kForeignWords) {
    if (foreign.word == word) return "; " + std::string(foreign.instead);
  }
  std::vector<std::pair<std::size_t, std::string_view>> near;
  const std::size_t tolerated = word.size() <= 3 ? 1 : 2;
  const auto consider = [&](std::string_view candidate) {
    if (word.size() > candidate.size() + tolerated) return;
    if (const auto distance = edit_distance(word, candidate); distance <= tolerated)
      near.emplace_back(distance, candidate);
  };
  for (const auto& field : kFields) {
    if (field.filter) consider(field.word);
  }
  for (const auto& name : kOtherNames) consider(name.word);
  for (const auto other : kOtherWords) consider(other);
  if (near.empty())
    return "; expected a word such as host, port, protocol, exporter, in_if, vlan, as, bytes, duration, src, dst, not "
           "or (";
  std::stable_sort(near.begin(), near.end(), [](const auto& x, const auto& y) { return x.first < y.first; });
  if (near.size() > 3) near.resize(3);
  std::string text = "; did you mean ";
  for (std::size_t i = 0; i < near.size(); ++i) {
    if (i > 0) text += i + 1 == near.size() ? " or " : ", ";
    text += "'" + std::string(near[i].second) + "'";
  }
  return text + "?";
}

}  // namespace weir
