// The thread and the asker share what it works on: the asker may be gone when the answer comes.
#include "exchange/name_lookup.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>

namespace weir {

namespace {

constexpr auto kLookEvery = std::chrono::milliseconds(50);
constexpr int kMaxLookups = 32;  // that hang at a time
std::atomic<int> lookups{0};

struct Lookup {
  std::mutex mutex;
  std::condition_variable done_changed;
  bool done = false;
  std::vector<boost::asio::ip::address> addresses;
  std::string failure;
};

void ask_system(const std::string& host, Lookup& lookup) {
  addrinfo hints{}, *found = nullptr;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  const int code = getaddrinfo(host.c_str(), nullptr, &hints, &found);
  const std::lock_guard lock(lookup.mutex);
  if (code != 0) lookup.failure = gai_strerror(code);
  for (const auto* a = found; code == 0 && a != nullptr; a = a->ai_next) {
    if (a->ai_family == AF_INET) {
      sockaddr_in v4{};
      std::memcpy(&v4, a->ai_addr, sizeof v4);
      lookup.addresses.emplace_back(boost::asio::ip::address_v4(ntohl(v4.sin_addr.s_addr)));
    } else if (a->ai_family == AF_INET6) {
      sockaddr_in6 v6{};
      std::memcpy(&v6, a->ai_addr, sizeof v6);
      boost::asio::ip::address_v6::bytes_type bytes;
      std::memcpy(bytes.data(), v6.sin6_addr.s6_addr, bytes.size());
      lookup.addresses.emplace_back(boost::asio::ip::address_v6(bytes, v6.sin6_scope_id));
    }
  }
  if (code == 0) freeaddrinfo(found);
  if (code == 0 && lookup.addresses.empty()) lookup.failure = "the name has no address";
  lookup.done = true;
  lookup.done_changed.notify_all();
}

}  // namespace

Result<ResolvedAddresses> look_up(const HostPort& to, const ExchangeLimit& limit) {
  ResolvedAddresses resolved{.addresses = {}, .port = static_cast<unsigned short>(std::stoul(to.port))};
  boost::system::error_code no_address;
  if (const auto address = boost::asio::ip::make_address(to.host, no_address); !no_address) {
    resolved.addresses.push_back(address);
    return resolved;
  }
  if (lookups >= kMaxLookups) return error(to.text() + ": the resolver of this machine does not answer");
  const auto lookup = std::make_shared<Lookup>();
  ++lookups;
  try {
    std::thread([lookup, host = to.host] {
      ask_system(host, *lookup);
      --lookups;
    }).detach();
  } catch (const std::system_error& e) {
    --lookups;
    return error(to.text() + ": the name cannot be looked up: " + e.what());
  }
  std::unique_lock lock(lookup->mutex);
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(limit.timeout_ms);
  while (!lookup->done && std::chrono::steady_clock::now() < end && !(limit.stopping != nullptr && *limit.stopping)) {
    lookup->done_changed.wait_for(lock, kLookEvery);
  }
  if (!lookup->done) return error(to.text() + ": the name was not resolved in time");
  if (!lookup->failure.empty()) return error(to.text() + ": " + lookup->failure);
  resolved.addresses = std::move(lookup->addresses);
  return resolved;
}

}  // namespace weir
