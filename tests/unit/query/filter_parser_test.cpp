// The filter language: what texts mean, and what is said about texts that mean nothing.
#include <algorithm>

#include "query/filter.hpp"
#include "support/catch.hpp"
#include "unit/query/filter_text.hpp"

using namespace weir;
using weir::testing::filter_text;

namespace {

std::string parsed(const std::string& text) {
  const auto filter = parse_filter(text);
  return filter ? filter_text(*filter)
                : "column " + std::to_string(filter.error().column) + ": " + filter.error().message;
}

void check_all(std::initializer_list<std::pair<std::string, std::string>> cases) {
  for (const auto& [text, meaning] : cases) {
    CAPTURE(text);
    CHECK(parsed(text) == meaning);
  }
}

}  // namespace

TEST_CASE("a filter is tests joined by and, or, not and brackets") {
  check_all({
      {"", "any"},
      {"  \t\n ", "any"},
      {"any", "any"},
      {"port 80", "port 80"},
      {"port 80 vlan 3", "(port 80 and vlan 3)"},
      {"port 80 and vlan 3 or tos 4", "((port 80 and vlan 3) or tos 4)"},
      {"port 80 or vlan 3 and tos 4", "(port 80 or (vlan 3 and tos 4))"},
      {"port 80 && (vlan 3 || tos 4)", "(port 80 and (vlan 3 or tos 4))"},
      {"not port 80 vlan 3", "(not port 80 and vlan 3)"},
      {"!port 80 and !(vlan 3)", "(not port 80 and not vlan 3)"},
      {"NOT Port 80 AND Vlan 3", "(not port 80 and vlan 3)"},
      {"host 10.0.0.0/8 and not (port 443 or proto udp) and bytes > 1M and exporter edge-1 in if 3",
       "(host 10.0.0.0-10.255.255.255 and not (port 443 or protocol 17) and octets 1000001-max and exporter 'edge-1' "
       "and in_if 3)"},
  });
}

TEST_CASE("a conversation is of two addresses, whichever is the client") {
  const char* both = "((client 10.0.0.1 and server 10.0.0.2) or (client 10.0.0.2 and server 10.0.0.1))";
  check_all({
      {"conversation 10.0.0.1 10.0.0.2", both},
      {"conversation 10.0.0.1,10.0.0.2", both},
      {"Conversation 10.0.0.1 and 10.0.0.2", both},
      {"conversation 10.0.0.1 10.0.0.2 port 80", "(" + std::string(both) + " and port 80)"},
      {"not conversation 10.0.0.1 10.0.0.2", "not " + std::string(both)},
      {"conversation 10.0.0.1",
       "column 22: expected two addresses for 'conversation', such as conversation 10.0.0.1 10.0.0.2 at column 22, "
       "found the end"},
  });
  CHECK(parsed("conversation 10.0.0.1 port 80").find("column 23: expected an address or prefix") == 0);
}

TEST_CASE("fields have other names and ends") {
  check_all({
      {"proto 6", "protocol 6"},
      {"proto tcp", "protocol 6"},
      {"tcp", "protocol 6"},
      {"not udp", "not protocol 17"},
      {"icmp6 or gre or esp or ospf or sctp",
       "(protocol 58 or protocol 47 or protocol 50 or protocol 89 or protocol 132)"},
      {"icmp", "protocol 1"},
      {"icmp 2048", "icmp 2048"},
      {"icmp = 8", "icmp 8"},
      {"icmp host 10.1.1.1", "(protocol 1 and host 10.1.1.1)"},
      {"tcp port 80", "(protocol 6 and port 80)"},
      {"src host 10.1.1.1", "src host 10.1.1.1"},
      {"src 10.1.1.1", "src host 10.1.1.1"},
      {"dst net 10.1.0.0/16", "dst host 10.1.0.0-10.1.255.255"},
      {"src ip 2001:db8::1", "src host 2001:db8::1"},
      {"dst port 53", "dst port 53"},
      {"src as 64500 dst as AS64501", "(src as 64500 and dst as 64501)"},
      {"src or dst port 53", "port 53"},
      {"src and dst net 10.0.0.0/8", "both host 10.0.0.0-10.255.255.255"},
      {"sport 53 dport 1024-65535", "(src port 53 and dst port 1024-65535)"},
      {"client 10.0.0.1 server host 10.0.0.2", "(client 10.0.0.1 and server 10.0.0.2)"},
      {"client port 40000 server port https", "(client_port 40000 and server_port 443)"},
      {"in if 3 out if 4 if 5", "(in_if 3 and out_if 4 and interface 5)"},
      {"in interface 3", "in_if 3"},
      {"app 13:453", "application 218104261"},
      {"app 'Remote desktop',13:453", "application 218104261,'Remote desktop'"},
      {"src network \"Branch Oslo\"", "src network 'Branch Oslo'"},
      {"nexthop 10.0.0.1", "next_hop 10.0.0.1"},
      {"country de,FR", "country 'de','FR'"},
      {"country \"\"", "country ''"},
      {"ip", "client 0.0.0.0-255.255.255.255"},
      {"ip 10.0.0.1", "host 10.0.0.1"},
      {"ip host 10.0.0.1", "(client 0.0.0.0-255.255.255.255 and host 10.0.0.1)"},
      {"10.0.0.1", "host 10.0.0.1"},
      {"2001:db8::/126", "host 2001:db8::-2001:db8::3"},
  });
}

