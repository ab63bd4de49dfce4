// The networks that may send (receive.allow): asked of every datagram before anything else is done with it. Immutable
// but for its counters; any thread.
#pragma once
#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "core/guarded.hpp"
#include "core/ip_address.hpp"
#include "core/result.hpp"

namespace weir {

class AllowedSenders {
 public:
  // No network: everybody may send.
  explicit AllowedSenders(std::vector<IpPrefix> networks = {}) : networks_(std::move(networks)) {}
  // The error names the text and the form that is allowed.
  static Result<std::vector<IpPrefix>> parse(const std::vector<std::string>& texts);

  bool allows(const IpAddress& address) const {
    if (networks_.empty()) return true;
    for (const auto& network : networks_) {
      if (network.contains(address)) return true;
    }
    return false;
  }
  void count_refused(std::uint64_t datagrams, const IpAddress& last) {
    refused_.fetch_add(datagrams, std::memory_order_relaxed);
    last_refused_.with([&](IpAddress& address) { address = last; });
  }
  IpAddress last_refused() const {
    return last_refused_.with([](const IpAddress& address) { return address; });
  }
  std::uint64_t refused() const { return refused_.load(std::memory_order_relaxed); }

 private:
  const std::vector<IpPrefix> networks_;
  std::atomic<std::uint64_t> refused_{0};
  Guarded<IpAddress> last_refused_;
};

}  // namespace weir
