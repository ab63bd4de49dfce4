// What is remembered of the streams of one exporter: a stream is a source port and an observation domain (source id,
// engine) of one protocol version. Several devices can send from one address (NAT, containers); each has streams of its
// own. Owned by one decoder; one thread.
#pragma once
#include <cstdint>
#include <list>
#include <unordered_map>

#include "decode/time_repair.hpp"
#include "decode/unrated_span.hpp"
#include "decode/uptime_watch.hpp"

namespace weir {

struct StreamKey {
  std::uint16_t version = 0;
  std::uint32_t domain = 0;
  std::uint16_t port = 0;
  bool operator==(const StreamKey&) const = default;
  std::uint64_t packed() const { return std::uint64_t{version} << 48 | std::uint64_t{domain} << 16 | port; }
};

struct Stream {
  StreamKey key;
  std::int64_t heard_ms = 0, last_ms = 0;  // first and last datagram
  ClockSkew skew;
  BootTime boot;       // of IPFIX exporters that send uptimes
  UptimeWatch uptime;  // of v1 to v9
  std::int64_t booted_ms =
      0;                // the exporter's clock less the uptime in its header; 0: there is none, or it tells nothing
  UnratedSpan unrated;  // what came without a sampling rate, and none has been announced since
};

class StreamTable {
 public:
  static constexpr std::uint64_t kStreamBytes = 512;  // with its index entry
  static constexpr std::int64_t kPassingMs = 1000;

  explicit StreamTable(std::uint32_t max_streams) : max_streams_(max_streams) {}

  // The stream, made when new. Past the bound the one silent longest is forgotten; what it sends then is that of a new
  // one.
  Stream& of(const StreamKey& key, std::int64_t now_ms);
  Stream* find(const StreamKey& key);
  void erase_domain(std::uint16_t version, std::uint32_t domain);
  // Forgets those that were heard for less than kPassingMs and not since `before_ms`: one datagram tells nothing that a
  // later one is held against. Whoever sends each from another port, as forged senders do, keeps no memory so.
  void forget_passing(std::int64_t before_ms);
  std::size_t size() const { return streams_.size(); }
  std::uint64_t bytes() const { return streams_.size() * kStreamBytes; }
  std::uint64_t forgotten() const { return forgotten_; }
  // Heard last first.
  std::list<Stream>& all() { return streams_; }
  const std::list<Stream>& all() const { return streams_; }

 private:
  const std::uint32_t max_streams_;
  std::list<Stream> streams_;
  std::unordered_map<std::uint64_t, std::list<Stream>::iterator> by_key_;
  std::uint64_t forgotten_ = 0;
};

}  // namespace weir