TEST_CASE("values are single, lists, ranges and comparisons") {
  check_all({
      {"port 80,443", "port 80,443"},
      {"port in [80 443,8000-8010]", "port 80,443,8000-8010"},
      {"port in (80, 443)", "port 80,443"},
      {"port [80 443]", "port 80,443"},
      {"port = 80,443", "port 80,443"},
      {"port != 80", "not port 80"},
      {"port 80 or 443", "(port 80 or port 443)"},
      {"not src host 10.0.0.1 and 10.0.0.2", "(not src host 10.0.0.1 and src host 10.0.0.2)"},
      {"port > 1023", "port 1024-max"},
      {"port >= 1024 port < 2000", "(port 1024-max and port 0-1999)"},
      {"port < 0", "port "},
      {"port http,domain,ssh", "port 22,53,80"},
      {"bytes > 10k", "octets 10001-max"},
      {"bytes>=1.5M", "octets 1500000-max"},
      {"bytes <= 2Gi", "octets 0-2147483648"},
      {"octets = 1KiB", "octets 1024"},
      {"packets 5-10", "packets 5-10"},
      {"duration > 5m", "duration 300001-max"},
      {"duration < 1.5s", "duration 0-1499"},
      {"duration 250", "duration 250"},
      {"start >= 1970-01-02", "start 86400000-max"},
      {"start < 1970-01-01T00:00:01.5Z", "start 0-1499"},
      {"start >= 1970-01-01T02:00+01:00", "start 3600000-max"},
      {"flags S", "tcp_flags bits 2"},
      {"flags SA and not flags R", "(tcp_flags bits 18 and not tcp_flags bits 4)"},
      {"flags = S", "tcp_flags 2"},
      {"flags 0x12", "tcp_flags 18"},
      {"host 10.0.0.1-10.0.0.9", "host 10.0.0.1-10.0.0.9"},
      {"host in [10.0.0.0/8 192.168.0.0/16]", "host 10.0.0.0-10.255.255.255,192.168.0.0-192.168.255.255"},
      {"exporter 10.0.0.1,'Edge 2'", "exporter 10.0.0.1,'Edge 2'"},
  });
}

