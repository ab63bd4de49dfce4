// Sessions of which one half was reported, and whose other half may be stored as a session of its own: found by key and
// time, and put together for display. Plain values and pure functions; any thread.
#pragma once
#include <array>
#include <cstdint>
#include <tuple>
#include <vector>

#include "core/ip_address.hpp"
#include "flow/session.hpp"

namespace weir {

// Where a session is stored: a snapshot's segment number and the row.
struct SessionPlace {
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};
  std::uint32_t segment = kNone, row = kNone;
  friend auto operator<=>(const SessionPlace&, const SessionPlace&) = default;
};

// Halves further apart than this are not one session; a request and its answer that lie in two points of time are.
inline constexpr std::int64_t kMaxHalfGapMs = 1'000;

// Both (address, port) pairs without regard to who is the client.
struct ConversationKey {
  IpAddress low, high;
  std::uint32_t exporter = 0;
  std::uint16_t low_port = 0, high_port = 0;
  std::uint8_t protocol = 0;
  friend auto operator<=>(const ConversationKey&, const ConversationKey&) = default;
  std::uint64_t hash() const;
};

struct LoneHalf {
  ConversationKey key;
  std::uint64_t hash = 0;
  bool from_low = false;    // the half's sender is key.low
  bool client_low = false;  // the session's client is key.low
  ServerReason reason{};    // of that
  std::int64_t start_ms = 0, end_ms = 0;
  std::uint64_t value =
      0;  // what the list is ordered by; of an order of one direction: what the half has, whichever it is
  SessionPlace place;
};
// `side`: the one that was reported.
LoneHalf make_lone_half(const IpAddress& client, std::uint16_t client_port, const IpAddress& server,
                        std::uint16_t server_port, std::uint32_t exporter, std::uint8_t protocol, SessionSide side);

struct HalfPair {
  std::size_t first = 0, second = 0;  // positions in the list given
};
// Pairs of opposite halves of one key, in order of time, each used once. Sorts `halves`.
std::vector<HalfPair> pair_halves(std::vector<LoneHalf>& halves);

// One session of two: the better reason decides which end is the client (of equal ones, the earlier start).
struct MergedSession {
  // Where a half comes from.
  struct Source {
    bool second = false;  // of the two given
    SessionSide side = kToServer;
  };
  Session session;
  std::array<Source, 2> source;  // by SessionSide
};
MergedSession merge_sessions(const Session& a, const Session& b);
// Of two sessions or halves: the first decides which end is the client.
template <class T>
bool first_decides(const T& a, const T& b) {
  return std::tie(a.reason, a.start_ms) <= std::tie(b.reason, b.start_ms);
}

}  // namespace weir
