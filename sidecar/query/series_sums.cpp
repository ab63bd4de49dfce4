// Most sessions fall into one bucket; the others are cut at the buckets' edges, with one division per session.
#include "query/series_sums.hpp"

#include "core/saturating.hpp"

namespace weir {

template <bool kCareful>
[[gnu::always_inline]] inline void SeriesSums::add_to(Cell& cell, Counter counter, std::uint64_t amount,
                                                      std::uint32_t slot) {
  if constexpr (kCareful) {
    bool saturated = false;
    cell[counter] = saturating_add(cell[counter], amount, saturated);
    if (saturated) saturated_[slot] = 1;
  } else {
    cell[counter] += amount;
  }
}

// The common case, a session within one bucket, is all that is done in line.
template <bool kCareful>
[[gnu::always_inline]] inline void SeriesSums::add_row(const Block& block, std::uint32_t i, std::size_t first,
                                                       std::size_t last, const Slots& slots) {
  const auto start = block.start[i], end = block.end[i];
  const auto from = grid_.range().from_ms;
  const auto bucket = grid_.index_of(std::max(start, from));
  if constexpr (kCareful) {
    for (auto side = first; block.any_saturated && side <= last; ++side) {
      for (std::size_t s = 0; s < slots.count; ++s) saturated_[slots.slot[s]] |= block.saturated[side][i];
    }
  }
  if (start < from || end > grid_.edge(bucket + 1)) return cut_row<kCareful>(block, i, first, last, bucket, slots);
  if constexpr (kCareful) {
    for (std::size_t s = 0; s < slots.count; ++s) {
      auto& cell = row_of(slots.slot[s])[bucket];
      for (auto side = first; side <= last; ++side) {
        add_to<true>(cell, kOctets, block.octets[side][i], slots.slot[s]);
        add_to<true>(cell, kPackets, block.packets[side][i], slots.slot[s]);
      }
    }
  } else {
    const bool two = first != last;
    const auto octets = block.octets[first][i] + (two ? block.octets[last][i] : 0);
    const auto packets = block.packets[first][i] + (two ? block.packets[last][i] : 0);
    for (std::size_t s = 0; s < slots.count; ++s) {
      auto& cell = row_of(slots.slot[s])[bucket];
      cell[kOctets] += octets;
      cell[kPackets] += packets;
    }
  }
}

void SeriesSums::add_block(const Block& block, bool fits) {
  const Slots slots;
  const bool careful = !fits || block.any_saturated;
  for (std::uint32_t i = 0; i < block.n; ++i) {
    if (block.any[i] == 0) continue;
    careful ? add_row<true>(block, i, 0, 1, slots) : add_row<false>(block, i, 0, 1, slots);
  }
}

void SeriesSums::add_block(const GroupPlan& plan, const RowSlots& slots, SegmentKeys& keys, const Block& block,
                           bool fits) {
  !fits || block.any_saturated ? add_keys<true>(plan, slots, keys, block) : add_keys<false>(plan, slots, keys, block);
}

template <bool kCareful>
void SeriesSums::add_keys(const GroupPlan& plan, const RowSlots& slots, SegmentKeys& keys, const Block& block) {
  std::array<std::array<std::uint32_t, kBlockRows>, 4> ids;
  for (std::size_t a = 0; a < plan.arrays.size(); ++a) keys.read(a, block.row, block.n, ids[a].data());
  const auto known = slot_of_id_.size();
  if (known < keys.id_count()) slot_of_id_.resize(keys.id_count(), KeyTable::kAbsent);
  const auto slot = [&](std::uint32_t id) {
    auto& found = slot_of_id_[id];
    if (found == KeyTable::kAbsent) found = slots.slot_of(keys, id);
    return found;
  };
  if (!counts_.empty()) {
    const auto slot_of = [&](std::size_t side, std::size_t end, std::uint32_t i) {
      return slot(ids[plan.array_of[side][end]][i]);
    };
    for (std::uint32_t i = 0; i < block.n; ++i) {
      if (block.any[i] != 0) add_once<kCareful>(plan, block, i, slot_of);
    }
    return;
  }
  const bool agree = plan.halves_agree();
  for (std::uint32_t i = 0; i < block.n; ++i) {
    if (block.any[i] == 0) continue;
    for (std::size_t side = 0; side < (agree ? 1 : 2); ++side) {
      if (!agree && block.selected[side][i] == 0) continue;
      const auto first = ids[plan.array_of[side][0]][i];
      Slots into{.slot = {slot(first), 0}};
      if (plan.ends == 2) {
        const auto second = ids[plan.array_of[side][1]][i];
        if (second != first) into.slot[into.count++] = slot(second);
      }
      add_row<kCareful>(block, i, side, agree ? 1 : side, into);
    }
  }
}

// Slots are in the order of the rows, with that of all other keys last: the lower of two is the row that comes first.
template <bool kCareful, class SlotOf>
void SeriesSums::add_once(const GroupPlan& plan, const Block& block, std::uint32_t i, const SlotOf& slot_of) {
  auto of_session = static_cast<std::uint32_t>(counts_.size() - 1);
  for (std::size_t side = 0; side < 2; ++side) {
    if (block.selected[side][i] == 0) continue;
    const auto slot = std::min(slot_of(side, 0, i), slot_of(side, plan.ends - 1, i));
    add_row<kCareful>(block, i, side, side, {.slot = {slot, 0}});
    counts_[slot].flows += block.flows[side][i];
    of_session = std::min(of_session, slot);
  }
  counts_[of_session].sessions += block.sessions[i];
}

template <bool kCareful>
[[gnu::noinline]] void SeriesSums::cut_row(const Block& block, std::uint32_t i, std::size_t first, std::size_t last,
                                           std::uint32_t bucket, const Slots& slots) {
  const auto start = block.start[i], end = block.end[i];
  const auto& range = grid_.range();
  const auto stop = std::min(end, range.to_ms);
  Cut cut{.start_ms = start, .first = bucket, .last = bucket, .duration = static_cast<std::uint64_t>(end - start)};
  // An edge lies strictly inside the session, so the duration is 2 or more and the reciprocal fits.
  cut.reciprocal = ~std::uint64_t{0} / cut.duration + 1;
  cut.from = start < range.from_ms ? static_cast<std::uint64_t>(range.from_ms - start) : 0;
  cut.until = static_cast<std::uint64_t>(stop - start);
  if (grid_.edge(bucket + 1) < stop) cut.last = grid_.index_of(stop - 1);
  for (std::size_t side = first; side <= last; ++side) {
    spread<kCareful>(cut, block.octets[side][i], kOctets, slots);
    spread<kCareful>(cut, block.packets[side][i], kPackets, slots);
  }
}

// What is sent by an elapsed time x is floor(whole * x / duration) = floor(whole * reciprocal * x / 2^64) as long as
// the reciprocal's rounding, whole * duration * surplus, stays below 2^64: a multiplication per edge, no division.
template <bool kCareful>
void SeriesSums::spread(const Cut& cut, std::uint64_t whole, Counter counter, const Slots& slots) {
  if (whole == 0) return;
  const std::uint64_t surplus = cut.reciprocal * cut.duration;  // reciprocal * duration - 2^64
  std::uint64_t product;
  if (__builtin_mul_overflow(whole, cut.duration, &product) || __builtin_mul_overflow(product, surplus, &product)) {
    return spread_by_division<kCareful>(cut, whole, counter, slots);
  }
  const auto per_ms = static_cast<Uint128>(whole) * cut.reciprocal;
  const auto per_ms_high = static_cast<std::uint64_t>(per_ms >> 64), per_ms_low = static_cast<std::uint64_t>(per_ms);
  const auto sent_by = [&](std::uint64_t elapsed) {
    return per_ms_high * elapsed + static_cast<std::uint64_t>(static_cast<Uint128>(per_ms_low) * elapsed >> 64);
  };
  const auto before = sent_by(cut.from), all = cut.until == cut.duration ? whole : sent_by(cut.until);
  for (std::size_t s = 0; s < slots.count; ++s) {
    auto* cells = row_of(slots.slot[s]);
    auto sent = before;
    for (auto bucket = cut.first; bucket < cut.last; ++bucket) {
      const auto now = sent_by(elapsed_at_end_of(bucket, cut));
      add_to<kCareful>(cells[bucket], counter, now - sent, slots.slot[s]);
      sent = now;
    }
    add_to<kCareful>(cells[cut.last], counter, all - sent, slots.slot[s]);
  }
}

// Very large counters over very long times.
template <bool kCareful>
void SeriesSums::spread_by_division(const Cut& cut, std::uint64_t whole, Counter counter, const Slots& slots) {
  for (std::size_t s = 0; s < slots.count; ++s) {
    auto sent = part_of(whole, cut.from, cut.duration);
    for (auto bucket = cut.first; bucket <= cut.last; ++bucket) {
      const auto now = part_of(whole, bucket == cut.last ? cut.until : elapsed_at_end_of(bucket, cut), cut.duration);
      add_to<kCareful>(row_of(slots.slot[s])[bucket], counter, now - sent, slots.slot[s]);
      sent = now;
    }
  }
}

void SeriesSums::merge(const SeriesSums& other) {
  for (std::size_t c = 0; c < cells_.size(); ++c) {
    bool saturated = false;
    for (const auto counter : {kOctets, kPackets})
      cells_[c][counter] = saturating_add(cells_[c][counter], other.cells_[c][counter], saturated);
    if (saturated) saturated_[c / grid_.count()] = 1;
  }
  for (std::size_t slot = 0; slot < saturated_.size(); ++slot) saturated_[slot] |= other.saturated_[slot];
  for (std::size_t slot = 0; slot < counts_.size(); ++slot) {
    counts_[slot].flows += other.counts_[slot].flows;
    counts_[slot].sessions += other.counts_[slot].sessions;
  }
}

Measures SeriesSums::measures(std::uint32_t slot) const {
  Measures all{.flows = counts_[slot].flows, .sessions = counts_[slot].sessions, .saturated = is_saturated(slot)};
  const auto* cells = this->slot(slot);
  for (std::uint32_t b = 0; b < grid_.count(); ++b) {
    all.octets = saturating_add(all.octets, cells[b][kOctets], all.saturated);
    all.packets = saturating_add(all.packets, cells[b][kPackets], all.saturated);
  }
  return all;
}

}  // namespace weir