TEST_CASE("a mistake is told with its column and what was expected") {
  check_all({
      {"hots 10.0.0.1", "column 1: unknown word 'hots' at column 1; did you mean 'host', 'tos' or 'pkts'?"},
      {"port 80 and prot 6", "column 13: unknown word 'prot' at column 13; did you mean 'port', 'proto' or 'sport'?"},
      {"port", "column 5: expected a value for 'port' at column 5, found the end"},
      {"port eighty",
       "column 6: expected a port number up to 65535 or a service name such as https, found 'eighty' at column 6"},
      {"port 70000",
       "column 6: expected a port number up to 65535 or a service name such as https, found '70000' at column 6"},
      {"port 80 443",
       "column 9: expected 'and', 'or' or a word at column 9, found '443'; several values are written 80,443 or in [80 "
       "443]"},
      {"(port 80", "column 9: expected ')' for the '(' at column 1 at column 9, found the end"},
      {"port 80)", "column 8: expected 'and', 'or' or the end at column 8, found ')'"},
      {"port 80 and", "column 12: expected a test such as 'host 10.0.0.1', 'not' or '(' at column 12, found the end"},
      {"or port 80", "column 1: expected a test such as 'host 10.0.0.1', 'not' or '(' at column 1, found 'or'"},
      {"host 10.0.0",
       "column 6: expected an address or prefix such as 10.0.0.0/8 or 2001:db8::/32: '10.0.0' is not an IPv4 or IPv6 "
       "address; for the network write 10.0.0.0/24 at column 6"},
      {"host > 10.0.0.1", "column 8: 'host' has no order; use = or != instead of '>' before column 8"},
      {"port > 80,90", "column 8: '>' takes one value at column 8"},
      {"port 90-80", "column 6: the range '90-80' ends before it starts at column 6"},
      {"port -1",
       "column 6: expected a port number up to 65535 or a service name such as https, found '-1' at column 6"},
      {"bytes 5-", "column 7: expected a number such as 1500, 10k, 1.5M or 2Gi, found '5-' at column 7"},
      {"tos 256", "column 5: expected a type of service up to 255, found '256' at column 5"},
      {"exporter 'edge", "column 10: the quote at column 10 is not closed"},
      {"port 80 & vlan 3", "column 9: a single '&' at column 9: write 'and'"},
      {"bytes > lots", "column 9: expected a number such as 1500, 10k, 1.5M or 2Gi, found 'lots' at column 9"},
      {"duration > 5y",
       "column 12: '5y' is not a duration: write a number and its unit, such as 250ms, 90s, 5min, 1.5h, 2d or 1w at "
       "column 12"},
      {"start > tomorrow",
       "column 9: 'tomorrow' is not a time: write ISO 8601 (2026-03-10T11:00Z; UTC without a zone), epoch seconds or "
       "milliseconds, now, or -1h at column 9"},
      {"flags XYZ",
       "column 7: expected TCP flags as letters of FSRPAUEC or a number up to 65535, found 'XYZ' at column 7"},
      {"proto foo", "column 7: expected a protocol such as tcp, udp or a number up to 255, found 'foo' at column 7"},
      {"in tos 3", "column 4: expected 'if' or 'vlan' after 'in' at column 4, found 'tos'"},
      {"src tos 3",
       "column 5: expected host, net, port, as, country, network, as_name, prefix, if, vlan, mac, nat, mask or an "
       "address after 'src' at column 5, found 'tos'"},
      {"exporter \"\xc3\xa4\" vlan x", "column 19: expected a VLAN up to 65535, found 'x' at column 19"},
      {"port in []", "column 10: expected a value at column 10, found ']'"},
      {"bytes > 99999999999T",
       "column 9: expected a number such as 1500, 10k, 1.5M or 2Gi, found '99999999999T' at column 9"},
      {std::string("port \x01"), "column 6: a control character at column 6"},
      {std::string("host '10.0.0.1\0x'", 17), "column 6: a control character in the quotes at column 6"},
  });
}

TEST_CASE("a network is written with its length, its mask, or without the octets that are zero") {
  const std::string net = "host 198.51.100.0-198.51.100.255";
  check_all({
      {"net 198.51.100.0/24", net},
      {"net 198.51.100/24", net},
      {"host 198.51.100/24", net},
      {"net 198.51.100.0 255.255.255.0", net},
      {"net 198.51.100.77 255.255.255.0", net},
      {"net 198.51.100.0 mask 255.255.255.0", net},
      {"host 198.51.100.0 netmask 255.255.255.0", net},
      {"net 198.51.100.0 0.0.0.255", net},
      {"src net 198.51.100.0 255.255.255.0 port 80", "(src " + net + " and port 80)"},
      {"net 198.51.100.0 255.255.255.0, 10.0.0.0 255.0.0.0",
       "host 10.0.0.0-10.255.255.255,198.51.100.0-198.51.100.255"},
      {"net 198.51.100.9 255.255.255.255", "host 198.51.100.9"},
      {"net 198.51.100.0/24 mask 24", "(" + net + " and mask 24)"},
      {"net 198.51.100",
       "column 5: expected an address or prefix such as 10.0.0.0/8 or 2001:db8::/32: '198.51.100' is not an IPv4 or "
       "IPv6 address; for the "
       "network write 198.51.100.0/24 at column 5"},
      {"net 198.51.100.0 255.0.255.0",
       "column 18: expected a netmask such as 255.255.255.0 at column 18, found '255.0.255.0'; several networks are "
       "separated by commas"},
      {"host 198.51.100.0 255.255.255.0",
       "column 19: expected 'and', 'or' or a word at column 19, found a second address, '255.255.255.0'; a network is "
       "written net "
       "198.51.100.0/24, or with its mask: net 198.51.100.0 255.255.255.0"},
  });
}

