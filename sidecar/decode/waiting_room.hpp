// Senders that are no exporters yet, with what they have sent: held, bounded in senders and octets, until they have
// earned a place in the exporter table or are turned away. A flood of made up addresses passes through without filling
// it: when it is full, only a sender that was heard before gets in, and who was heard once makes room. Owned by one
// decoder; one thread.
#pragma once
#include <cstdint>
#include <deque>
#include <list>
#include <unordered_map>
#include <vector>

#include "decode/decoder.hpp"
#include "decode/sender_sieve.hpp"
#include "receive/datagram.hpp"

namespace weir {

struct HeldDatagram {
  std::uint16_t source_port = 0, local_port = 0;
  bool has_template = false;
  std::int64_t arrival_ms = 0;
  std::vector<std::uint8_t> payload;

  std::uint64_t bytes() const { return payload.size() + sizeof(HeldDatagram) + 32; }
  Datagram of(const IpAddress& source) const {
    return {.source = source,
            .source_port = source_port,
            .local_port = local_port,
            .arrival_ms = arrival_ms,
            .payload = payload};
  }
};

struct WaitingSender {
  IpAddress address;
  std::deque<HeldDatagram> held;
  std::uint64_t bytes = 0;
  std::uint32_t datagrams = 0;  // valid ones that came
  std::int64_t first_ms = 0, last_ms = 0;
  std::uint64_t untried_bytes = 0;  // since it was last looked whether it has earned its place
  std::int64_t tried_ms = INT64_MIN / 2;

  // Enough came, for long enough. What it is, is another question.
  bool has_sent_enough(const AdmissionLimits& limits, std::int64_t now_ms) const {
    return datagrams >= limits.datagrams && now_ms - first_ms >= limits.probation_ms;
  }
};

class WaitingRoom {
 public:
  explicit WaitingRoom(const AdmissionLimits& limits) : limits_(limits) {}

  // Holds a datagram of a sender; nullptr when there is no place for it. The pointer holds until the next call.
  WaitingSender* hold(const Datagram& datagram, bool has_template);
  WaitingSender* find(const IpAddress& address);
  // What the sender had sent; it waits no more.
  std::deque<HeldDatagram> take(const IpAddress& address);
  // Turns away those that were not heard for limits.max_wait_ms. `f(sender)` for each of the others.
  template <class F>
  void tick(std::int64_t now_ms, F&& f) {
    sieve_.tick(now_ms);
    for (auto* list : {&once_, &again_}) {
      while (!list->empty() && list->front().last_ms < now_ms - limits_.max_wait_ms) turn_away(*list);
      for (auto& sender : *list) f(sender);
    }
  }
  void turn_all_away();

  std::size_t senders() const { return by_address_.size(); }
  std::uint64_t bytes() const { return bytes_; }
  std::uint64_t senders_turned_away() const { return senders_turned_away_; }
  std::uint64_t datagrams_turned_away() const { return datagrams_turned_away_; }

 private:
  using Senders = std::list<WaitingSender>;  // heard longest ago first
  struct Place {
    Senders* list = nullptr;
    Senders::iterator sender;
  };

  void turn_away(Senders& list);
  bool make_room(std::uint64_t bytes, const WaitingSender* keep);
  void drop_held(WaitingSender& sender, std::size_t i);
  bool is_full(std::uint64_t more) const {
    return by_address_.size() >= limits_.max_senders || bytes_ + more > limits_.max_bytes;
  }

  const AdmissionLimits limits_;
  Senders once_, again_;  // heard once since they came in; more often, or known to the sieve
  std::unordered_map<IpAddress, Place> by_address_;
  SenderSieve sieve_;
  std::uint64_t bytes_ = 0, senders_turned_away_ = 0, datagrams_turned_away_ = 0;
};

}  // namespace weir
