// The API stage: one listener, one thread for all sockets, a bounded pool of threads for queries. Whatever a client
// sends, the collector goes on.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "api/backend.hpp"
#include "api/connection_log.hpp"
#include "core/clock.hpp"
#include "core/refusal_tally.hpp"
#include "core/setting_defaults.hpp"

namespace weir {

// Names are those of [api] in weir.toml.
struct ApiSettings {
  std::string listen = "127.0.0.1:8710";           // ADDRESS:PORT, [IPV6]:PORT; port 0: any free one
  std::string secret_file;                         // made at first start; required
  std::string web_dir;                             // the built Flows window; "": none
  std::string tls_certificate, tls_key;            // PEM files; both or neither
  bool insecure = setting_defaults::kApiInsecure;  // listen beyond loopback without TLS
  std::vector<std::string>
      allowed_origins;  // https://monitor.example: pages that may call us beside our own; names we go by

  std::uint32_t max_connections = setting_defaults::kApiMaxConnections;  // of clients that have logged in
  std::uint32_t max_unauthenticated =
      setting_defaults::kApiMaxUnauthenticated;  // of those that have not: the oldest is closed for a newcomer
  std::uint32_t max_unauthenticated_per_address = setting_defaults::kApiMaxUnauthenticatedPerAddress;
  std::uint32_t max_request_bytes = setting_defaults::kApiMaxRequestBytes;  // an HTTP body, a WebSocket message
  std::uint32_t max_outgoing_bytes =
      setting_defaults::kApiMaxOutgoingBytes;  // waiting for one slow reader; beyond: closed and counted
  std::uint32_t max_subscriptions = setting_defaults::kApiMaxSubscriptions;  // per connection
  std::uint32_t query_threads = 2;
  std::uint32_t query_queue = setting_defaults::kQueryQueue;  // queries that may wait; beyond: -32004
  std::uint32_t login_timeout_ms =
      setting_defaults::kApiLoginTimeoutMs;  // from the connection to a request or auth.login with a good token, and
                                             // again when a token has ended
  std::uint32_t idle_timeout_ms =
      setting_defaults::kApiIdleTimeoutMs;  // HTTP: between requests; WebSocket: without an answer to a ping
};

class ApiServer {
 public:
  // Binds the address, loads secret, certificate and window. Throws std::runtime_error naming the setting: a busy port,
  // an address beyond loopback without TLS or `insecure`, an unreadable file. Borrows backend and clock.
  ApiServer(ApiSettings settings, ApiBackend& backend, const Clock& clock);
  ~ApiServer();
  ApiServer(const ApiServer&) = delete;
  ApiServer& operator=(const ApiServer&) = delete;

  void start();
  // Cancels the queries, closes the connections, joins the threads. Harmless when repeated.
  void stop();
  std::uint16_t port() const;
  // The open connections, then the ended; any thread.
  std::vector<ApiConnection> connections() const;
  // What was refused at the door; any thread.
  std::vector<RefusalStatus> refusals() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir
