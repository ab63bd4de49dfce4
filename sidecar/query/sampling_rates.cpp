// Nearly always a segment has one rate; only mixtures are looked at row by row.
#include "query/sampling_rates.hpp"

#include <algorithm>
#include <array>

namespace weir {

namespace {
// Ids are given one after another from 1, up to the exporters' limit; a wild one has no configured rate.
constexpr std::uint32_t kMaxExporterId = 1'000'000;
}  // namespace

SamplingRates::SamplingRates(const std::vector<ExporterName>& exporters, bool unscaled) : unscaled_(unscaled) {
  for (const auto& exporter : exporters) {
    if ((exporter.configured_sampling == 0 && exporter.late_rates.empty()) || exporter.id > kMaxExporterId) continue;
    if (exporter.id >= exporters_.size()) exporters_.resize(exporter.id + 1);
    exporters_[exporter.id] = {.configured = exporter.configured_sampling, .late = exporter.late_rates};
    largest_configured_ = std::max<std::uint64_t>(largest_configured_, exporter.configured_sampling);
    any_late_ = any_late_ || !exporter.late_rates.empty();
  }
}

SessionRate SamplingRates::rate_of(std::uint64_t sampling, std::uint64_t exporter, std::int64_t start_ms,
                                   std::int64_t end_ms) const {
  if (sampling != 0) return {.rate = unscaled_ ? 1 : sampling, .origin = RateOrigin::kOwn};
  if (exporter >= exporters_.size()) return {};
  const auto& known = exporters_[exporter];
  std::uint64_t late_rate = 0;
  bool touched = false, agree = true;
  for (const auto& late : known.late) {
    if (!late.touches(start_ms, end_ms)) continue;
    agree = agree && late.rate != 0 && (!touched || late.rate == late_rate);
    late_rate = late.rate;
    touched = true;
  }
  if (touched && agree) return {.rate = unscaled_ ? 1 : late_rate, .origin = RateOrigin::kLate};
  if (known.configured != 0)
    return {.rate = unscaled_ ? 1 : std::uint64_t{known.configured}, .origin = RateOrigin::kConfigured};
  return {.rate = 1, .origin = touched ? RateOrigin::kUncertain : RateOrigin::kNone};
}

std::uint64_t SamplingRates::largest_late(std::uint64_t least, std::uint64_t most, std::int64_t from_ms,
                                          std::int64_t to_ms) const {
  if (!any_late_) return 0;
  std::uint64_t largest = 0;
  for (std::uint64_t id = least; id <= most && id < exporters_.size(); ++id) {
    for (const auto& late : exporters_[id].late) {
      if (late.touches(from_ms, to_ms)) largest = std::max<std::uint64_t>({largest, late.rate, 1});
    }
  }
  return largest;
}

RowRates::RowRates(const SamplingRates& rates, SegmentColumns& columns) : rates_(rates) {
  sampling_ = &columns[ColumnId::kSampling];
  const bool constant = sampling_->form == Column::Form::kConstant;
  const bool all_own = constant ? sampling_->base != 0 : sampling_->min != 0;
  std::uint64_t late = 0;
  if (!all_own) {
    exporter_ = &columns[ColumnId::kExporter];
    const auto& segment = columns.segment();
    const bool one = exporter_->form == Column::Form::kConstant;
    late = rates.largest_late(one ? exporter_->base : exporter_->min, one ? exporter_->base : exporter_->max,
                              segment.min_start_ms(), segment.max_end_ms());
    if (late != 0) {
      start_ = &columns[ColumnId::kStart];
      duration_ = &columns[ColumnId::kDuration];
    } else if (!rates.any_configured()) {
      exporter_ = nullptr;
    }
  }
  if (rates.unscaled()) {
    uniform_ = 1;
    return;
  }
  if (constant && sampling_->base != 0) {
    uniform_ = sampling_->base;
  } else if (constant && late == 0) {
    if (exporter_ == nullptr) uniform_ = 1;
    else if (exporter_->form == Column::Form::kConstant)
      uniform_ = std::max<std::uint64_t>(1, rates.configured(exporter_->base));
  }
  largest_ = is_uniform() ? uniform_ : std::max({std::uint64_t{1}, sampling_->max, late, rates.largest_configured()});
}

SessionRate RowRates::at(std::uint32_t row) const {
  const auto sampling = sampling_->number_at(row);
  if (sampling != 0 || exporter_ == nullptr) return rates_.rate_of(sampling, 0, 0, 0);
  const auto start = start_ == nullptr ? 0 : static_cast<std::int64_t>(start_->number_at(row));
  return rates_.rate_of(0, exporter_->number_at(row), start,
                        start_ == nullptr ? 0 : start + static_cast<std::int64_t>(duration_->number_at(row)));
}

void RowRates::read(std::uint32_t row, std::uint32_t n, std::uint64_t* out) const {
  if (is_uniform()) {
    std::fill_n(out, n, uniform_);
    return;
  }
  read_numbers(*sampling_, row, n, out);
  if (has_late()) {
    for (std::uint32_t i = 0; i < n; ++i) {
      if (out[i] == 0) out[i] = at(row + i).rate;
    }
    return;
  }
  if (exporter_ == nullptr) {
    for (std::uint32_t i = 0; i < n; ++i) out[i] = out[i] == 0 ? 1 : out[i];
    return;
  }
  std::array<std::uint64_t, kBlockRows> exporters;
  read_numbers(*exporter_, row, n, exporters.data());
  for (std::uint32_t i = 0; i < n; ++i) {
    if (out[i] == 0) out[i] = std::max<std::uint64_t>(1, rates_.configured(exporters[i]));
  }
}

void RateList::add(std::uint64_t rate) {
  if (rate == 1) return;
  const bool full = rates_.size() == kMaxRates;
  if (full && rate > rates_.back()) {
    more_ = true;
    return;
  }
  const auto at = std::lower_bound(rates_.begin(), rates_.end(), rate);
  if (at != rates_.end() && *at == rate) return;
  rates_.insert(at, rate);
  if (!full) return;
  rates_.pop_back();
  more_ = true;
}

void RateList::add(const RateList& other) {
  for (const auto rate : other.rates_) add(rate);
  more_ = more_ || other.more_;
}

}  // namespace weir
