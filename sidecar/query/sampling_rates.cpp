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
    if (exporter.configured_sampling == 0 || exporter.id > kMaxExporterId) continue;
    if (exporter.id >= configured_.size()) configured_.resize(exporter.id + 1, 0);
    configured_[exporter.id] = exporter.configured_sampling;
    largest_configured_ = std::max<std::uint64_t>(largest_configured_, exporter.configured_sampling);
  }
}

RowRates::RowRates(const SamplingRates& rates, SegmentColumns& columns) : rates_(rates) {
  if (rates.unscaled()) {
    uniform_ = 1;
    return;
  }
  sampling_ = &columns[ColumnId::kSampling];
  const bool constant = sampling_->form == Column::Form::kConstant;
  if (constant && sampling_->base != 0) {
    uniform_ = sampling_->base;
  } else if (rates.any_configured()) {
    exporter_ = &columns[ColumnId::kExporter];
    if (constant && exporter_->form == Column::Form::kConstant) uniform_ = std::max<std::uint64_t>(1, rates.configured(exporter_->base));
  } else if (constant) {
    uniform_ = 1;
  }
  largest_ = is_uniform() ? uniform_ : std::max({std::uint64_t{1}, sampling_->max, rates.largest_configured()});
}

void RowRates::read(std::uint32_t row, std::uint32_t n, std::uint64_t* out) const {
  if (is_uniform()) {
    std::fill_n(out, n, uniform_);
    return;
  }
  read_numbers(*sampling_, row, n, out);
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
