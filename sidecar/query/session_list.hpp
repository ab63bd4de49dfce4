// The first `capacity` sessions of an order, however many are offered: a heap of bounded size. One thread.
#pragma once
#include <algorithm>
#include <cstdint>
#include <vector>

#include "query/session_halves.hpp"

namespace weir {

struct ListedSession {
  std::uint64_t value = 0;  // ascending orders keep its complement, so that the largest always comes first
  std::int64_t start_ms = 0;
  SessionPlace place, other_half;  // other_half: kNone, or where the half is stored that is merged in

  bool precedes(const ListedSession& other) const {
    if (value != other.value) return value > other.value;
    if (start_ms != other.start_ms) return start_ms > other.start_ms;
    return place < other.place;
  }
};

class SessionList {
 public:
  explicit SessionList(std::size_t capacity) : capacity_(capacity) {}

  void offer(const ListedSession& session) {
    if (heap_.size() < capacity_) {
      heap_.push_back(session);
      std::push_heap(heap_.begin(), heap_.end(), order);
    } else if (capacity_ > 0 && session.precedes(heap_.front())) {
      std::pop_heap(heap_.begin(), heap_.end(), order);
      heap_.back() = session;
      std::push_heap(heap_.begin(), heap_.end(), order);
    }
  }
  void merge(const SessionList& other) {
    for (const auto& session : other.heap_) offer(session);
  }
  std::vector<ListedSession> take_sorted() {
    std::sort(heap_.begin(), heap_.end(), order);
    return std::move(heap_);
  }

 private:
  static bool order(const ListedSession& a, const ListedSession& b) { return a.precedes(b); }
  const std::size_t capacity_;
  std::vector<ListedSession> heap_;  // the last of the order in front
};

}  // namespace weir
