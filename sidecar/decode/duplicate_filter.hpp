// Datagrams that come twice: two destinations of an exporter that are one collector, a mirror port, a network that
// repeats packets. A copy has the same sender, port and content, its sequence number and export time included, and
// comes soon. Remembers the datagrams of all exporters of a decoder in a table of fixed size, by a hash with a secret
// key. Owned by one decoder; one thread.
#pragma once
#include <cstdint>
#include <vector>

#include "receive/datagram.hpp"

namespace weir {

class DuplicateFilter {
 public:
  explicit DuplicateFilter(std::int64_t window_ms) : window_ms_(window_ms) {}

  // Whether the datagram is a copy of one that came within the window and held records. Else it is remembered.
  bool is_copy(const Datagram& datagram);
  // The datagram that was asked about last held records: a copy of it would count twice. Templates may well be repeated
  // as they are.
  void note_records() {
    if (last_ != nullptr) last_->holds_records = true;
  }

 private:
  struct Entry {
    std::uint64_t hash = 0;
    std::int64_t arrival_ms = 0;
    bool holds_records = false;
  };

  const std::int64_t window_ms_;
  std::vector<Entry> entries_;  // made when the first datagram comes
  Entry* last_ = nullptr;
};

}  // namespace weir