TEST_CASE("two values of a field that cannot both hold are a mistake") {
  for (const auto* text : {"host 10.0.0.1 10.0.0.2",
                           "10.0.0.1 10.0.0.2",
                           "src 10.0.0.1 10.0.0.2",
                           "net 10.0.0.0/8 192.168.0.0/16",
                           "host 10.0.0.1 host 10.0.0.2",
                           "src host 10.0.0.1 src host 10.0.0.2",
                           "port 80 port 443",
                           "port 80 dst port 443 dst port 80",
                           "vlan 3 vlan 4",
                           "proto tcp udp",
                           "tcp udp",
                           "tcp and udp",
                           "proto tcp and proto udp",
                           "tcp port 80 and vlan 3 vlan 4",
                           "ip ip6",
                           "client 10.0.0.1 and client 10.0.0.2",
                           "client 10.0.0.1 ip6",
                           "exporter a exporter b",
                           "exporter a and b",
                           "exporter 10.0.0.1 and exporter 10.0.0.2",
                           "network a network b",
                           "app a and app b",
                           "octets > 1M octets < 1k",
                           "in if 3 and in if 4",
                           "country DE country FR",
                           "src as 1 src as 2",
                           "port 80 and (vlan 3 and in vlan 4 in vlan 5)"}) {
    CAPTURE(text);
    CHECK(parse_filter(text).has_error());
  }
  for (const auto* text : {"host 10.0.0.1 and host 10.0.0.2",
                           "host 10.0.0.1 and 10.0.0.2",
                           "port 80 and 443",
                           "src host 10.0.0.1 dst host 10.0.0.2",
                           "sport 80 dport 443",
                           "host 10.0.0.1 port 80",
                           "port 80 10.0.0.1",
                           "host 10.0.0.0/8 host 10.1.1.1",
                           "not port 80 not port 443",
                           "port != 80 port != 443",
                           "in if 3 out if 4",
                           "octets > 1k octets < 1M",
                           "flags S flags A",
                           "(tcp) and (udp)",
                           "host 10.0.0.1 or host 10.0.0.2 port 80",
                           "vlan 3 and vlan 4",
                           "exporter a exporter 10.0.0.1",
                           "client 10.0.0.1 server 10.0.0.2",
                           "tcp tcp",
                           "ip host 10.0.0.1",
                           "country DE and country FR",
                           "start >= 2026-03-10 start < 2026-03-11"}) {
    CAPTURE(text);
    CHECK(parse_filter(text).has_value());
  }
  check_all({
      {"host 10.0.0.1 10.0.0.2",
       "column 15: expected 'and', 'or' or a word at column 15, found a second address, '10.0.0.2'; write 'or' or a "
       "comma before it for "
       "either of them, 'and' for traffic between the two"},
      {"port 80 port 443",
       "column 9: two values of 'port' side by side at column 9 would both have to hold; write 'or' for either of "
       "them, or 'and' for traffic between the two"},
      {"tcp and udp",
       "column 9: no flow has both values of 'protocol' that stand before and at column 9; write 'or' for either of "
       "them"},
  });
}

TEST_CASE("tests that cannot both hold are a mistake wherever they stand") {
  for (const auto* text : {"tcp port 80 udp", "client 10.0.0.1 port 80 and client 10.0.0.2",
                           "exporter 10.0.0.1 tcp exporter 10.0.0.2", "in if 3 tcp in if 4"}) {
    CAPTURE(text);
    CHECK(parse_filter(text).has_error());
  }
  for (const auto* text : {"host 10.0.0.1 port 80 host 10.0.0.2", "vlan 3 tcp vlan 4", "octets > 1k tcp octets < 1M"}) {
    CAPTURE(text);
    CHECK(parse_filter(text).has_value());
  }
}

TEST_CASE("words of other programs work, or the error names ours") {
  check_all({
      {"bps > 1M",
       "column 1: unknown word 'bps' at column 1; rates of single sessions are not asked; ask octets, packets and "
       "duration, such as 'octets > 1M and "
       "duration < 10s', or --buckets"},
      {"fwdstat 1", "column 1: unknown word 'fwdstat' at column 1; it is not stored"},
      {"in src mac 02:00:5e:10:00:01",
       "column 4: MAC addresses are not told apart by 'in' at column 4; write mac, src mac or dst mac"},
      {"next as 64500",
       "column 1: unknown word 'next' at column 1; write 'next ip' or 'next_hop' for the next hop, 'dst as' for its "
       "AS"},
      {"host fe80::1%eth0",
       "column 6: expected an address or prefix such as 10.0.0.0/8 or 2001:db8::/32: a zone ('%eth0') is not stored "
       "with addresses; leave it out at column 6"},
  });
}

