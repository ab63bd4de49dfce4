// Counts a connection for as long as it lives, tells the server of it and keeps it in the connection log. API thread only.
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
  ConnectionSlot(ApiServices& services, Connection* connection, std::string peer, bool websocket)
      : services_(&services), connection_(connection), id_(services.log.opened(std::move(peer), websocket, services.clock.now_ms())) {
    services_->connections.insert(connection_);
    ++services_->counters.connections;
  }
  ~ConnectionSlot() {
    services_->connections.erase(connection_);
    --services_->counters.connections;
    services_->log.closed(id_);
  }
  ConnectionSlot(const ConnectionSlot&) = delete;
  ConnectionSlot& operator=(const ConnectionSlot&) = delete;

  // Its number in the connection log.
  std::uint64_t id() const { return id_; }

 private:
  ApiServices* services_;
  Connection* connection_;
  const std::uint64_t id_;
};

}  // namespace weir
