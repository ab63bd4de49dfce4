// Data sets whose template has not come yet: held, bounded in bytes and age, and taken out again when it comes. One per
// exporter, owned by its decoder; one thread.
#pragma once
#include <compare>
#include <cstdint>
#include <map>
#include <vector>

#include "decode/time_repair.hpp"

namespace weir {

struct WaitingSet {
  std::uint16_t version = 0;
  std::uint32_t domain = 0;
  std::uint16_t set_id = 0;
  std::uint16_t port = 0;
  std::int64_t booted_ms = 0;  // Stream::booted_ms of its sender
  MessageTime time;
  std::vector<std::uint8_t> content;  // of the set, without its header

  // What holding it costs, the two index entries included.
  std::uint64_t bytes() const { return content.size() + sizeof(WaitingSet) + 160; }
};

class WaitingSets {
 public:
  bool empty() const { return sets_.empty(); }
  std::uint64_t bytes() const { return bytes_; }

  void hold(WaitingSet&& set);
  // Those of `port` that wait for this template, oldest first.
  std::vector<WaitingSet> take(std::uint16_t version, std::uint32_t domain, std::uint16_t set_id, std::uint16_t port);
  // Those of all ports.
  std::vector<WaitingSet> take(std::uint16_t version, std::uint32_t domain, std::uint16_t set_id);
  // Gives up the oldest until at most `max_bytes` are held; returns how many.
  std::uint32_t shrink_to(std::uint64_t max_bytes);
  // Gives up those that arrived before.
  std::uint32_t drop_before(std::int64_t arrival_ms);

 private:
  struct Key {
    std::uint16_t version = 0;
    std::uint32_t domain = 0;
    std::uint16_t set_id = 0;
    std::uint16_t port = 0;
    std::uint64_t serial = 0;  // order of arrival
    auto operator<=>(const Key&) const = default;
  };
  using ByKey = std::map<Key, WaitingSet>;

  std::vector<WaitingSet> take(const Key& first, const Key& last);
  void drop_oldest();

  ByKey sets_;
  std::map<std::uint64_t, ByKey::iterator> by_arrival_;
  std::uint64_t bytes_ = 0, next_serial_ = 0;
};

}  // namespace weir
