// Finds a flow's last report, and computes the difference to it.
#include "decode/flow_memory.hpp"

#include <algorithm>

namespace weir {

namespace {

constexpr std::int64_t kSameStartMs = 1'500;             // headers of v9 round to seconds, and uptimes hang on them
constexpr std::int64_t kLiveMs = 600'000;                // seen within this, a flow is likely to be reported again
constexpr std::uint32_t kProvenRises = 8;                // so many totals that ran on, and none that began anew
constexpr std::uint16_t kTcpFin = 0x01, kTcpRst = 0x04;  // RFC 9293 3.1

bool same_start(std::int64_t a, std::int64_t b) { return a - b <= kSameStartMs && b - a <= kSameStartMs; }

}  // namespace

std::uint64_t FlowMemory::key_of(const FlowRecord& r, const FlowReport& report, std::uint64_t stream) {
  // Where a flow was metered: routers keep one apart by the interface at which they do.
  const std::uint32_t interface = r.direction == 1 ? r.out_if : r.in_if;
  const std::uint64_t ports = std::uint64_t{r.src_port} << 48 | std::uint64_t{r.dst_port} << 32 |
                              std::uint64_t{r.icmp} << 16 | std::uint64_t{r.protocol} << 8 | r.tos;
  std::uint64_t key = hash_mix(
      hash_mix(r.src.low() ^ ports, r.dst.low() ^ interface),
      r.src.high() ^ (r.dst.high() << 1) ^ stream ^ std::uint64_t{r.vlan} << 16 ^ std::uint64_t{r.direction} << 40);
  if (r.src.is_unset() && r.dst.is_unset()) key = hash_mix(key ^ r.src_mac, r.dst_mac);
  if (report.flow_id != 0) key = hash_mix(key, report.flow_id);
  return key | 1u << 31;  // never 0
}

FlowMemory::Entry* FlowMemory::find(std::uint64_t key) {
  if (buckets_.empty()) return nullptr;
  for (auto& e : bucket(key).entries) {
    if (e.key == key) return &e;
  }
  return nullptr;
}

bool FlowMemory::grow() {
  const std::size_t size = buckets_.empty() ? 16 : buckets_.size() * 2;
  const std::uint64_t more = (size - buckets_.size()) * sizeof(Bucket);
  // The first few are always there.
  if (!buckets_.empty() && (size * kEntries > limits_.max_flows || total_.bytes + more > limits_.max_bytes))
    return false;
  std::vector<Bucket> old(size);
  old.swap(buckets_);
  total_.bytes += more;
  for (const auto& b : old) {
    for (const auto& e : b.entries) {
      if (e.key == 0) continue;
      for (auto& to : bucket(e.key).entries) {
        if (to.key != 0) continue;
        to = e;
        break;
      }
    }
  }
  return true;
}

FlowMemory::Entry& FlowMemory::place(std::uint64_t key, std::int64_t now_ms) {
  if (buckets_.empty()) grow();
  const auto now_s = static_cast<std::uint32_t>(now_ms / 1000);
  for (;;) {
    Entry* oldest = nullptr;
    for (auto& e : bucket(key).entries) {
      if (e.key == 0) {
        oldest = &e;
        break;
      }
      if (oldest == nullptr || e.seen_s < oldest->seen_s) oldest = &e;
    }
    const bool live = oldest->key != 0 && !oldest->ended && now_s - oldest->seen_s < kLiveMs / 1000;
    if (live && grow()) continue;
    // Of what makes room here nothing is known any more: flows that began before cannot be told from new ones.
    if (oldest->key != 0 && !oldest->ended && (oldest->counts || keeps_starts_)) {
      complete_since_ms_ = std::max(complete_since_ms_, now_ms);
      if (live) ++total_.forgotten;
    }
    *oldest = {.key = key};
    return *oldest;
  }
}

void FlowMemory::settle(std::uint64_t key, FlowRecord& r, const FlowReport& report, std::int64_t now_ms) {
  if (complete_since_ms_ == 0) complete_since_ms_ = now_ms;
  Entry* known = find(key);
  const FlowRecord told = r;
  // Of a flow that has reported before. A firewall's events name their flow, and need not tell when it began.
  const bool again =
      known != nullptr && (report.flow_id != 0 ? !known->ended : same_start(known->start_ms, r.start_ms));
  switch (report.counting) {
    case Counting::kDelta:
    case Counting::kUpdate: {
      const bool followed_few = !keeps_starts_ && deltas_ >= kFirstDeltas;
      if (deltas_ < kFirstDeltas) ++deltas_;
      settle_delta(again ? known : nullptr, known != nullptr, r);
      if (followed_few && keeps_starts_) complete_since_ms_ = now_ms;
      break;
    }
    case Counting::kTotal: settle_total(known, again, r); break;
    case Counting::kEnd: settle_end(again ? known : nullptr, r); break;
  }
  if (known == nullptr) known = &place(key, now_ms);
  if (!again) {
    known->start_ms = told.start_ms;
    known->end_ms = told.end_ms;
  }
  known->end_ms = std::max(known->end_ms, told.end_ms);
  known->seen_s = static_cast<std::uint32_t>(now_ms / 1000);
  known->counts = report.counting != Counting::kDelta;
  known->ended =
      report.ended || report.counting == Counting::kEnd ||
      (report.counting == Counting::kTotal && ((told.tcp_flags | told.reverse_tcp_flags) & (kTcpFin | kTcpRst)) != 0);
  const auto remember = [&](std::uint64_t& counter, std::uint64_t now) {
    counter = report.counting == Counting::kUpdate && again ? counter + now : now;
  };
  remember(known->octets, told.octets);
  remember(known->packets, told.packets);
  remember(known->reverse_octets, told.reverse_octets);
  remember(known->reverse_packets, told.reverse_packets);
}

void FlowMemory::settle_delta(const Entry* before, bool other_flow, FlowRecord& r) {
  if (before == nullptr) {
    // Whether there was a report before is not known.
    if (keeps_starts_ && !other_flow && !began_within_memory(r)) r.quality |= kQualityTimeRepaired;
    return;
  }
  if (r.start_ms == r.end_ms) {
    r.start_ms = std::min(r.end_ms, before->end_ms);  // an event without a start
  } else if (r.end_ms - before->end_ms >= kLeastMs) {
    keeps_starts_ = true;
    r.start_ms = std::max(r.start_ms, before->end_ms);
  } else if (keeps_starts_) {
    r.start_ms = std::max(r.start_ms, std::min(before->end_ms, r.end_ms));
  }
}

void FlowMemory::subtract(const Entry& before, FlowRecord& r) {
  const auto take = [&](std::uint64_t& counter, std::uint64_t counted) {
    if (counter < counted) r.quality |= kQualityCountersUncertain;
    counter -= std::min(counter, counted);
  };
  take(r.octets, before.octets);
  take(r.packets, before.packets);
  take(r.reverse_octets, before.reverse_octets);
  take(r.reverse_packets, before.reverse_packets);
  const std::int64_t since_ms = std::min(before.end_ms, r.end_ms);
  r.start_ms = r.start_ms == r.end_ms ? since_ms : std::max(r.start_ms, since_ms);  // an event may lack the start
}

void FlowMemory::settle_total(const Entry* known, bool again, FlowRecord& r) {
  if (known == nullptr) {
    if (!began_within_memory(r)) r.quality |= kQualityCountersUncertain;
    return;
  }
  const bool rises = r.octets >= known->octets && r.packets >= known->packets &&
                     r.reverse_octets >= known->reverse_octets && r.reverse_packets >= known->reverse_packets;
  if (again) {
    if (rises) subtract(*known, r);
    return;
  }
  // Totals since the exporter began go on over reports with starts of their own; totals of a flow do not.
  if (known->ended || r.start_ms - known->end_ms > kLiveMs) return;
  // Nor do they stand still: there would be nothing to report.
  const bool stands = r.octets == known->octets && r.packets == known->packets &&
                      r.reverse_octets == known->reverse_octets && r.reverse_packets == known->reverse_packets;
  if (!rises || stands) {
    ++falls_;
    return;
  }
  ++rises_;
  if (falls_ != 0 || rises_ < kProvenRises) r.quality |= kQualityCountersUncertain;
  if (falls_ == 0) subtract(*known, r);
}

void FlowMemory::settle_end(const Entry* before, FlowRecord& r) {
  if (before != nullptr) return subtract(*before, r);
  if (!began_within_memory(r)) r.quality |= kQualityCountersUncertain;
}

}  // namespace weir
