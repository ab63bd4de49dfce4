// Ten incidents, each planted in many networks: the sentences name what was planted. On quiet days they say so.
#include <algorithm>

#include "scenario/explain/planted_world.hpp"
#include "support/catch.hpp"

using namespace weir;
using namespace weir::testing;

namespace {

std::string port_of(const Conversation& c) {
  return std::to_string(c.server_port) + (c.protocol == 6 ? "/tcp" : "/udp");
}

// The first cause, as text; what else is said is captured for a failure.
std::string first_cause(const Explanation& e) { return e.causes.empty() ? "" : e.causes.front().item.filter; }

std::uint64_t times(std::uint64_t number, double factor) {
  return static_cast<std::uint64_t>(static_cast<double>(number) * factor);
}

Conversation backup_of(PlantedWorld& world) {
  static constexpr std::uint16_t kPorts[] = {873, 445, 2049, 22, 443, 10'000};
  auto& random = world.random();
  return {.client = world.inside(),
          .server = world.outside(),
          .server_port = kPorts[random.below(std::size(kPorts))],
          .octets = times(world.ordinary_octets(), between(random, 0.7, 4)),
          .sent_by_client = 0.98};
}

}  // namespace

TEST_CASE("nothing unusual: on quiet days it says so") {
  for (std::uint64_t seed = 1; seed <= 3 * kSeeds; ++seed) {
    PlantedWorld world(seed);
    const auto e = world.explained();
    const auto text = text_of(e);
    CAPTURE(seed, text);
    CHECK(e.verdict == ExplainVerdict::kNothingUnusual);
    CHECK(holds(text, "Nothing unusual."));
    CHECK(e.causes.empty());
  }
}

TEST_CASE("a backup: who to whom, by which port, since when") {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    PlantedWorld world(100 + seed);
    const auto c = backup_of(world);
    const double begins = between(world.random(), 0, 0.6);
    world.add(Stretch::kNow, c, begins, 1);
    const auto e = world.explained();
    const auto text = text_of(e);
    CAPTURE(seed, text);
    CHECK(e.verdict == ExplainVerdict::kUnusual);
    REQUIRE_FALSE(e.causes.empty());
    CHECK(holds(text, c.client.text() + " → " + c.server.text() + " on " + port_of(c)));
    CHECK(holds(text, "not seen"));
    CHECK(first_cause(e) == "client " + c.client.text() + " and server " + c.server.text() +
                                " and protocol 6 and server_port " + std::to_string(c.server_port));
    // To the interval, or the one beside it: sessions tell no more than their minute.
    const auto began = world.range().from_ms + static_cast<std::int64_t>(begins * static_cast<double>(world.length()));
    REQUIRE(e.causes.front().since_ms);
    CHECK(std::abs(*e.causes.front().since_ms - began) <= e.causes.front().bucket_ms);
  }
}

TEST_CASE("a backup that ended explains the fall") {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    PlantedWorld world(200 + seed);
    const auto c = backup_of(world);
    world.add(Stretch::kBefore, c);
    world.add(Stretch::kLastWeek, c);
    const auto e = world.explained();
    const auto text = text_of(e);
    CAPTURE(seed, text);
    REQUIRE_FALSE(e.causes.empty());
    CHECK_FALSE(e.causes.front().rose);
    CHECK(holds(text, c.client.text() + " → " + c.server.text()));
    CHECK(holds(text, "of the fall"));
  }
}

TEST_CASE("a backup that comes every week is usual") {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    PlantedWorld world(300 + seed);
    const auto c = backup_of(world);
    world.add(Stretch::kLastWeek, c);
    world.add(Stretch::kNow, c);
    const auto e = world.explained();
    const auto text = text_of(e);
    CAPTURE(seed, text);
    CHECK(e.verdict == ExplainVerdict::kUsualForHour);
    REQUIRE_FALSE(e.causes.empty());
    CHECK(e.causes.front().usual);
    CHECK(holds(text, c.client.text() + " → " + c.server.text()));
  }
}

TEST_CASE("a scan: which client, which port, how many servers, although it has few octets") {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    PlantedWorld world(400 + seed);
    const auto client = world.inside();
    const auto port = static_cast<std::uint16_t>(1 + world.random().below(6000));
    const auto targets = times(world.ordinary_sessions(), between(world.random(), 1, 2));
    for (std::uint64_t i = 0; i < targets; ++i) {
      world.add_one(Stretch::kNow, {.client = client,
                                    .server = IpAddress::from_v4(0xac10'0000u + static_cast<std::uint32_t>(i)),
                                    .server_port = port,
                                    .octets = 44,
                                    .sent_by_client = 1});
    }
    for (const auto measure : {Measure::kOctets, Measure::kSessions}) {
      const auto e = world.explained(measure);
      const auto text = text_of(e);
      CAPTURE(seed, text);
      REQUIRE_FALSE(e.causes.empty());
      CHECK(holds(text, "lient " + client.text() + " on " + std::to_string(port) + "/tcp"));
      REQUIRE(e.causes.front().servers);
      CHECK(e.causes.front().servers->now == targets);
    }
  }
}

