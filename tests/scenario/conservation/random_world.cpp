// Each test of a filter is one row of a switch: its text, and a predicate over the session's members.
#include "scenario/conservation/random_world.hpp"

#include "support/labels_by_function.hpp"

namespace weir::testing {

namespace {

IpAddress address(std::uint64_t n) {
  if (n < 6) return IpAddress::from_v4(0x0a00'0001u + static_cast<std::uint32_t>(n));
  if (n < 8) return IpAddress::from_v4(0xc0a8'0100u + static_cast<std::uint32_t>(n));
  return *parse_ip_address(n < 10 ? "2001:db8::" + std::to_string(n) : "2001:db8:1::" + std::to_string(n));
}

// `wild`: up to the largest that there is.
std::uint64_t counter(Random& random, bool wild) {
  switch (random.below(12)) {
    case 0: return 0;
    case 1:
      return wild ? random.one_in(4) ? kMost : random.next()
                  : random.next() >> 8;  // larger than any product with a duration allows
    case 2: return random.next() >> 24;
    default: return random.below(100'000);
  }
}

constexpr std::uint16_t kPorts[] = {53, 80, 443, 40000, 40001, 65535};
constexpr std::uint8_t kProtocols[] = {1, 6, 6, 17, 58};
constexpr std::uint32_t kAsNumbers[] = {0, 64500, 64501, 4'200'000'000};

bool is_v4_in_ten(const IpAddress& a) { return a.is_v4() && a.v4() >> 24 == 10; }

}  // namespace

std::string reference_application(const Session& s) {
  if (is_v4_in_ten(s.server) && is_v4_in_ten(s.client)) return "Inner";
  if (s.protocol == 6 && s.server_as == 64500) return "Peer";
  if (s.application == 1u << 24) return "Seen";
  return s.application == 0 && (s.protocol == 6 || s.protocol == 17) && s.server_port < 1024 ? "Low" : "";
}
std::string reference_network(const IpAddress& a) { return a.is_unset() ? "" : is_v4_in_ten(a) ? "Ten" : "World"; }
std::string reference_as_name(const IpAddress& a) {
  return a.is_unset() || a.bytes[15] % 4 == 0 ? "" : a.bytes[15] % 2 == 0 ? "Even Networks" : "Odd Telekom";
}

World random_world(Random& random, std::size_t count) {
  World world;
  world.exporters = {
      {.id = 1, .address = *parse_ip_address("192.0.2.9"), .name = "edge-1"},
      {.id = 2, .address = *parse_ip_address("192.0.2.2"), .name = "Core Router", .configured_sampling = 50},
      {.id = 3, .address = *parse_ip_address("2001:db8:ffff::3")}};
  world.country_of = [](const IpAddress& a) -> std::string { return is_v4_in_ten(a) ? "DE" : a.is_v4() ? "FR" : ""; };
  world.sources = country_sources({"DE", "FR"}, world.country_of);
  world.sources.databases[static_cast<std::size_t>(AddressDatabaseId::kAsName)] =
      std::make_shared<const LabelsByFunction>(std::vector<std::string>{"Even Networks", "Odd Telekom"},
                                               reference_as_name);
  world.sources.names = std::make_shared<const TrafficNames>(TrafficNames{
      .applications = ApplicationTable(
          {{.name = "Inner", .servers = {*parse_ip_prefix("10.0.0.0/8")}, .clients = {*parse_ip_prefix("10.0.0.0/8")}},
           {.name = "Peer", .ports = {{.protocol = 6}}, .server_as = {64500}},
           {.name = "Seen", .exported = {1u << 24}},
           {.name = "Low", .ports = {{.protocol = 6, .last = 1023}, {.protocol = 17, .last = 1023}}}}),
      .networks = NetworkTable({{*parse_ip_prefix("10.0.0.0/8"), "Ten"}, {*parse_ip_prefix("::/0"), "World"}})});
  // Some worlds leave columns constant, as real exporters do.
  const bool many_exporters = !random.one_in(3), sampled = random.one_in(3), with_as = random.one_in(2),
             with_vlan = random.one_in(2);
  const bool wild = random.one_in(3), wild_rates = wild && random.one_in(2);
  const std::int64_t longest = random.one_in(2) ? 2'000 : 600'000;
  if (random.one_in(2)) {
    for (auto& exporter : world.exporters) {
      for (auto n = random.below(3); n > 0; --n) {
        const auto from_ms = kWorldStartMs + static_cast<std::int64_t>(random.below(150'000)) - 50'000;
        exporter.late_rates.push_back({.from_ms = from_ms,
                                       .until_ms = from_ms + static_cast<std::int64_t>(random.below(60'000)),
                                       .rate = static_cast<std::uint32_t>(random.below(3) * 70)});
      }
    }
  }
  for (std::size_t i = 0; i < count; ++i) {
    Session s;
    s.id = i + 1;
    s.start_ms = kWorldStartMs + static_cast<std::int64_t>(random.below(100'000));
    s.end_ms = s.start_ms +
               static_cast<std::int64_t>(random.one_in(3) ? 0 : random.below(static_cast<std::uint64_t>(longest)));
    s.client = address(random.below(12));
    s.server = address(random.below(12));
    s.client_port = kPorts[random.below(6)];
    s.server_port = kPorts[random.below(6)];
    s.protocol = kProtocols[random.below(5)];
    s.exporter = many_exporters ? 1 + static_cast<std::uint32_t>(random.below(4)) : 1;
    s.sampling = sampled ? static_cast<std::uint32_t>(random.below(3) * 100) : 0;
    if (wild_rates && random.one_in(3))
      s.sampling = random.one_in(3) ? ~std::uint32_t{0} : static_cast<std::uint32_t>(random.next() >> random.below(40));
    s.application = static_cast<std::uint32_t>(random.below(3) << 24 | random.below(2));
    if (with_as) s.client_as = kAsNumbers[random.below(4)], s.server_as = kAsNumbers[random.below(4)];
    s.quality = static_cast<std::uint16_t>(random.one_in(8) ? random.below(32) : 0);
    for (auto& half : s.halves) {
      half = {.octets = counter(random, wild),
              .packets = counter(random, wild),
              .flows = 1 + static_cast<std::uint32_t>(random.below(3)),
              .next_hop = random.one_in(3) ? IpAddress{} : address(random.below(3)),
              .in_if = static_cast<std::uint32_t>(random.below(4)),
              .out_if = static_cast<std::uint32_t>(random.one_in(9) ? random.next() : random.below(4)),
              .vlan = static_cast<std::uint16_t>(with_vlan ? random.below(3) : 7),
              .tcp_flags = static_cast<std::uint16_t>(random.below(64)),
              .icmp = static_cast<std::uint16_t>(random.below(2) * 2048),
              .tos = static_cast<std::uint8_t>(random.below(3) * 92)};
    }
    if (random.one_in(3)) {
      s.halves[random.below(2)] = {};
    } else if (random.one_in(8)) {
      s.halves[random.below(2)].flows = kInsideOtherRecord;
    }
    world.sessions.push_back(s);
  }
  return world;
}

namespace {

RandomFilter random_test(Random& random, const World& world, bool unscaled) {
  const auto n = [&](std::uint64_t below) { return random.below(below); };
  const auto port = kPorts[n(6)];
  const auto host = address(n(12));
  const auto interface = static_cast<std::uint32_t>(n(4));
  const auto as = kAsNumbers[n(4)];
  const auto sender = [](const Session& s, SessionSide side) { return side == kToServer ? s.client : s.server; };
  const auto receiver = [](const Session& s, SessionSide side) { return side == kToServer ? s.server : s.client; };
  switch (n(36)) {
    case 0:
      return {"host " + host.text(),
              [=](const Session& s, SessionSide) { return s.client == host || s.server == host; }};
    case 1:
      return {"net 10.0.0.0/8",
              [](const Session& s, SessionSide) { return is_v4_in_ten(s.client) || is_v4_in_ten(s.server); }};
    case 2:
      return {"src host " + host.text(), [=](const Session& s, SessionSide side) { return sender(s, side) == host; }};
    case 3:
      return {"dst net 10.0.0.0/8",
              [=](const Session& s, SessionSide side) { return is_v4_in_ten(receiver(s, side)); }};
    case 4:
      return {"src and dst net 10.0.0.0/8",
              [](const Session& s, SessionSide) { return is_v4_in_ten(s.client) && is_v4_in_ten(s.server); }};
    case 5: return {"client " + host.text(), [=](const Session& s, SessionSide) { return s.client == host; }};
    case 6:
      return {"port " + std::to_string(port),
              [=](const Session& s, SessionSide) { return s.client_port == port || s.server_port == port; }};
    case 7:
      return {"dst port in [53 80 443]", [](const Session& s, SessionSide side) {
                const auto p = side == kToServer ? s.server_port : s.client_port;
                return p == 53 || p == 80 || p == 443;
              }};
    case 8:
      return {"port 1024-50000", [](const Session& s, SessionSide) {
                return (s.client_port >= 1024 && s.client_port <= 50000) ||
                       (s.server_port >= 1024 && s.server_port <= 50000);
              }};
    case 9:
      return {"server_port != " + std::to_string(port),
              [=](const Session& s, SessionSide) { return s.server_port != port; }};
    case 10: return {"tcp", [](const Session& s, SessionSide) { return s.protocol == 6; }};
    case 11:
      return {"proto [icmp icmp6]", [](const Session& s, SessionSide) { return s.protocol == 1 || s.protocol == 58; }};
    case 12: return {"exporter 'core router'", [](const Session& s, SessionSide) { return s.exporter == 2; }};
    case 13:
      return {"exporter 192.0.2.0/24",
              [](const Session& s, SessionSide) { return s.exporter == 1 || s.exporter == 2; }};
    case 14:
      return {"in if " + std::to_string(interface),
              [=](const Session& s, SessionSide side) { return s.halves[side].in_if == interface; }};
    case 15: return {"out if > 2", [](const Session& s, SessionSide side) { return s.halves[side].out_if > 2; }};
    case 16:
      return {"if " + std::to_string(interface), [=](const Session& s, SessionSide side) {
                return s.halves[side].in_if == interface || s.halves[side].out_if == interface;
              }};
    case 17:
      return {"vlan 1,7",
              [](const Session& s, SessionSide side) { return s.halves[side].vlan == 1 || s.halves[side].vlan == 7; }};
    case 18: return {"tos >= 92", [](const Session& s, SessionSide side) { return s.halves[side].tos >= 92; }};
    case 19:
      return {"src as " + std::to_string(as), [=](const Session& s, SessionSide side) {
                return (side == kToServer ? s.client_as : s.server_as) == as;
              }};
    case 20:
      return {"as " + std::to_string(as),
              [=](const Session& s, SessionSide) { return s.client_as == as || s.server_as == as; }};
    case 21:
      return {"app inner,'Low',1:1", [](const Session& s, SessionSide) {
                const auto name = reference_application(s);
                return name == "Inner" || name == "Low" || (name.empty() && s.application == (1u << 24 | 1));
              }};
    case 22:
      return {"flags SA", [](const Session& s, SessionSide side) { return (s.halves[side].tcp_flags & 18) == 18; }};
    case 23: {
      const auto limit = n(200'000);
      return {"bytes > " + std::to_string(limit), [=, &world](const Session& s, SessionSide) {
                return (static_cast<Uint128>(s.halves[0].octets) + s.halves[1].octets) *
                           reference_rate(world, s, unscaled) >
                       limit;
              }};
    }
    case 24: {
      const auto low = n(100'000);
      return {"packets " + std::to_string(low) + "-5M", [=, &world](const Session& s, SessionSide) {
                const auto packets = (static_cast<Uint128>(s.halves[0].packets) + s.halves[1].packets) *
                                     reference_rate(world, s, unscaled);
                return packets >= low && packets <= 5'000'000;
              }};
    }
    case 25: return {"duration >= 1s", [](const Session& s, SessionSide) { return s.end_ms - s.start_ms >= 1000; }};
    case 26: {
      const auto at = kWorldStartMs + static_cast<std::int64_t>(n(100'000));
      return {"start < " + std::to_string(at), [=](const Session& s, SessionSide) { return s.start_ms < at; }};
    }
    case 27:
      return {"country DE", [=, &world](const Session& s, SessionSide) {
                return world.country_of(s.client) == "DE" || world.country_of(s.server) == "DE";
              }};
    case 28: return {"ip6", [](const Session& s, SessionSide) { return !s.client.is_v4(); }};
    case 30: return {"exporter ::/0", [](const Session& s, SessionSide) { return s.exporter == 3; }};
    case 34:
      return {"conversation 10.0.0.0/30 10.0.0.0/8", [](const Session& s, SessionSide) {
                const auto small = [](const IpAddress& a) { return is_v4_in_ten(a) && a.v4() % (1u << 24) < 4; };
                return (small(s.client) && is_v4_in_ten(s.server)) || (is_v4_in_ten(s.client) && small(s.server));
              }};
    case 31:
      return {"client as_name *TELE*",
              [](const Session& s, SessionSide) { return reference_as_name(s.client) == "Odd Telekom"; }};
    case 32:
      return {"prefix 10.0.0.0/30", [](const Session& s, SessionSide) {
                return (is_v4_in_ten(s.client) && s.client.v4() % (1u << 24) < 4) ||
                       (is_v4_in_ten(s.server) && s.server.v4() % (1u << 24) < 4);
              }};
    case 33:
      return {"server country FR",
              [=, &world](const Session& s, SessionSide) { return world.country_of(s.server) == "FR"; }};
    case 29:
      return {"dst network ten", [](const Session& s, SessionSide side) {
                return reference_network(side == kToServer ? s.server : s.client) == "Ten";
              }};
    default:
      return {"next_hop 10.0.0.0/30", [](const Session& s, SessionSide side) {
                return is_v4_in_ten(s.halves[side].next_hop) && s.halves[side].next_hop.v4() % 256 < 4;
              }};
  }
}

}  // namespace

RandomFilter random_filter(Random& random, const World& world, bool unscaled, int depth) {
  if (depth == 0 || random.one_in(3)) return random_test(random, world, unscaled);
  auto a = random_filter(random, world, unscaled, depth - 1);
  switch (random.below(5)) {
    case 0: return {"not (" + a.text + ")", [a](const Session& s, SessionSide side) { return !a.passes(s, side); }};
    case 1:
    case 2: {
      auto b = random_filter(random, world, unscaled, depth - 1);
      return {"(" + a.text + ") or (" + b.text + ")",
              [a, b](const Session& s, SessionSide side) { return a.passes(s, side) || b.passes(s, side); }};
    }
    default: {
      auto b = random_filter(random, world, unscaled, depth - 1);
      const char* sign[] = {" and ", " && ", " "};
      return {"(" + a.text + ")" + sign[random.below(3)] + "(" + b.text + ")",
              [a, b](const Session& s, SessionSide side) { return a.passes(s, side) && b.passes(s, side); }};
    }
  }
}

}  // namespace weir::testing
