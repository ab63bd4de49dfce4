// Most sessions fall into one bucket; the others are cut at the buckets' edges with one division per session.
#include "query/series_sums.hpp"

namespace weir {

namespace {

// floor(whole * elapsed / duration) for many `elapsed` of one session: by multiplication with a rounded-up 2^64/duration
// while that is exact, which is when whole * duration * error < 2^64 (the surplus then stays below 1/duration).
class Spread {
 public:
  Spread(std::uint64_t whole, std::uint64_t duration, std::uint64_t reciprocal) : whole_(whole), duration_(duration), reciprocal_(reciprocal) {
    const std::uint64_t surplus = reciprocal * duration;  // reciprocal * duration - 2^64
    std::uint64_t product;
    by_multiplication_ = !__builtin_mul_overflow(whole, duration, &product) && !__builtin_mul_overflow(product, surplus, &product);
  }
  // What was sent since the last call; `elapsed` ascends.
  std::uint64_t until(std::uint64_t elapsed) {
    const auto sent = by_multiplication_ ? static_cast<std::uint64_t>(static_cast<Uint128>(whole_ * elapsed) * reciprocal_ >> 64)
                                         : part_of(whole_, elapsed, duration_);
    const auto part = sent - sent_;
    sent_ = sent;
    return part;
  }

 private:
  std::uint64_t whole_, duration_, reciprocal_, sent_ = 0;
  bool by_multiplication_;
};

}  // namespace

RowSlots::RowSlots(std::size_t fields, const std::vector<std::vector<RawKey>>& rows) : rows_(static_cast<std::uint32_t>(rows.size())), values_(fields) {
  for (const auto& row : rows) {
    std::array<std::uint32_t, kMaxGroupFields> numbers{};
    for (std::size_t f = 0; f < fields; ++f) numbers[f] = values_[f].find_or_add(row[f]);
    tuples_.find_or_add({.a = std::uint64_t{numbers[0]} << 32 | numbers[1], .b = std::uint64_t{numbers[2]} << 32 | numbers[3]});
  }
}

std::uint32_t RowSlots::slot_of(const SegmentKeys& keys, std::uint32_t id) const {
  const auto codes = keys.codes_of(id);
  std::array<std::uint32_t, kMaxGroupFields> numbers{};
  for (std::size_t f = 0; f < values_.size(); ++f) {
    numbers[f] = values_[f].find(keys.space(f).value(codes[f]));
    if (numbers[f] == KeyTable::kAbsent) return other();
  }
  const auto slot = tuples_.find({.a = std::uint64_t{numbers[0]} << 32 | numbers[1], .b = std::uint64_t{numbers[2]} << 32 | numbers[3]});
  return slot == KeyTable::kAbsent ? other() : slot;
}

void SeriesSums::add_block(const Block& block) {
  const std::uint32_t slot = 0;
  for (std::uint32_t i = 0; i < block.n; ++i) {
    if (block.any[i] != 0) add_row(block, i, 0, 1, &slot, 1);
  }
}

void SeriesSums::add_block(const GroupPlan& plan, const RowSlots& slots, SegmentKeys& keys, const Block& block) {
  std::array<std::array<std::uint32_t, kBlockRows>, 4> ids;
  for (std::size_t a = 0; a < plan.arrays.size(); ++a) keys.read(a, block.row, block.n, ids[a].data());
  const auto known = slot_of_id_.size();
  if (known < keys.id_count()) slot_of_id_.resize(keys.id_count(), KeyTable::kAbsent);
  const auto slot = [&](std::uint32_t id) {
    auto& found = slot_of_id_[id];
    if (found == KeyTable::kAbsent) found = slots.slot_of(keys, id);
    return found;
  };
  const bool agree = plan.halves_agree();
  for (std::uint32_t i = 0; i < block.n; ++i) {
    if (block.any[i] == 0) continue;
    for (std::size_t side = 0; side < (agree ? 1 : 2); ++side) {
      if (!agree && block.selected[side][i] == 0) continue;
      const auto first = ids[plan.array_of[side][0]][i];
      std::array<std::uint32_t, 2> into{slot(first), 0};
      std::size_t count = 1;
      if (plan.ends == 2) {
        const auto second = ids[plan.array_of[side][1]][i];
        if (second != first) into[count++] = slot(second);
      }
      add_row(block, i, side, agree ? 1 : side, into.data(), count);
    }
  }
}

void SeriesSums::add_row(const Block& block, std::uint32_t i, std::size_t first, std::size_t last, const std::uint32_t* slots, std::size_t count) {
  const auto start = block.start[i], end = block.end[i];
  const auto bucket = grid_.index_of(std::max(start, grid_.range().from_ms));
  if (start < grid_.range().from_ms || end > grid_.edge(bucket + 1)) return spread(block, i, first, last, bucket, slots, count);
  std::uint64_t octets = block.octets[first][i], packets = block.packets[first][i];
  if (first != last) {
    octets += block.octets[last][i];
    packets += block.packets[last][i];
  }
  add(bucket, octets, packets, slots, count);
}

void SeriesSums::spread(const Block& block, std::uint32_t i, std::size_t first, std::size_t last, std::uint32_t bucket, const std::uint32_t* slots,
                        std::size_t count) {
  const auto start = block.start[i], end = block.end[i];
  const auto& range = grid_.range();
  const auto duration = static_cast<std::uint64_t>(end - start);
  // An edge lies strictly inside the session, so the duration is 2 or more and the reciprocal fits.
  const auto reciprocal = ~std::uint64_t{0} / duration + 1;
  std::array<Spread, 2> octets{Spread(block.octets[first][i], duration, reciprocal), Spread(block.octets[last][i], duration, reciprocal)};
  std::array<Spread, 2> packets{Spread(block.packets[first][i], duration, reciprocal), Spread(block.packets[last][i], duration, reciprocal)};
  const std::size_t halves = first == last ? 1 : 2;
  if (start < range.from_ms) {
    const auto before = static_cast<std::uint64_t>(range.from_ms - start);
    for (std::size_t h = 0; h < halves; ++h) {
      octets[h].until(before);
      packets[h].until(before);
    }
  }
  const auto stop = std::min(end, range.to_ms);
  for (;; ++bucket) {
    const auto until = static_cast<std::uint64_t>(std::min(stop, grid_.edge(bucket + 1)) - start);
    std::uint64_t octets_here = octets[0].until(until), packets_here = packets[0].until(until);
    if (halves == 2) {
      octets_here += octets[1].until(until);
      packets_here += packets[1].until(until);
    }
    add(bucket, octets_here, packets_here, slots, count);
    if (grid_.edge(bucket + 1) >= stop) break;
  }
}

void SeriesSums::merge(const SeriesSums& other) {
  for (std::size_t c = 0; c < cells_.size(); ++c) {
    cells_[c].octets += other.cells_[c].octets;
    cells_[c].packets += other.cells_[c].packets;
  }
}

}  // namespace weir