TEST_CASE("every stored column has a word") {
  check_all({
      {"nat 192.0.2.1", "nat 192.0.2.1"},
      {"src nat 192.0.2.1", "src nat 192.0.2.1"},
      {"nat ip 192.0.2.1 nat port 1024-2000", "(nat 192.0.2.1 and nat_port 1024-2000)"},
      {"nat net 192.0.2.0 255.255.255.0", "nat 192.0.2.0-192.0.2.255"},
      {"client nat 192.0.2.1 server nat port https", "(client_nat 192.0.2.1 and server_nat_port 443)"},
      {"dst nat port 53", "dst nat_port 53"},
      {"nip 192.0.2.1 or nport 5", "(nat 192.0.2.1 or nat_port 5)"},
      {"mac 02:00:5e:10:00:01", "mac 2200601362433"},
      {"mac 2:0:5e:10:0:1,02-00-5E-10-00-01,0200.5e10.0001", "mac 2200601362433"},
      {"src mac 02005e100001", "src mac 2200601362433"},
      {"client mac \"\"", "client_mac 0"},
      {"mask 24 client mask > 16", "(mask 24 and client_mask 17-max)"},
      {"in vlan 3 out vlan 4 out_vlan 4", "(in_vlan 3 and out_vlan 4 and out_vlan 4)"},
      {"direction ingress or dir out or direction unknown", "(direction 0 or direction 1 or direction 255)"},
      {"reason 'port list',syn", "reason 2,3"},
      {"quality 'time repaired'", "quality bits 1"},
      {"quality 0", "quality 0"},
      {"client as 64500 server_as AS64501", "(client_as 64500 and server_as 64501)"},
      {"dscp ef", "dscp 46"},
      {"dscp 10,cs1", "dscp 8,10"},
      {"dscp > af41", "dscp 35-max"},
      {"icmp_type 8 or icmp-type > 200", "(icmp_type 8 or icmp_type 201-max)"},
      {"src vlan 3 dst vlan 4", "(in_vlan 3 and out_vlan 4)"},
      {"next ip 192.0.2.1 router ip 192.0.2.9", "(next_hop 192.0.2.1 and exporter 192.0.2.9)"},
      {"mac 02:00:5e:10:00",
       "column 5: expected a MAC address such as 02:00:5e:10:00:01, found '02:00:5e:10:00' at column 5"},
      {"direction up", "column 11: expected ingress, egress or unknown, found 'up' at column 11"},
  });
  // Each column is read by a word, but for the counters of one direction, which are summed, and the sessions of a sum.
  for (const auto& column : kColumns) {
    CAPTURE(column.name);
    const bool counter = column.name.starts_with("octets_") || column.name.starts_with("packets_") ||
                         column.name.starts_with("flows_") || column.id == ColumnId::kSessions;
    CHECK((counter || std::any_of(kFields.begin(), kFields.end(), [&](const auto& f) {
             return f.columns > 0 && f.filter && std::any_of(f.source.begin(), f.source.end(), [&](const auto& s) {
                      return std::find(s.begin(), s.end(), column.id) != s.end();
                    });
           })));
  }
}

TEST_CASE("length, depth and lists of a filter are bounded") {
  CHECK(parsed(std::string(kMaxFilterLength + 1, ' ')) ==
        "column 1: the filter has 4097 bytes; at most 4096 are allowed");
  const auto nested = [](std::size_t depth) { return std::string(depth, '(') + "port 80" + std::string(depth, ')'); };
  CHECK(parsed(nested(kMaxFilterDepth - 1)) == "port 80");
  CHECK(parsed(nested(kMaxFilterDepth)) == "column 65: more than 64 levels of parentheses and 'not' at column 65");
  std::string nots;
  for (std::size_t i = 0; i < kMaxFilterDepth; ++i) nots += "!";
  CHECK(parse_filter(nots + "port 80").has_error());
  std::string list = "port 1";
  for (std::size_t i = 1; i < kMaxFilterValues; ++i) list += ",1";
  CHECK(parsed(list) == "port 1");
  CHECK(parsed(list + ",1") == "column 6: more than 1000 values in the list at column 6");
}
