// Puts fragments together.
#include "receive/fragment_table.hpp"

#include <algorithm>
#include <iterator>

namespace weir {

namespace {

constexpr std::size_t kMaxOpen = 256;       // each at most one datagram of 64 KiB
constexpr std::int64_t kMaxAgeMs = 30'000;  // of the capture's clock; RFC 791 and 8200 allow up to 60 s
constexpr std::size_t kMaxIpPacket = 65535;

bool overlaps(const std::map<std::uint32_t, std::vector<std::uint8_t>>& parts, std::uint32_t offset, std::size_t size) {
  const auto next = parts.lower_bound(offset);
  if (next != parts.end() && next->first < offset + size) return true;
  if (next == parts.begin()) return false;
  const auto previous = std::prev(next);
  return previous->first + previous->second.size() > offset;
}

}  // namespace

void FragmentTable::make_room(std::int64_t at_ms) {
  const auto old = [&](const auto& entry) { return entry.second.since_ms < at_ms - kMaxAgeMs; };
  given_up_ += std::erase_if(open_, old);
  if (open_.size() < kMaxOpen) return;
  open_.erase(std::min_element(open_.begin(), open_.end(),
                               [](auto& a, auto& b) { return a.second.since_ms < b.second.since_ms; }));
  ++given_up_;
}

std::optional<std::vector<std::uint8_t>> FragmentTable::add(const CapturedFrame& part, std::int64_t at_ms) {
  const Key key{.source = part.source, .destination = part.destination, .id = part.fragment_id};
  auto at = open_.find(key);
  if (at == open_.end()) {
    make_room(at_ms);
    at = open_.emplace(key, Open{}).first;
    at->second.since_ms = at_ms;
  }
  auto& open = at->second;
  const std::size_t end = part.fragment_offset + part.payload.size();
  const bool bad = part.payload.empty() || end > kMaxIpPacket ||
                   overlaps(open.parts, part.fragment_offset, part.payload.size()) ||
                   (open.total && end > *open.total) || (part.last_fragment && open.total);
  if (bad) {
    open_.erase(at);
    ++given_up_;
    return std::nullopt;
  }
  if (part.last_fragment) open.total = end;
  open.received += part.payload.size();
  open.parts.emplace(part.fragment_offset, std::vector<std::uint8_t>(part.payload.begin(), part.payload.end()));
  if (!open.total || open.received != *open.total) return std::nullopt;
  std::vector<std::uint8_t> whole;
  whole.reserve(*open.total);
  for (const auto& [offset, bytes] : open.parts) whole.insert(whole.end(), bytes.begin(), bytes.end());
  open_.erase(at);
  return whole;
}

}  // namespace weir
