// What every connection and call of the API shares. Owned by ApiServer (or a test), outlives all that borrow it.
#pragma once
#include <boost/asio/io_context.hpp>
#include <string>

#include "api/api_counters.hpp"
#include "api/api_server.hpp"
#include "api/backend.hpp"
#include "api/connection_log.hpp"
#include "api/connection_places.hpp"
#include "api/query_pool.hpp"
#include "api/static_files.hpp"
#include "core/clock.hpp"

namespace weir {

struct ApiServices {
  const ApiSettings settings;
  ApiBackend& backend;
  const Clock& clock;
  const std::string secret;
  const StaticFiles files{""};
  const bool on_loopback = true;  // where the listener is: then requests have to name a loopback host
  ApiCounters counters{};
  ConnectionLog log{};  // any thread
  // API thread only.
  ConnectionPlaces places{{.members = settings.max_connections,
                           .strangers = settings.max_unauthenticated,
                           .strangers_per_network = settings.max_unauthenticated_per_address}};
  boost::asio::io_context io{1};  // run by the API thread alone; its handlers own the connections
  QueryPool pool{settings.query_threads, settings.query_queue};
};

}  // namespace weir
