// Lets senders in, makes room, lets them out. Each operation costs a few look-ups, whatever is sent.
#include "decode/waiting_room.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace weir {

namespace {
// Of a sender, beside what it sent: its list node and its index entry.
constexpr std::uint64_t kSenderBytes = sizeof(WaitingSender) + 160;
}  // namespace

WaitingSender* WaitingRoom::hold(const Datagram& datagram, bool has_template) {
  HeldDatagram held{.source_port = datagram.source_port,
                    .local_port = datagram.local_port,
                    .has_template = has_template,
                    .arrival_ms = datagram.arrival_ms,
                    .payload = {}};
  const std::uint64_t bytes = held.bytes() + datagram.payload.size();
  auto at = by_address_.find(datagram.source);
  const bool fresh = at == by_address_.end();
  bool known = false;
  if (fresh) {
    if (is_full(bytes + kSenderBytes)) {
      known = sieve_.heard(datagram.source, datagram.arrival_ms);
      if (!known || !make_room(bytes + kSenderBytes, nullptr)) {
        ++senders_turned_away_;
        ++datagrams_turned_away_;
        return nullptr;
      }
    }
    auto& list = known ? again_ : once_;
    list.push_back(
        {.address = datagram.source, .held = {}, .datagrams = known ? 1u : 0u, .first_ms = datagram.arrival_ms});
    at = by_address_.emplace(datagram.source, Place{.list = &list, .sender = std::prev(list.end())}).first;
    bytes_ += kSenderBytes;
  } else {
    auto& place = at->second;
    again_.splice(again_.end(), *place.list, place.sender);
    place.list = &again_;
  }
  auto& sender = *at->second.sender;
  ++sender.datagrams;
  sender.last_ms = datagram.arrival_ms;
  if (datagram.arrival_ms < sender.first_ms) sender.first_ms = datagram.arrival_ms;  // the clock was set back
  sender.untried_bytes += datagram.payload.size();
  // Its own bound: the oldest goes, templates last.
  while (!sender.held.empty() && sender.bytes + bytes > limits_.max_bytes_per_sender) {
    const auto plain =
        std::find_if(sender.held.begin(), sender.held.end(), [](const HeldDatagram& h) { return !h.has_template; });
    drop_held(sender, plain == sender.held.end() ? 0 : static_cast<std::size_t>(plain - sender.held.begin()));
  }
  if (sender.bytes + bytes > limits_.max_bytes_per_sender ||
      (bytes_ + bytes > limits_.max_bytes && !make_room(bytes, &sender))) {
    ++datagrams_turned_away_;
    return &sender;
  }
  held.payload.assign(datagram.payload.begin(), datagram.payload.end());
  sender.held.push_back(std::move(held));
  sender.bytes += bytes;
  bytes_ += bytes;
  return &sender;
}

WaitingSender* WaitingRoom::find(const IpAddress& address) {
  const auto at = by_address_.find(address);
  return at == by_address_.end() ? nullptr : &*at->second.sender;
}

std::deque<HeldDatagram> WaitingRoom::take(const IpAddress& address) {
  const auto at = by_address_.find(address);
  if (at == by_address_.end()) return {};
  auto held = std::move(at->second.sender->held);
  bytes_ -= at->second.sender->bytes + kSenderBytes;
  at->second.list->erase(at->second.sender);
  by_address_.erase(at);
  return held;
}

void WaitingRoom::turn_away(Senders& list) {
  auto& sender = list.front();
  ++senders_turned_away_;
  datagrams_turned_away_ += sender.held.size();
  bytes_ -= sender.bytes + kSenderBytes;
  by_address_.erase(sender.address);
  list.pop_front();
}

bool WaitingRoom::make_room(std::uint64_t bytes, const WaitingSender* keep) {
  if (bytes > limits_.max_bytes) return false;
  while (bytes_ + bytes > limits_.max_bytes || (keep == nullptr && by_address_.size() >= limits_.max_senders)) {
    auto& list = once_.empty() ? again_ : once_;
    if (list.empty() || &list.front() == keep) return false;
    turn_away(list);
  }
  return true;
}

void WaitingRoom::drop_held(WaitingSender& sender, std::size_t i) {
  const auto at = sender.held.begin() + static_cast<std::ptrdiff_t>(i);
  sender.bytes -= at->bytes();
  bytes_ -= at->bytes();
  ++datagrams_turned_away_;
  sender.held.erase(at);
}

void WaitingRoom::turn_all_away() {
  for (auto* list : {&once_, &again_}) {
    while (!list->empty()) turn_away(*list);
  }
}

}  // namespace weir
