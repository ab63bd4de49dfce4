// Pairing: a hash table of chains, newest first, over a ring of rows. A chain ends at the first row that has left the
// window, so nothing is ever removed from it.
#include "session/session_table.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

#include "flow/session_parts.hpp"
#include "session/direction.hpp"

namespace weir {

namespace {

// Halves of one conversation touch or nearly so; one five-tuple used again later is another session.
constexpr std::int64_t kMaxGapMs = 10'000;
// Rows of one bucket that are looked at: bounds the work of a long-lived or hostile five-tuple.
constexpr int kMaxChain = 32;
constexpr std::size_t kChunk = 64;
// Of one batch: the allocator gives blocks of this size again and again, and fetches larger ones from the system each
// time.
constexpr std::size_t kBatchRows = 16'384;

// Times of one flow as it was metered where it came in and where it left.
constexpr std::int64_t kTwinShiftMs = 5'000, kTwinGapMs = 1'500;

bool has_no_address(const FlowRecord& r) { return r.src.is_unset() && r.dst.is_unset(); }

std::uint64_t key_hash(const FlowRecord& r) {
  if (has_no_address(r))
    return hash_mix(hash_mix(r.src_mac, 1) + hash_mix(r.dst_mac, 1), std::uint64_t{r.exporter} << 8 | r.protocol);
  const std::uint64_t a = hash_mix(hash_of(r.src), r.src_port), b = hash_mix(hash_of(r.dst), r.dst_port);
  return hash_mix(a + b, std::uint64_t{r.exporter} << 8 | r.protocol);
}

bool same_pair(const Session& s, const FlowRecord& r, SessionSide& side) {
  if (s.exporter != r.exporter || s.protocol != r.protocol) return false;
  // Without addresses the frames' ends are the ends.
  if (has_no_address(r) && s.client.is_unset() && s.server.is_unset()) {
    side = s.client_mac == r.src_mac && s.server_mac == r.dst_mac ? kToServer : kToClient;
    return side == kToServer || (s.client_mac == r.dst_mac && s.server_mac == r.src_mac);
  }
  if (s.client == r.src && s.client_port == r.src_port && s.server == r.dst && s.server_port == r.dst_port) {
    side = kToServer;
    return true;
  }
  if (s.client == r.dst && s.client_port == r.dst_port && s.server == r.src && s.server_port == r.src_port) {
    side = kToClient;
    return true;
  }
  return false;
}

SessionHalf half_of(const FlowRecord& r) {
  SessionHalf half{.octets = r.octets, .packets = r.packets, .flows = r.continued ? kInsideOtherRecord : 1};
  carry(r, half);
  return half;
}

SessionHalf reverse_half_of(const FlowRecord& r) {
  SessionHalf half{.octets = r.reverse_octets, .packets = r.reverse_packets, .flows = kInsideOtherRecord};
  carry_reverse(r, half);
  return half;
}

bool may_be_same(std::uint32_t a, std::uint32_t b) { return a == b || a == 0 || b == 0; }

// Whether the record is the half once more, metered in the other direction: the flow came in here and left there.
bool is_twin(const Session& s, SessionSide side, const FlowRecord& r) {
  const auto& h = s.halves[side];
  if (!r.count_once || h.direction > 1 || r.direction > 1 || h.direction == r.direction || s.sampling != r.sampling)
    return false;
  if (!may_be_same(h.in_if, r.in_if) || !may_be_same(h.out_if, r.out_if)) return false;
  if (std::max(r.start_ms - s.end_ms, s.start_ms - r.end_ms) > kTwinGapMs) return false;
  return std::abs(r.start_ms - s.start_ms) <= kTwinShiftMs || std::abs(r.end_ms - s.end_ms) <= kTwinShiftMs;
}

// Whether a sampled packet is one more of those that the half counts: all that tells flows apart is the same.
bool is_of_samples(const Session& s, SessionSide side, const FlowRecord& r) {
  return r.sample && s.sampling == r.sampling && carries_same(r, s.halves[side]);
}

void swap_ends(Session& s) {
  std::swap(s.client, s.server);
  std::swap(s.client_port, s.server_port);
  swap_carried_ends(s);
  std::swap(s.halves[kToServer], s.halves[kToClient]);
}

}  // namespace

SessionTable::SessionTable(const SessionLimits& limits, std::uint64_t first_id, SessionSink& sink)
    : sink_(sink),
      window_ms_(limits.window_ms),
      mask_(std::bit_ceil(std::max<std::uint64_t>(limits.window_rows, 2)) - 1),
      ports_(std::make_shared<PortTable>()),
      rows_(mask_ + 1),
      links_(mask_ + 1),
      buckets_(2 * (mask_ + 1)),
      oldest_(first_id),
      next_(first_id),
      flushed_(first_id) {}

void SessionTable::add(std::span<const FlowRecord> records, std::int64_t now_ms) {
  counters_.records += records.size();
  // Buckets, links and rows lie far apart: the loads of a whole chunk are under way before the first is needed.
  std::array<std::uint64_t, kChunk> hashes;
  for (; !records.empty(); records = records.subspan(std::min(kChunk, records.size()))) {
    const auto chunk = records.first(std::min(kChunk, records.size()));
    for (std::size_t i = 0; i < chunk.size(); ++i) {
      hashes[i] = key_hash(chunk[i]);
      __builtin_prefetch(&bucket(hashes[i]));
    }
    for (std::size_t i = 0; i < chunk.size(); ++i) {
      if (const std::uint64_t head = bucket(hashes[i]); head > oldest_) {
        __builtin_prefetch(&link(head - 1));
        __builtin_prefetch(&row(head - 1));
      }
    }
    for (std::size_t i = 0; i < chunk.size(); ++i) {
      const Match match = find_row(chunk[i], hashes[i]);
      switch (match.as) {
        case Joins::kNone: open(chunk[i], hashes[i], now_ms); break;
        case Joins::kOtherHalf: merge(*match.row, chunk[i]); break;
        case Joins::kTwin: merge_twin(*match.row, chunk[i]); break;
        case Joins::kSamples: merge_sample(*match.row, chunk[i]); break;
      }
    }
  }
}

// The row of the same pair that lacks this direction and shares most time with the record, or lies closest to it; of
// several the youngest. A conversation that is reported every minute has rows that touch. Or the row that has this flow
// already: metered in the other direction, or, of a sampled packet, the packets before it.
SessionTable::Match SessionTable::find_row(const FlowRecord& r, std::uint64_t hash) {
  std::uint64_t at = bucket(hash);
  Session* best = nullptr;
  std::int64_t best_gap = kMaxGapMs + 1;
  for (int i = 0; i < kMaxChain && at > oldest_; ++i) {
    const std::uint64_t id = at - 1;
    const Link& l = link(id);
    at = l.older;
    if (l.hash != hash) continue;
    Session& s = row(id);
    SessionSide side{};
    if (!same_pair(s, r, side)) continue;
    if (s.halves[side].reported()) {
      if (l.of_samples[side] && is_of_samples(s, side, r)) return {.row = &s, .as = Joins::kSamples};
      if (l.has_twin[side] || l.of_samples[side] || !is_twin(s, side, r)) continue;
      return {.row = &s, .as = Joins::kTwin};
    }
    if (s.sampling != r.sampling) continue;
    const std::int64_t gap = std::max(r.start_ms - s.end_ms, s.start_ms - r.end_ms);  // below zero: they overlap
    if (gap < best_gap) {
      best = &s;
      best_gap = gap;
    }
  }
  return {.row = best, .as = best == nullptr ? Joins::kNone : Joins::kOtherHalf};
}

void SessionTable::open(const FlowRecord& r, std::uint64_t hash, std::int64_t now_ms) {
  if (next_ - oldest_ > mask_) {
    const std::uint64_t some = (mask_ + 1) / 8 + 1;
    counters_.released_full += some;
    release_below(oldest_ + some);
  }
  const std::uint64_t id = next_++;
  const ServerChoice choice = choose_server(r, *ports_);
  Session& s = row(id) = {.id = id,
                          .start_ms = r.start_ms,
                          .end_ms = r.end_ms,
                          .client = r.src,
                          .server = r.dst,
                          .exporter = r.exporter,
                          .sampling = r.sampling,
                          .client_port = r.src_port,
                          .server_port = r.dst_port,
                          .quality = r.quality,
                          .protocol = r.protocol,
                          .reason = choice.reason};
  fill_carried(r, true, s);
  s.halves[kToServer] = half_of(r);
  if (r.has_reverse && (r.reverse_octets || r.reverse_packets)) s.halves[kToClient] = reverse_half_of(r);
  const bool swapped = !choice.server_is_dst;
  if (swapped) swap_ends(s);

  auto& newest = bucket(hash);
  link(id) = {
      .hash = hash, .older = newest, .arrival_ms = now_ms, .of_samples = {r.sample && !swapped, r.sample && swapped}};
  newest = id + 1;
  ++counters_.sessions;
}

void SessionTable::merge(Session& s, const FlowRecord& r) {
  SessionSide side{};
  same_pair(s, r, side);
  const std::int64_t lead_ms =
      side == kToClient ? r.start_ms - s.start_ms : s.start_ms - r.start_ms;  // > 0: the client's half came first
  s.halves[side] = half_of(r);
  link(s.id).of_samples[side] = r.sample;
  fill_carried(r, side == kToServer, s);
  s.start_ms = std::min(s.start_ms, r.start_ms);
  s.end_ms = std::max(s.end_ms, r.end_ms);
  s.quality |= r.quality;
  choose_again(s, r, side, lead_ms);
  ++counters_.merged;
  note_change(s);
}

void SessionTable::merge_sample(Session& s, const FlowRecord& r) {
  SessionSide side{};
  same_pair(s, r, side);
  auto& h = s.halves[side];
  h.octets += r.octets;
  h.packets += r.packets;
  carry_sample(r, h);
  ++h.flows;
  fill_carried(r, side == kToServer, s);
  s.start_ms = std::min(s.start_ms, r.start_ms);
  s.end_ms = std::max(s.end_ms, r.end_ms);
  s.quality |= r.quality;
  choose_again(s, r, side, 0);
  ++counters_.samples_joined;
  note_change(s);
}

// The stored reason was that of what came first; what comes after may know better.
void SessionTable::choose_again(Session& s, const FlowRecord& r, SessionSide side, std::int64_t lead_ms) {
  ServerChoice better = choose_server(r, *ports_);
  bool keep_ends = (side == kToServer) == better.server_is_dst;
  if (better.reason > ServerReason::kFirstPacket && std::abs(lead_ms) >= kClearlyFirstMs && r.sampling <= 1) {
    better.reason = ServerReason::kFirstPacket;
    keep_ends = lead_ms > 0;
  }
  if (better.reason >= s.reason) return;
  s.reason = better.reason;
  if (keep_ends) return;
  swap_ends(s);
  auto& l = link(s.id);
  std::swap(l.has_twin[kToServer], l.has_twin[kToClient]);
  std::swap(l.of_samples[kToServer], l.of_samples[kToClient]);
}

void SessionTable::merge_twin(Session& s, const FlowRecord& r) {
  SessionSide side{};
  same_pair(s, r, side);
  auto& h = s.halves[side];
  if (r.direction == 0) {  // what came in, before anything was dropped
    h.octets = r.octets;
    h.packets = r.packets;
    h.direction = r.direction;
    h.tos = r.tos;
  }
  carry_twin(r, h);
  fill_carried(r, side == kToServer, s);
  s.quality |= r.quality;
  link(s.id).has_twin[side] = true;
  ++counters_.metered_twice;
  note_change(s);
}

void SessionTable::note_change(const Session& s) {
  if (s.id >= flushed_ || link(s.id).changed) return;
  link(s.id).changed = true;
  changed_.push_back(s.id);
}

void SessionTable::release_below(std::uint64_t id) {
  std::sort(changed_.begin(), changed_.end());
  const auto kept = std::lower_bound(changed_.begin(), changed_.end(), id);
  hand_over({changed_.begin(), kept}, std::max(flushed_, id), id);
  changed_.erase(changed_.begin(), kept);
}

void SessionTable::flush(std::int64_t now_ms) {
  std::uint64_t final_below = oldest_;
  while (final_below < next_ && now_ms - link(final_below).arrival_ms >= window_ms_) ++final_below;
  for (const std::uint64_t id : changed_) link(id).changed = false;
  hand_over(changed_, next_, final_below);
  changed_.clear();
}

void SessionTable::hand_over(std::span<const std::uint64_t> changed, std::uint64_t new_below,
                             std::uint64_t final_below) {
  const std::uint64_t new_from = std::max(flushed_, oldest_);
  std::size_t left = changed.size() + (new_below - std::min(new_from, new_below));
  if (left == 0 && final_below == oldest_) return;
  SessionBatch batch{.sessions = {}, .final_below = oldest_};
  const auto put = [&](const Session& session) {
    if (batch.sessions.size() == kBatchRows)
      sink_.on_sessions(std::exchange(batch, SessionBatch{.sessions = {}, .final_below = oldest_}));
    if (batch.sessions.empty()) batch.sessions.reserve(std::min(left, kBatchRows));
    batch.sessions.push_back(session);
    --left;
  };
  for (const std::uint64_t id : changed) put(row(id));
  for (std::uint64_t id = new_from; id < new_below; ++id) put(row(id));
  flushed_ = std::max(flushed_, new_below);
  oldest_ = final_below;
  batch.final_below = final_below;
  sink_.on_sessions(std::move(batch));
}

void SessionTable::finish() {
  if (next_ != oldest_) release_below(next_);
}

SessionCounters SessionTable::counters() const {
  SessionCounters c = counters_;
  c.window_rows = next_ - oldest_;
  return c;
}

}  // namespace weir
