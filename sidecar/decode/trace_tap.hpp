// Where someone who wants to see the next datagrams of an exporter waits for them. While nobody does, a worker pays one
// relaxed load per batch. Workers put texts in, a console or API thread takes them out.
#pragma once
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "core/ip_address.hpp"
#include "core/result.hpp"

namespace weir {

struct TraceRequest {
  IpAddress exporter;
  std::uint32_t datagrams = 3;
  std::int64_t patience_ms = 10'000;
  std::size_t max_bytes = 256 << 10;  // of all their text
  const std::atomic<bool>* cancelled = nullptr;
};

class TraceTap {
 public:
  // Waits for the texts of the next datagrams; what came until patience ended or it was cancelled. The error says that
  // another trace is under way: there is one at a time.
  Result<std::vector<std::string>> wait(const TraceRequest& request);

  // For the workers: whether to look at sources at all, then at one.
  bool is_wanted() const { return wanted_.load(std::memory_order_relaxed); }
  // How many bytes of text a datagram from `source` may have; 0: it is not wanted.
  std::size_t room_for(const IpAddress& source);
  void add(const IpAddress& source, std::string text);

 private:
  std::atomic<bool> wanted_{false};
  std::mutex mutex_;
  std::condition_variable came_;
  bool taken_ = false;
  IpAddress exporter_;
  std::uint32_t missing_ = 0;
  std::size_t room_ = 0;
  std::vector<std::string> texts_;
};

}  // namespace weir
