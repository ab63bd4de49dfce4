// Remembers who sends what is not decoded, and what it looks like. At most kMaxSenders: when there are more, the one
// that sent least makes room. noted by a decoder; newest() on any thread.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "core/guarded.hpp"
#include "flow/undecoded_sender.hpp"
#include "receive/datagram.hpp"

namespace weir {

// What a payload that is not decoded looks like.
enum class UndecodedKind : std::uint8_t { kNetflow8, kShort, kOther };
UndecodedKind undecoded_kind(std::span<const std::uint8_t> payload);
// "NetFlow v8"; of other kinds with the version that the payload begins with.
std::string undecoded_name(std::span<const std::uint8_t> payload);
std::string undecoded_hint(UndecodedKind kind);

class UndecodedSenders {
 public:
  static constexpr std::size_t kMaxSenders = 32;

  void note(const Datagram& datagram);
  // By the time of the last datagram.
  std::vector<UndecodedSender> newest() const;

 private:
  struct Sender {
    IpAddress address;
    std::uint16_t port = 0;
    UndecodedKind kind = UndecodedKind::kOther;
    std::string name;
    std::uint64_t datagrams = 0;
    std::int64_t first_ms = 0, last_ms = 0;
  };
  Guarded<std::vector<Sender>> senders_;
};

}  // namespace weir
