// Who has to go when places run short: single cases, then long random sequences against what always holds.
#include "api/connection_places.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "support/catch.hpp"

using namespace weir;

namespace {

struct Client final : Connection {
  void close() override { ++closed; }
  int closed = 0;
};

ClientNetwork network(const std::string& address) { return client_network(*parse_ip_address(address)); }

}  // namespace

TEST_CASE("an IPv6 network is the /64 of a line, an IPv4 one its address, and this machine is shared") {
  CHECK(network("2001:db8::1") == network("2001:db8::ffff:1"));
  CHECK(network("2001:db8::1") != network("2001:db8:0:1::1"));
  CHECK(network("2001:db8::1").text() == "2001:db8::/64");
  CHECK(network("192.0.2.1") != network("192.0.2.2"));
  CHECK(network("192.0.2.1").text() == "192.0.2.1");
  for (const auto* local : {"127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"}) CHECK(network(local).shared);
  CHECK_FALSE(network("::2").shared);
  CHECK(client_network(boost::asio::ip::make_address("::ffff:192.0.2.1")) == network("192.0.2.1"));
}

TEST_CASE("a network that has its share of places gives up its own oldest") {
  ConnectionPlaces places({.members = 10, .strangers = 100, .strangers_per_network = 2});
  Client other, first, second, third;
  places.enter(other, network("192.0.2.9"));
  places.enter(first, network("192.0.2.1"));
  places.enter(second, network("192.0.2.1"));
  places.enter(third, network("192.0.2.1"));
  CHECK(first.closed == 1);
  CHECK(other.closed + second.closed + third.closed == 0);
}

TEST_CASE("when all places are taken the network with most of them gives up its oldest") {
  ConnectionPlaces places({.members = 10, .strangers = 5, .strangers_per_network = 5});
  Client lone, newcomer;
  std::vector<Client> crowd(4);
  places.enter(lone, network("192.0.2.9"));
  for (auto& client : crowd) places.enter(client, network("192.0.2.1"));
  places.enter(newcomer, network("192.0.2.7"));
  CHECK(lone.closed == 0);
  CHECK(crowd[0].closed == 1);
}

TEST_CASE("a shared network has no bound of its own, and clients of a proxy are counted by themselves") {
  ConnectionPlaces places({.members = 10, .strangers = 50, .strangers_per_network = 2});
  std::vector<Client> clients(20), visitors(3);
  for (auto& client : clients) places.enter(client, network("127.0.0.1"));
  CHECK(places.strangers() == 20);
  for (auto& visitor : visitors) places.move(places.enter(visitor, network("127.0.0.1")), network("198.51.100.1"));
  CHECK(visitors[0].closed == 1);
  CHECK(visitors[1].closed + visitors[2].closed == 0);
  CHECK(std::none_of(clients.begin(), clients.end(), [](const auto& c) { return c.closed; }));
}

TEST_CASE("who has logged in keeps the place, unless it is idle and a further one logs in") {
  ConnectionPlaces places({.members = 2, .strangers = 1, .strangers_per_network = 1});
  Client busy, idle, late;
  const auto busy_place = places.enter(busy, network("192.0.2.1"));
  REQUIRE(places.admit(busy_place));
  const auto idle_place = places.enter(idle, network("192.0.2.1"));
  REQUIRE(places.admit(idle_place));
  auto late_place = places.enter(late, network("192.0.2.1"));
  CHECK_FALSE(places.admit(late_place));
  places.set_idle(idle_place, true);
  CHECK(places.admit(late_place));
  CHECK(idle.closed == 1);
  CHECK(busy.closed == 0);
  late_place = places.dismiss(late_place);
  CHECK(places.strangers() == 1);
  CHECK(places.members() == 1);
}

TEST_CASE("whatever comes and goes: bounds hold, members stay, a newcomer has a place, the largest network pays") {
  for (unsigned seed = 0; seed < 300; ++seed) {
    std::mt19937 random(seed);
    const auto below = [&](unsigned n) { return static_cast<unsigned>(random() % n); };
    const PlaceLimits limits{.members = 1 + below(6), .strangers = 1 + below(8), .strangers_per_network = 1 + below(4)};
    ConnectionPlaces places(limits);
    struct Known {
      Client client;
      ClientNetwork from;
      bool member = false, idle = false;
    };
    std::map<ConnectionPlaces::Id, std::unique_ptr<Known>> open;  // by age, as the model has it
    std::string why;
    const auto settle = [&](ConnectionPlaces::Id newcomer) {
      for (auto it = open.begin(); it != open.end();) {
        if (it->second->client.closed == 0) {
          ++it;
          continue;
        }
        if (it->first == newcomer) why = "the newcomer was closed";
        if (it->second->member && !it->second->idle) why = "a busy member was closed";
        it = open.erase(it);
      }
      std::map<IpAddress, std::size_t> held;
      std::size_t members = 0;
      for (const auto& [id, known] : open) {
        if (known->member) ++members;
        else ++held[known->from.address];
      }
      std::size_t strangers = 0;
      for (const auto& [address, count] : held) {
        strangers += count;
        if (count > limits.strangers_per_network && !client_network(address).shared)
          why = "a network has more than its share";
      }
      if (strangers > limits.strangers || members > limits.members) why = "too many";
      if (strangers != places.strangers() || members != places.members()) why = "the counts differ";
    };
    for (int step = 0; step < 200 && why.empty(); ++step) {
      const auto from = network(below(4) == 0 ? "127.0.0.1" : "192.0.2." + std::to_string(below(5)));
      auto chosen = open.begin();
      if (!open.empty()) std::advance(chosen, below(static_cast<unsigned>(open.size())));
      const auto action = open.empty() ? 0 : below(8);
      if (action <= 2) {
        auto known = std::make_unique<Known>();
        known->from = from;
        const auto id = places.enter(known->client, from);
        open.emplace(id, std::move(known));
        settle(id);
      } else if (action == 3) {
        places.leave(chosen->first);
        open.erase(chosen);
        settle(0);
      } else if (action == 4) {
        const bool admitted = places.admit(chosen->first);
        if (!admitted && std::any_of(open.begin(), open.end(), [](const auto& o) { return o.second->idle; }))
          why = "an idle member kept its place";
        if (admitted) chosen->second->member = true;
        settle(chosen->first);
      } else if (action == 5) {
        auto known = std::move(chosen->second);
        const auto id = places.dismiss(chosen->first);
        open.erase(chosen);
        known->member = known->idle = false;
        open.emplace(id, std::move(known));
        settle(id);
      } else if (action == 6) {
        chosen->second->idle = chosen->second->member && below(2) == 0;
        places.set_idle(chosen->first, chosen->second->idle);
      } else {
        chosen->second->from = from;
        const auto id = chosen->first;
        places.move(id, from);
        settle(id);
      }
    }
    CAPTURE(seed);
    CHECK(why == "");
  }
}
