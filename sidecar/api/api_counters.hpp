// What the API counts of itself, and the text of /metrics. Counters: any thread.
#pragma once
#include <array>
#include <atomic>
#include <cstdint>
#include <string>

#include "api/backend.hpp"
#include "api/query_pool.hpp"
#include "api/rpc_methods.hpp"
#include "core/clock.hpp"
#include "core/metrics.hpp"
#include "core/refusal_tally.hpp"

namespace weir {

struct ApiCounters {
  using Counter = std::atomic<std::uint64_t>;

  Counter connections{0}, strangers{0}, websockets{0}, subscriptions{0};  // open now
  Counter accepted{0}, tls_failed{0};
  Counter http_requests{0}, requests_too_large{0}, ambiguous_requests{0}, origins_refused{0}, hosts_refused{0};
  Counter slow_readers{0}, idle_closed{0};
  Counter queries_cancelled{0}, queries_failed{0}, queries_refused{0}, updates_skipped{0}, filters_refused{0};
  SecondsHistogram query_seconds;
  std::array<Counter, kRpcMethodCount> calls{};  // by position in the table of methods
  Counter unknown_calls{0}, failed_calls{0};

  RefusalTally logins_refused{"api", "a token was refused",
                              "see under ext who it is: a token that has ended, or one of another collector; for a "
                              "stranger, close api.listen to his network"};
  RefusalTally displaced{"api",
                         "closed before a login, to make room for newcomers (api.max_unauthenticated, _per_address)",
                         "somebody opens connections and does not log in: close api.listen to that network"};
  RefusalTally members_refused{"api", "no place for a further client that has logged in (api.max_connections)",
                               "see under ext who has so many connections; or raise api.max_connections"};
  RefusalTally queries_over_limit{"api", "a query took more than it may (query.timeout_ms, query.memory_bytes)",
                                  "narrow the range or the filter, or group by fewer fields"};
};

// Everything in Prometheus' text format.
std::string build_metrics_text(ApiBackend& backend, const ApiCounters& counters, const QueryPool& pool,
                               const Clock& clock);

}  // namespace weir
