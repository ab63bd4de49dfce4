// Who may stay connected. Clients that have not logged in yet ("strangers") have few places, bounded per address, and
// give theirs up to newcomers, the oldest first; whoever has logged in (a "member") keeps the place. One network
// thread.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/ip_address.hpp"

namespace boost::asio::ip {
class address;
}

namespace weir {

// An open connection, as its server sees it when it has to go.
class Connection {
 public:
  virtual ~Connection() = default;
  // At once, without a farewell; what runs for it is cancelled. Network thread.
  virtual void close() = 0;
};

// What counts as one client: an IPv4 address, or the /64 of an IPv6 one, which is what one line gets.
struct ClientNetwork {
  IpAddress address;
  // Many clients may stand behind it, so its own bound does not hold: a web server on this machine calls for everybody.
  bool shared = false;
  friend bool operator==(const ClientNetwork&, const ClientNetwork&) = default;
  std::string text() const;
};
ClientNetwork client_network(const IpAddress& address);
ClientNetwork client_network(const boost::asio::ip::address& address);

struct PlaceLimits {
  std::uint32_t members = 0, strangers = 0, strangers_per_network = 0;
};

class ConnectionPlaces {
 public:
  using Id = std::uint64_t;
  explicit ConnectionPlaces(const PlaceLimits& limits) : limits_(limits) {}

  // A newcomer is a stranger. What is closed to make room is told by on_displaced(), before its close().
  Id enter(Connection& connection, const ClientNetwork& from);
  void leave(Id place);
  // A stranger becomes a member. False: all places of members are taken, and none of them is idle.
  bool admit(Id place);
  // A member becomes a stranger again, the newest; its new number.
  Id dismiss(Id place);
  // The client turns out to be somebody else: a proxy called for it.
  void move(Id place, const ClientNetwork& from);
  // Another object carries on the connection.
  void replace(Id place, Connection& connection);
  // A member between two requests, whose place may be given away.
  void set_idle(Id place, bool idle);

  std::size_t strangers() const { return strangers_.size(); }
  std::size_t members() const { return members_.size(); }
  std::vector<Connection*> all() const;
  void on_displaced(std::function<void(const ClientNetwork&)> told) { told_ = std::move(told); }

 private:
  struct Place {
    Connection* connection = nullptr;
    ClientNetwork from;
    bool idle = false;
  };
  using Places = std::map<Id, Place>;  // by age
  void make_room(const ClientNetwork& from, Id spared);
  void displace(Places& places, Places::iterator place);

  const PlaceLimits limits_;
  Places strangers_, members_;
  Id next_ = 1;
  std::function<void(const ClientNetwork&)> told_;
};

}  // namespace weir