TEST_CASE("an attack from many: which server, how many clients") {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    PlantedWorld world(500 + seed);
    const auto server = world.random().one_in(2) ? world.inside() : world.outside();
    const auto port = static_cast<std::uint16_t>(world.random().one_in(2) ? 80 : 53);
    const auto sources = 300 + world.random().below(3000);
    const auto each = times(world.ordinary_octets(), between(world.random(), 0.8, 3)) / sources;
    for (std::uint64_t i = 0; i < sources; ++i) {
      world.add_one(Stretch::kNow, {.client = IpAddress::from_v4(0x6000'0000u + static_cast<std::uint32_t>(i * 977)),
                                    .server = server,
                                    .server_port = port,
                                    .protocol = 17,
                                    .octets = each,
                                    .sent_by_client = 1});
    }
    const auto e = world.explained();
    const auto text = text_of(e);
    CAPTURE(seed, text);
    REQUIRE_FALSE(e.causes.empty());
    CHECK(holds(text, "erver " + server.text() + " on " + std::to_string(port) + "/udp"));
    REQUIRE(e.causes.front().clients);
    CHECK(e.causes.front().clients->now >= sources);
  }
}

TEST_CASE("moved traffic: from where to where, although the total is as before") {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    PlantedWorld world(600 + seed);
    const auto old_server = world.outside(), new_server = world.outside();
    const auto port = static_cast<std::uint16_t>(world.random().one_in(2) ? 443 : 1433);
    const auto clients = 10 + world.random().below(40);
    const auto whole = times(world.ordinary_octets(), between(world.random(), 0.6, 2));
    for (std::uint64_t i = 0; i < clients; ++i) {
      Conversation c{.client = world.inside(), .server = old_server, .server_port = port, .octets = whole / clients};
      c.client_port = static_cast<std::uint16_t>(30'000 + i);
      world.add(Stretch::kLastWeek, c);
      world.add(Stretch::kBefore, c);
      c.server = new_server;
      world.add(Stretch::kNow, c);
    }
    const auto e = world.explained();
    const auto text = text_of(e);
    CAPTURE(seed, text);
    CHECK(holds(text, "Traffic moved from server " + old_server.text() + " to server " + new_server.text()));
    CHECK(e.verdict == ExplainVerdict::kUnusual);
  }
}

TEST_CASE("traffic that takes another link: from which interface to which") {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    PlantedWorld world(700 + seed);
    std::vector<IpAddress> clients;
    for (int i = 0; i < 20; ++i) clients.push_back(world.inside());
    for (const auto stretch : kStretches) {
      const auto link = stretch == Stretch::kNow ? 5u : 4u;
      world.change(stretch, [&](Session& s) {
        if (s.exporter != 1 || s.halves[0].out_if != 2) return true;
        s.halves[0].out_if = s.halves[1].in_if = link;
        return true;
      });
      // So that it is a good part of all.
      for (std::uint32_t i = 0; i < 20; ++i)
        world.add(stretch, {.client = clients[i],
                            .server = IpAddress::from_v4(0x2e00'0000u + i),
                            .octets = world.ordinary_octets() / 40,
                            .out_if = link});
    }
    const auto e = world.explained();
    const auto text = text_of(e);
    CAPTURE(seed, text);
    CHECK(holds(text, "Traffic moved from interface 4 of 192.0.2.1 to interface 5 of 192.0.2.1"));
  }
}

