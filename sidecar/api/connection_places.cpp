// Chooses which connection has to go when there is no place left.
#include "api/connection_places.hpp"

#include <algorithm>
#include <boost/asio/ip/address.hpp>

namespace weir {

namespace {

bool is_loopback(const IpAddress& a) {
  if (a.is_v4()) return a.v4() >> 24 == 127;
  IpAddress one;
  one.bytes[15] = 1;
  return a == one;
}

}  // namespace

std::string ClientNetwork::text() const { return address.text() + (address.is_v4() || shared ? "" : "/64"); }

ClientNetwork client_network(const IpAddress& address) {
  ClientNetwork network{.address = address, .shared = is_loopback(address)};
  if (!address.is_v4() && !network.shared)
    std::fill(network.address.bytes.begin() + 8, network.address.bytes.end(), std::uint8_t{0});
  return network;
}

ClientNetwork client_network(const boost::asio::ip::address& address) {
  if (address.is_v4()) return client_network(IpAddress::from_v4(address.to_v4().to_uint()));
  const auto bytes = address.to_v6().to_bytes();
  return client_network(IpAddress::from_v6(std::span<const std::uint8_t, 16>(bytes)));
}

ConnectionPlaces::Id ConnectionPlaces::enter(Connection& connection, const ClientNetwork& from) {
  const auto id = next_++;
  make_room(from, id);
  strangers_.emplace(id, Place{.connection = &connection, .from = from});
  return id;
}

void ConnectionPlaces::leave(Id place) {
  if (strangers_.erase(place) == 0) members_.erase(place);
}

bool ConnectionPlaces::admit(Id place) {
  const auto found = strangers_.find(place);
  if (found == strangers_.end()) return members_.contains(place);
  if (members_.size() >= limits_.members) {
    const auto idle =
        std::find_if(members_.begin(), members_.end(), [](const auto& member) { return member.second.idle; });
    if (idle == members_.end()) return false;
    displace(members_, idle);
  }
  members_.insert(strangers_.extract(place));
  return true;
}

ConnectionPlaces::Id ConnectionPlaces::dismiss(Id place) {
  auto node = members_.extract(place);
  if (node.empty()) return place;
  const auto id = next_++;
  make_room(node.mapped().from, id);
  node.key() = id;
  node.mapped().idle = false;
  strangers_.insert(std::move(node));
  return id;
}

void ConnectionPlaces::move(Id place, const ClientNetwork& from) {
  for (auto* places : {&strangers_, &members_}) {
    const auto found = places->find(place);
    if (found == places->end() || found->second.from == from) continue;
    // It leaves its old network before it is counted with the new one.
    auto node = places->extract(found);
    node.mapped().from = from;
    if (places == &strangers_) make_room(from, place);
    places->insert(std::move(node));
    return;
  }
}

void ConnectionPlaces::replace(Id place, Connection& connection) {
  for (auto* places : {&strangers_, &members_}) {
    if (const auto found = places->find(place); found != places->end()) found->second.connection = &connection;
  }
}

void ConnectionPlaces::set_idle(Id place, bool idle) {
  if (const auto found = members_.find(place); found != members_.end()) found->second.idle = idle;
}

std::vector<Connection*> ConnectionPlaces::all() const {
  std::vector<Connection*> all;
  for (const auto* places : {&strangers_, &members_}) {
    for (const auto& [id, place] : *places) all.push_back(place.connection);
  }
  return all;
}

// For one more stranger of `from`: the oldest of a network that has its share goes; when all places are taken, the
// oldest of the network that has most of them.
void ConnectionPlaces::make_room(const ClientNetwork& from, Id spared) {
  std::map<IpAddress, std::size_t> held;
  for (const auto& [id, place] : strangers_) ++held[place.from.address];
  const auto full = strangers_.size() >= limits_.strangers;
  auto crowded = from.address;
  if (from.shared || held[from.address] < limits_.strangers_per_network) {
    if (!full) return;
    std::size_t most = 0;
    for (const auto& [id, place] : strangers_) {  // by age: of equals, whose oldest is older
      if (held[place.from.address] > most) most = held[place.from.address], crowded = place.from.address;
    }
  }
  const auto oldest = std::find_if(strangers_.begin(), strangers_.end(), [&](const auto& s) {
    return s.first != spared && s.second.from.address == crowded;
  });
  if (oldest != strangers_.end()) displace(strangers_, oldest);
}

void ConnectionPlaces::displace(Places& places, Places::iterator place) {
  const auto gone = place->second;
  places.erase(place);
  if (told_) told_(gone.from);
  gone.connection->close();
}

}  // namespace weir
