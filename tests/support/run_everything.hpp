// For API services without threads of their own: runs what waits in the pool and in the loop until nothing is left.
#pragma once
#include "api/api_services.hpp"

namespace weir::testing {

inline void run_everything(ApiServices& services) {
  do {
    services.io.restart();
    services.io.poll();
  } while (services.pool.run_one());
  services.io.restart();
  services.io.poll();
}

}  // namespace weir::testing
