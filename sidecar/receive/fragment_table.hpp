// Puts fragmented UDP datagrams of a capture together (RFC 791 3.2, RFC 8200 4.5). Bounded in number and age; what
// stays incomplete or overlaps (RFC 5722) is dropped and counted. One thread.
#pragma once
#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "receive/capture_frame.hpp"

namespace weir {

class FragmentTable {
 public:
  // The whole datagram (UDP header first) when `part` was the last one missing.
  std::optional<std::vector<std::uint8_t>> add(const CapturedFrame& part, std::int64_t at_ms);
  // Datagrams given up, and those still incomplete.
  std::uint64_t incomplete() const { return given_up_ + open_.size(); }

 private:
  struct Key {
    IpAddress source, destination;
    std::uint32_t id = 0;
    auto operator<=>(const Key&) const = default;
  };
  struct Open {
    std::map<std::uint32_t, std::vector<std::uint8_t>> parts;  // by offset, without overlaps
    std::size_t received = 0;
    std::optional<std::size_t> total;  // known from the last fragment
    std::int64_t since_ms = 0;
  };
  void make_room(std::int64_t at_ms);

  std::map<Key, Open> open_;
  std::uint64_t given_up_ = 0;
};

}  // namespace weir
