// Selection first, so that counters of blocks without a selected row are never read.
#include "query/segment_scan.hpp"

#include <algorithm>

#include "core/saturating.hpp"
#include "flow/flow_record.hpp"

namespace weir {

void ScanTally::add(const ScanTally& other) {
  rates.add(other.rates);
  unsampled += other.unsampled;
  scaled_later += other.scaled_later;
  time_repaired += other.time_repaired;
  counters_uncertain += other.counters_uncertain;
  no_counters += other.no_counters;
}

void Block::clip(const TimeRange& range) {
  for (std::uint32_t i = 0; i < n; ++i) {
    if (any[i] == 0 || (start[i] >= range.from_ms && end[i] <= range.to_ms)) continue;
    for (std::size_t side = 0; side < 2; ++side) {
      octets[side][i] = share_of(octets[side][i], start[i], end[i], range);
      packets[side][i] = share_of(packets[side][i], start[i], end[i], range);
    }
  }
}

void Block::leave_only(SessionSide side) {
  const std::size_t other = side == kToServer ? kToClient : kToServer;
  std::fill_n(octets[other].data(), n, 0);
  std::fill_n(packets[other].data(), n, 0);
  std::fill_n(flows[other].data(), n, 0);
  std::fill_n(selected[other].data(), n, 0);
  std::fill_n(saturated[other].data(), n, 0);
  std::copy_n(selected[side].data(), n, any.data());
}

SegmentScan::SegmentScan(const ScanPlan& plan, SegmentColumns& columns, const RowChoice* choice)
    : plan_(plan),
      columns_(columns),
      choice_(choice),
      rates_(plan.rates, columns),
      filter_(plan.filter, columns, rates_) {
  const auto& segment = columns.segment();
  const auto& range = plan.range;
  // Units that were chosen lie in the range, or nothing is stored beyond it.
  inside_ = (segment.min_start_ms() >= range.from_ms && segment.max_end_ms() < range.to_ms) ||
            (choice != nullptr && choice->rows == RowChoice::Rows::kUnits);
  const bool outside = segment.min_start_ms() >= range.to_ms || segment.max_end_ms() < range.from_ms;
  nothing_ = outside || (filter_.truth(0) == Truth::kNever && filter_.truth(1) == Truth::kNever);
  if (nothing_) return;
  octets_ = {&columns[ColumnId::kOctetsToServer], &columns[ColumnId::kOctetsToClient]};
  packets_ = {&columns[ColumnId::kPacketsToServer], &columns[ColumnId::kPacketsToClient]};
  flows_ = {&columns[ColumnId::kFlowsToServer], &columns[ColumnId::kFlowsToClient]};
  // Of what a block adds up to.
  const auto largest = std::max({octets_[0]->max, octets_[1]->max, packets_[0]->max, packets_[1]->max});
  small_counters_ = static_cast<Uint128>(largest) * rates_.largest() <= kSaturated / (2 * kBlockRows);
  if (!inside_ || plan.need_times || choice != nullptr) {
    start_ = &columns[ColumnId::kStart];
    duration_ = &columns[ColumnId::kDuration];
  }
  quality_ = &columns[ColumnId::kQuality];
  const auto& sessions = columns[ColumnId::kSessions];
  if (sessions.form != Column::Form::kConstant || sessions.base != 1) sessions_ = &sessions;
}

bool SegmentScan::next(Block& block) {
  while (!nothing_ && row_ < columns_.rows() && !plan_.is_cancelled()) {
    block.row = row_;
    block.n = std::min(kBlockRows, columns_.rows() - row_);
    row_ += block.n;
    select(block);
    if (block.selected_rows == 0) continue;
    read_counters(block);
    read_quality(block);
    return true;
  }
  return false;
}

void SegmentScan::select(Block& block) {
  const auto n = block.n;
  filter_.evaluate(0, block.row, n, block.selected[0].data());
  if (filter_.sides_agree()) {
    std::copy_n(block.selected[0].data(), n, block.selected[1].data());
  } else {
    filter_.evaluate(1, block.row, n, block.selected[1].data());
  }
  block.has_times = start_ != nullptr;
  if (block.has_times) {
    read_numbers(*start_, block.row, n, block.start.data());
    read_numbers(*duration_, block.row, n, block.end.data());
    for (std::uint32_t i = 0; i < n; ++i) block.end[i] += block.start[i];
    if (!inside_) {
      for (std::uint32_t i = 0; i < n; ++i) {
        const std::uint8_t in = touches(block.start[i], block.end[i], plan_.range) ? 1 : 0;
        block.selected[0][i] &= in;
        block.selected[1][i] &= in;
      }
    }
    if (choice_ != nullptr) choose_rows(block);
  }
  for (std::size_t side = 0; side < 2; ++side) {
    auto& flows = block.flows[side];
    auto& selected = block.selected[side];
    read_numbers(*flows_[side], block.row, n, flows.data());
    if (flows_[side]->min == 0) {
      for (std::uint32_t i = 0; i < n; ++i) selected[i] &= flows[i] != 0 ? 1 : 0;
    }
  }
  if (sessions_ != nullptr) {
    read_numbers(*sessions_, block.row, n, block.sessions.data());
    block.weighted = true;
  } else if (block.weighted) {
    block.sessions.fill(1);
    block.weighted = false;
  }
  std::array<std::uint32_t, 3> count{};
  for (std::uint32_t i = 0; i < n; ++i) block.any[i] = block.selected[0][i] | block.selected[1][i];
  for (std::uint32_t i = 0; i < n; ++i) count[0] += block.selected[0][i];
  for (std::uint32_t i = 0; i < n; ++i) count[1] += block.selected[1][i];
  for (std::uint32_t i = 0; i < n; ++i) count[2] += block.any[i];
  block.whole = {count[0] == n, count[1] == n};
  block.selected_rows = count[2];
}

void SegmentScan::choose_rows(Block& block) {
  for (std::uint32_t i = 0; i < block.n; ++i) {
    const std::uint8_t taken = choice_->takes(block.row + i, block.start[i], block.end[i]) ? 1 : 0;
    block.selected[0][i] &= taken;
    block.selected[1][i] &= taken;
  }
  if (choice_->rows != RowChoice::Rows::kUnits) return;
  // A unit that begins before all that is stored.
  for (std::uint32_t i = 0; i < block.n; ++i)
    block.start[i] = block.end[i] = std::clamp(block.start[i], plan_.range.from_ms, plan_.range.to_ms - 1);
}

void SegmentScan::read_counters(Block& block) {
  const auto n = block.n;
  block.small_counters = small_counters_;
  block.any_saturated = false;
  std::array<std::uint64_t, kBlockRows> rates;
  if (!rates_.is_uniform()) rates_.read(block.row, n, rates.data());
  for (std::size_t side = 0; side < 2; ++side) {
    auto *octets = block.octets[side].data(), *packets = block.packets[side].data(), *flows = block.flows[side].data();
    read_numbers(*octets_[side], block.row, n, octets);
    read_numbers(*packets_[side], block.row, n, packets);
    for (std::uint32_t i = 0; i < n; ++i) flows[i] &= ~std::uint64_t{kInsideOtherRecord};
    if (!block.whole[side]) {
      const auto* selected = block.selected[side].data();
      for (std::uint32_t i = 0; i < n; ++i) {
        const auto mask = std::uint64_t{0} - selected[i];
        octets[i] &= mask;
        packets[i] &= mask;
        flows[i] &= mask;
      }
    }
    if (!small_counters_ || (rates_.is_uniform() && rates_.uniform() == 1)) continue;
    for (std::uint32_t i = 0; i < n; ++i) {
      const auto rate = rates_.is_uniform() ? rates_.uniform() : rates[i];
      octets[i] *= rate;
      packets[i] *= rate;
    }
  }
  if (!small_counters_) scale_large(block, rates.data());
}

// Rare: a sender that counts, or samples, beyond all measure.
void SegmentScan::scale_large(Block& block, const std::uint64_t* rates) const {
  for (std::size_t side = 0; side < 2; ++side) {
    for (std::uint32_t i = 0; i < block.n; ++i) {
      const auto rate = rates_.is_uniform() ? rates_.uniform() : rates[i];
      bool saturated = false;
      for (auto* counter : {&block.octets[side][i], &block.packets[side][i]})
        *counter = saturating_multiply(*counter, rate, saturated);
      block.saturated[side][i] = saturated ? 1 : 0;
      block.any_saturated = block.any_saturated || saturated;
    }
  }
}

void SegmentScan::read_quality(const Block& block) {
  std::array<std::uint64_t, kBlockRows> values;
  if (rates_.is_uniform()) {
    tally_.rates.add(rates_.uniform());
  } else {
    rates_.read(block.row, block.n, values.data());
    std::uint64_t last = 1;
    for (std::uint32_t i = 0; i < block.n; ++i) {
      if (block.any[i] == 0 || values[i] == last) continue;
      tally_.rates.add(last = values[i]);
    }
  }
  if (rates_.has_late()) {
    for (std::uint32_t i = 0; i < block.n; ++i) {
      if (block.any[i] != 0)
        count_rate(block.row + i, block.sessions[i],
                   (quality_->number_at(block.row + i) & kQualitySamplingUnknown) != 0);
    }
  }
  if (quality_->form == Column::Form::kConstant && quality_->base == 0) return;
  read_numbers(*quality_, block.row, block.n, values.data());
  for (std::uint32_t i = 0; i < block.n; ++i) {
    const std::uint64_t bits = block.any[i] != 0 ? values[i] : 0;
    const auto sessions = block.sessions[i];
    tally_.time_repaired += (bits & kQualityTimeRepaired) != 0 ? sessions : 0;
    tally_.counters_uncertain += (bits & kQualityCountersUncertain) != 0 ? sessions : 0;
    tally_.no_counters += (bits & kQualityNoCounters) != 0 ? sessions : 0;
  }
  if (rates_.has_late()) return;
  for (std::uint32_t i = 0; i < block.n; ++i) {
    if (block.any[i] != 0 && (values[i] & kQualitySamplingUnknown) != 0)
      count_rate(block.row + i, block.sessions[i], true);
  }
}

void SegmentScan::count_rate(std::uint32_t row, std::uint64_t sessions, bool marked) {
  const auto rate = rates_.at(row);
  switch (rate.origin) {
    case RateOrigin::kOwn:
    case RateOrigin::kConfigured: break;
    case RateOrigin::kLate: tally_.scaled_later += rate.rate > 1 ? sessions : 0; break;
    case RateOrigin::kNone: tally_.unsampled += marked ? sessions : 0; break;
    case RateOrigin::kUncertain: tally_.unsampled += sessions; break;
  }
}

}  // namespace weir
