// An exporter that is not in the older sample is new: it began at zero.
#include "monitor/exporter_meter.hpp"

#include <algorithm>

namespace weir {

namespace {
double part(std::uint64_t lost, std::uint64_t received) { return lost == 0 ? 0.0 : static_cast<double>(lost) / static_cast<double>(lost + received); }
}  // namespace

void ExporterMeter::sample(std::int64_t now_ms) {
  before_ = std::move(last_);
  before_ms_ = last_ms_;
  last_.clear();
  last_ms_ = now_ms;
  for (const auto* e : exporters_.all()) last_[e->id] = {.records = e->records, .datagrams = e->datagrams, .lost = e->lost, .drops = e->kernel_drops + e->queue_drops};
}

std::optional<ExporterFigures> ExporterMeter::figures(std::uint32_t id) const {
  const auto now = last_.find(id);
  if (before_ms_ == 0 || last_ms_ <= before_ms_ || now == last_.end()) return std::nullopt;
  const auto old = before_.find(id);
  const Counters then = old == before_.end() ? Counters{} : old->second;
  const double seconds = static_cast<double>(last_ms_ - before_ms_) / 1000;
  const auto records = now->second.records - then.records, datagrams = now->second.datagrams - then.datagrams,
             lost = risen(now->second.lost, then.lost),
             drops = now->second.drops - then.drops;
  const auto* exporter = exporters_.find(id);
  const bool counts_datagrams = exporter && (exporter->protocols & kDatagramSequences) != 0 && (exporter->protocols & kRecordSequences) == 0;
  return ExporterFigures{.records_per_s = static_cast<double>(records) / seconds, .datagrams_per_s = static_cast<double>(datagrams) / seconds,
                         .drops_per_s = static_cast<double>(drops) / seconds, .loss = std::max(part(lost, counts_datagrams ? datagrams : records), part(drops, datagrams))};
}

std::optional<ExporterFigures> ExporterMeter::totals() const {
  std::optional<ExporterFigures> sum;
  for (const auto& [id, counters] : last_) {
    const auto one = figures(id);
    if (!one) continue;
    if (!sum) sum.emplace();
    sum->records_per_s += one->records_per_s;
    sum->datagrams_per_s += one->datagrams_per_s;
    sum->drops_per_s += one->drops_per_s;
    sum->loss = std::max(sum->loss, one->loss);
  }
  if (!sum && before_ms_ != 0 && last_ms_ > before_ms_) sum.emplace();
  return sum;
}

}  // namespace weir
