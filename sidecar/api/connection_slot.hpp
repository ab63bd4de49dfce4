// The place of a connection for as long as it lives, its count, and its line in the connection log. API thread only.
#pragma once
#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <string>
#include <utility>

#include "api/api_services.hpp"

namespace weir {

// "192.0.2.1:40000", "[2001:db8::1]:40000"
inline std::string peer_text(const boost::asio::ip::tcp::endpoint& peer) {
  const auto address = peer.address().to_string();
  return (peer.address().is_v6() ? "[" + address + "]" : address) + ":" + std::to_string(peer.port());
}

class ConnectionSlot {
 public:
  ConnectionSlot(ApiServices& services, Connection& connection, const boost::asio::ip::tcp::endpoint& peer)
      : services_(services),
        peer_(peer_text(peer)),
        network_(client_network(peer.address())),
        place_(services.places.enter(connection, network_)) {
    open(false);
  }
  // Of a connection that became a WebSocket: it goes on with the place of `former`.
  ConnectionSlot(Connection& connection, ConnectionSlot& former)
      : services_(former.services_),
        peer_(former.peer_),
        network_(former.network_),
        place_(std::exchange(former.place_, 0)) {
    services_.places.replace(place_, connection);
    open(true);
  }
  ~ConnectionSlot() {
    services_.places.leave(place_);
    services_.log.closed(id_);
    count();
  }
  ConnectionSlot(const ConnectionSlot&) = delete;
  ConnectionSlot& operator=(const ConnectionSlot&) = delete;

  // Its number in the connection log.
  std::uint64_t id() const { return id_; }
  // Address, or network, as the log names it.
  std::string network_text() const { return network_.text(); }
  bool is_on_loopback() const { return network_.shared; }

  // Somebody has logged in. False when there is no place for a further one.
  bool admit() {
    const bool admitted = services_.places.admit(place_);
    if (!admitted) services_.counters.members_refused.note(services_.clock.now_ms(), network_.text());
    count();
    return admitted;
  }
  void dismiss() {
    place_ = services_.places.dismiss(place_);
    count();
  }
  void set_idle(bool idle) { services_.places.set_idle(place_, idle); }
  // A proxy on this machine says for whom it calls.
  void called_for(const IpAddress& client) {
    network_ = client_network(client);
    services_.places.move(place_, network_);
  }

 private:
  void open(bool websocket) {
    id_ = services_.log.opened(peer_, websocket, services_.clock.now_ms());
    count();
  }
  void count() {
    services_.counters.connections = services_.places.strangers() + services_.places.members();
    services_.counters.strangers = services_.places.strangers();
  }

  ApiServices& services_;
  const std::string peer_;
  ClientNetwork network_;
  ConnectionPlaces::Id place_;
  std::uint64_t id_ = 0;
};

}  // namespace weir
