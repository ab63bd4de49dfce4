// Looks streams up, and keeps their number bounded.
#include "decode/stream_table.hpp"

#include <iterator>

namespace weir {

Stream& StreamTable::of(const StreamKey& key, std::int64_t now_ms) {
  if (streams_.empty() || streams_.front().key != key) {
    if (const auto known = by_key_.find(key.packed()); known != by_key_.end()) {
      streams_.splice(streams_.begin(), streams_, known->second);
    } else {
      if (streams_.size() >= max_streams_) {
        by_key_.erase(streams_.back().key.packed());
        streams_.pop_back();
        ++forgotten_;
      }
      streams_.push_front(Stream{.key = key, .heard_ms = now_ms});
      by_key_[key.packed()] = streams_.begin();
    }
  }
  streams_.front().last_ms = now_ms;
  return streams_.front();
}

Stream* StreamTable::find(const StreamKey& key) {
  const auto known = by_key_.find(key.packed());
  return known == by_key_.end() ? nullptr : &*known->second;
}

void StreamTable::erase_domain(std::uint16_t version, std::uint32_t domain) {
  for (auto at = streams_.begin(); at != streams_.end();) {
    const auto next = std::next(at);
    if (at->key.version == version && at->key.domain == domain) {
      by_key_.erase(at->key.packed());
      streams_.erase(at);
    }
    at = next;
  }
}

void StreamTable::forget_passing(std::int64_t before_ms) {
  for (auto at = streams_.begin(); at != streams_.end();) {
    const auto next = std::next(at);
    if (at->last_ms < before_ms && at->last_ms - at->heard_ms < kPassingMs) {
      by_key_.erase(at->key.packed());
      streams_.erase(at);
    }
    at = next;
  }
}

}  // namespace weir
