// The tables: IANA "Assigned Internet Protocol Numbers" and "Service Name and Transport Protocol Port Number Registry".
#include "flow/protocols.hpp"

#include <algorithm>
#include <charconv>

namespace weir {

namespace {

struct Named {
  std::uint16_t number;
  std::string_view name;
};

// The first name of a number is the one shown.
constexpr Named kProtocols[] = {
    {0, "hopopt"},       {1, "icmp"},       {2, "igmp"},       {4, "ipip"},        {4, "ipencap"},     {6, "tcp"},
    {8, "egp"},          {9, "igp"},        {17, "udp"},       {33, "dccp"},       {41, "ipv6-encap"}, {41, "6in4"},
    {43, "ipv6-route"},  {44, "ipv6-frag"}, {46, "rsvp"},      {47, "gre"},        {50, "esp"},        {51, "ah"},
    {58, "icmp6"},       {58, "icmpv6"},    {58, "ipv6-icmp"}, {59, "ipv6-nonxt"}, {60, "ipv6-opts"},  {88, "eigrp"},
    {89, "ospf"},        {89, "ospfigp"},   {97, "etherip"},   {98, "encap"},      {103, "pim"},       {108, "ipcomp"},
    {112, "vrrp"},       {112, "carp"},     {115, "l2tp"},     {124, "isis"},      {132, "sctp"},      {136, "udplite"},
    {137, "mpls-in-ip"},
};

constexpr Named kServices[] = {
    {20, "ftp-data"},    {21, "ftp"},          {22, "ssh"},          {23, "telnet"},        {25, "smtp"},
    {53, "domain"},      {53, "dns"},          {67, "bootps"},       {68, "bootpc"},        {69, "tftp"},
    {80, "http"},        {88, "kerberos"},     {110, "pop3"},        {111, "sunrpc"},       {123, "ntp"},
    {137, "netbios-ns"}, {139, "netbios-ssn"}, {143, "imap"},        {161, "snmp"},         {162, "snmptrap"},
    {179, "bgp"},        {389, "ldap"},        {443, "https"},       {445, "microsoft-ds"}, {445, "smb"},
    {514, "syslog"},     {587, "submission"},  {636, "ldaps"},       {853, "domain-s"},     {993, "imaps"},
    {995, "pop3s"},      {1194, "openvpn"},    {1433, "ms-sql-s"},   {2049, "nfs"},         {3306, "mysql"},
    {3389, "rdp"},       {5060, "sip"},        {5432, "postgresql"}, {5900, "vnc"},         {6379, "redis"},
    {8080, "http-alt"},  {8443, "https-alt"},
};

bool same_word(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [&](char x, char y) { return lower(x) == lower(y); });
}

template <std::size_t N>
std::optional<std::uint16_t> number_of(const Named (&table)[N], std::string_view text) {
  for (const auto& entry : table) {
    if (same_word(entry.name, text)) return entry.number;
  }
  return std::nullopt;
}

}  // namespace

std::string_view protocol_name(std::uint64_t number) {
  for (const auto& entry : kProtocols) {
    if (entry.number == number) return entry.name;
  }
  return "";
}

std::optional<std::uint8_t> parse_protocol_name(std::string_view text) {
  const auto number = number_of(kProtocols, text);
  return number ? std::optional(static_cast<std::uint8_t>(*number)) : std::nullopt;
}

std::optional<std::uint8_t> parse_protocol(std::string_view text) {
  if (const auto named = parse_protocol_name(text)) return named;
  std::uint8_t number = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (code != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<std::uint16_t> parse_service_port(std::string_view text) { return number_of(kServices, text); }

}  // namespace weir
