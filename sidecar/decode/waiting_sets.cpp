// Holds data sets without a template and gives them up. Each operation is logarithmic: senders choose the keys.
#include "decode/waiting_sets.hpp"

#include <algorithm>
#include <utility>

namespace weir {

void WaitingSets::hold(WaitingSet&& set) {
  const Key key{
      .version = set.version, .domain = set.domain, .set_id = set.set_id, .port = set.port, .serial = next_serial_++};
  bytes_ += set.bytes();
  by_arrival_.emplace_hint(by_arrival_.end(), key.serial, sets_.emplace(key, std::move(set)).first);
}

std::vector<WaitingSet> WaitingSets::take(const Key& first, const Key& last) {
  std::vector<WaitingSet> taken;
  for (auto at = sets_.lower_bound(first); at != sets_.end() && at->first <= last; at = sets_.erase(at)) {
    bytes_ -= at->second.bytes();
    by_arrival_.erase(at->first.serial);
    taken.push_back(std::move(at->second));
  }
  return taken;
}

std::vector<WaitingSet> WaitingSets::take(std::uint16_t version, std::uint32_t domain, std::uint16_t set_id,
                                          std::uint16_t port) {
  return take(Key{.version = version, .domain = domain, .set_id = set_id, .port = port},
              Key{.version = version, .domain = domain, .set_id = set_id, .port = port, .serial = UINT64_MAX});
}

std::vector<WaitingSet> WaitingSets::take(std::uint16_t version, std::uint32_t domain, std::uint16_t set_id) {
  auto taken =
      take(Key{.version = version, .domain = domain, .set_id = set_id},
           Key{.version = version, .domain = domain, .set_id = set_id, .port = UINT16_MAX, .serial = UINT64_MAX});
  std::stable_sort(taken.begin(), taken.end(), [](auto& a, auto& b) { return a.time.arrival_ms < b.time.arrival_ms; });
  return taken;
}

void WaitingSets::drop_oldest() {
  const auto oldest = by_arrival_.begin();
  bytes_ -= oldest->second->second.bytes();
  sets_.erase(oldest->second);
  by_arrival_.erase(oldest);
}

std::uint32_t WaitingSets::shrink_to(std::uint64_t max_bytes) {
  std::uint32_t dropped = 0;
  for (; bytes_ > max_bytes && !sets_.empty(); ++dropped) drop_oldest();
  return dropped;
}

std::uint32_t WaitingSets::drop_before(std::int64_t arrival_ms) {
  std::uint32_t dropped = 0;
  for (; !sets_.empty() && by_arrival_.begin()->second->second.time.arrival_ms < arrival_ms; ++dropped) drop_oldest();
  return dropped;
}

}  // namespace weir
