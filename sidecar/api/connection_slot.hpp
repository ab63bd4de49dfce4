// Counts a connection for as long as it lives and tells the server of it; moves along when HTTP becomes a WebSocket.
// API thread only.
#pragma once
#include "api/api_services.hpp"

namespace weir {

class ConnectionSlot {
 public:
  ConnectionSlot(ApiServices& services, Connection* connection) : services_(&services), connection_(connection) {
    services_->connections.insert(connection_);
    ++services_->counters.connections;
  }
  ~ConnectionSlot() {
    services_->connections.erase(connection_);
    --services_->counters.connections;
  }
  ConnectionSlot(const ConnectionSlot&) = delete;
  ConnectionSlot& operator=(const ConnectionSlot&) = delete;

 private:
  ApiServices* services_;
  Connection* connection_;
};

}  // namespace weir