TEST_CASE("a new server: which one, how many use it, that it was not there") {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    PlantedWorld world(800 + seed);
    const auto server = world.outside();
    const auto port = static_cast<std::uint16_t>(1024 + world.random().below(60'000));
    const auto clients = 20 + world.random().below(100);
    const auto whole = times(world.ordinary_octets(), between(world.random(), 0.6, 1.5));
    for (std::uint64_t i = 0; i < clients; ++i) {
      world.add(Stretch::kNow,
                {.client = world.inside(),
                 .server = server,
                 .client_port = static_cast<std::uint16_t>(30'000 + i),
                 .server_port = port,
                 .octets = whole / clients},
                0.3 * world.random().unit());
    }
    const auto e = world.explained();
    const auto text = text_of(e);
    CAPTURE(seed, text);
    CHECK(holds(text, "Server " + server.text() + " on " + std::to_string(port) + "/tcp, from "));
    CHECK(holds(text, "not seen in the "));
    CHECK(holds(text, "nor at the same time last week"));
  }
}

TEST_CASE("a lost link: which interface of which exporter") {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    PlantedWorld world(900 + seed);
    const auto exporter = 1 + static_cast<std::uint32_t>(world.random().below(world.exporters()));
    const auto link = static_cast<std::uint32_t>(7 + world.random().below(100));
    for (const auto stretch : kStretches) {
      for (int i = 0; i < 30; ++i) {
        Conversation c{.client = world.inside(),
                       .server = IpAddress::from_v4(0x2e00'0000u + static_cast<std::uint32_t>(i)),
                       .octets = world.ordinary_octets() / 40,
                       .exporter = exporter,
                       .out_if = link};
        // It is lost soon after the stretch begins.
        const double until = stretch == Stretch::kNow ? 0.05 : 1;
        c.octets = times(c.octets, until);
        world.add(stretch, c, 0, until);
      }
    }
    const auto e = world.explained();
    const auto text = text_of(e);
    CAPTURE(seed, text);
    REQUIRE_FALSE(e.causes.empty());
    CHECK_FALSE(e.causes.front().rose);
    CHECK(holds(text, "Interface " + std::to_string(link) + " of 192.0.2." + std::to_string(exporter)));
  }
}

TEST_CASE("an exporter that reports what another one does: twice, not more") {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    PlantedWorld world(1000 + seed);
    const auto second = world.exporters() + 1;
    std::vector<Session> copies;
    world.each(Stretch::kNow, [&](const Session& s) {
      copies.push_back(s);
      copies.back().exporter = second;
      copies.back().halves[0].in_if = copies.back().halves[1].out_if = 11;
      copies.back().halves[0].out_if = copies.back().halves[1].in_if = 12;
    });
    for (const auto& s : copies) world.copy(s);
    const auto e = world.explained();
    const auto text = text_of(e);
    CAPTURE(seed, text);
    CHECK(holds(text, "Exporter 192.0.2." + std::to_string(second) + " explains"));
    CHECK(holds(text, "counted twice"));
  }
}

TEST_CASE("a change of sampling is no change of traffic") {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    PlantedWorld world(1100 + seed);
    const bool is_said = world.random().one_in(2);
    const auto rate = static_cast<std::uint32_t>(world.random().one_in(2) ? 100 : 1000);
    Random random(seed);
    world.change(Stretch::kNow, [&](Session& s) {
      if (s.exporter != 1) return true;
      s.sampling = is_said ? rate : 0;
      for (auto& half : s.halves) {
        half.octets = std::max<std::uint64_t>(half.octets / rate, 1);
        half.packets = std::max<std::uint64_t>(half.packets / rate, 1);
      }
      return true;
    });
    // An exporter that said 1 in 10 all the time.
    for (const auto stretch : {Stretch::kLastWeek, Stretch::kBefore}) {
      world.change(stretch, [&](Session& s) {
        if (s.exporter != 1) return true;
        s.sampling = 10;
        for (auto& half : s.halves) half.octets = half.octets / 10 + 1, half.packets = half.packets / 10 + 1;
        return true;
      });
    }
    const auto e = world.explained();
    const auto text = text_of(e);
    CAPTURE(seed, is_said, text);
    CHECK(holds(text, "Exporter 192.0.2.1 changed its sampling"));
    if (!is_said) {
      CHECK(holds(text, "are no change of traffic"));
      CHECK_FALSE(holds(text, "a fall of"));
    }
  }
}

TEST_CASE("a storm of DNS: the port, and by how many") {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    PlantedWorld world(1200 + seed);
    std::vector<IpAddress> resolvers;
    for (auto i = 1 + world.random().below(4); i > 0; --i) resolvers.push_back(world.outside());
    const auto questions = times(world.ordinary_sessions(), between(world.random(), 1, 3));
    for (std::uint64_t i = 0; i < questions; ++i) {
      world.add_one(Stretch::kNow, {.client = world.inside(),
                                    .server = resolvers[world.random().below(resolvers.size())],
                                    .client_port = static_cast<std::uint16_t>(1024 + world.random().below(60'000)),
                                    .server_port = 53,
                                    .protocol = 17,
                                    .octets = 180,
                                    .sent_by_client = 0.4});
    }
    const auto e = world.explained();
    const auto text = text_of(e);
    CAPTURE(seed, text);
    REQUIRE_FALSE(e.causes.empty());
    CHECK(holds(text, "53/udp"));
    CHECK(e.causes.front().clients);
    CHECK(holds(text, " clients"));
  }
}
