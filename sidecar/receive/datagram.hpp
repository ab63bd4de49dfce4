// UDP payloads on their way from a socket or a capture to a decoder: many in one buffer, handed on as a whole.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "core/ip_address.hpp"

namespace weir {

// How a message came.
enum class Carriage : std::uint8_t {
  kDatagram,    // by UDP, or in a capture
  kSession,     // in a transport session (TCP), which source and source port tell apart
  kSessionEnd,  // no message: the session has ended
};

struct Datagram {
  IpAddress source;  // the exporter: the UDP sender, or whom the payload names (decode/protocol_table.hpp)
  std::uint16_t source_port = 0, local_port = 0;
  std::int64_t arrival_ms = 0;            // epoch milliseconds UTC: the kernel's or the capture's stamp
  std::span<const std::uint8_t> payload;  // borrowed from the batch
  IpAddress via = {};                     // the UDP sender, if `source` is another
  Carriage carriage = Carriage::kDatagram;
};

class DatagramBatch {
 public:
  static constexpr std::size_t kEntryBytes = 72;  // of a datagram beside its payload, at most
  void reserve(std::size_t datagrams, std::size_t payload_bytes) {
    entries_.reserve(entries_.size() + datagrams);
    bytes_.reserve(bytes_.size() + payload_bytes);
  }
  void add(const Datagram& d) {
    entries_.push_back({.source = d.source,
                        .source_port = d.source_port,
                        .local_port = d.local_port,
                        .arrival_ms = d.arrival_ms,
                        .offset = bytes_.size(),
                        .size = static_cast<std::uint32_t>(d.payload.size()),
                        .via = d.via,
                        .carriage = d.carriage});
    bytes_.insert(bytes_.end(), d.payload.begin(), d.payload.end());
  }
  std::size_t size() const { return entries_.size(); }
  std::size_t bytes() const { return bytes_.size() + entries_.size() * sizeof(Entry); }
  Datagram operator[](std::size_t i) const {
    const Entry& e = entries_[i];
    return {.source = e.source,
            .source_port = e.source_port,
            .local_port = e.local_port,
            .arrival_ms = e.arrival_ms,
            .payload = std::span(bytes_).subspan(e.offset, e.size),
            .via = e.via,
            .carriage = e.carriage};
  }

 private:
  struct Entry {
    IpAddress source;
    std::uint16_t source_port, local_port;
    std::int64_t arrival_ms;
    std::size_t offset;
    std::uint32_t size;
    IpAddress via;
    Carriage carriage;
  };
  static_assert(sizeof(Entry) <= kEntryBytes);
  std::vector<std::uint8_t> bytes_;
  std::vector<Entry> entries_;
};

class DatagramSink {
 public:
  virtual ~DatagramSink() = default;
  // Borrowed for the call.
  virtual void on_datagrams(std::span<const Datagram> datagrams) = 0;
};

}  // namespace weir
