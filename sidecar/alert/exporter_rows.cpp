// Samples are kept for the longest window that a rule of exporters may have.
#include "alert/exporter_rows.hpp"

#include <algorithm>

namespace weir {

namespace {
constexpr std::int64_t kKeptMs = 2 * std::int64_t{3'600'000};
constexpr std::int64_t kMinStepMs = 1'000;
constexpr std::size_t kMaxSamples = 1'500;
}  // namespace

ExporterRows::ExporterRows(TimeRange range, std::map<IpAddress, RowFigures> figures) : range_(range) {
  for (auto& [address, f] : figures) {
    totals_.datagrams += f.datagrams;
    totals_.records += f.records;
    totals_.lost += f.lost;
    rows_.push_back({.key = {address}, .figures = f});
  }
}

RowFigures ExporterRows::find(const RowKey& key) const {
  const auto found = std::find_if(rows_.begin(), rows_.end(), [&](const auto& row) { return row.key == key; });
  return found == rows_.end() ? RowFigures{} : found->figures;
}

void ExporterSamples::sample(std::int64_t now_ms) {
  if (!samples_.empty() && now_ms < samples_.back().at_ms) samples_.clear();  // the clock was set back
  if (!samples_.empty() && now_ms - samples_.back().at_ms <
                               std::max<std::int64_t>(kMinStepMs, kKeptMs / static_cast<std::int64_t>(kMaxSamples)))
    return;
  Sample sample{.at_ms = now_ms, .counters = {}};
  for (const auto* e : exporters_.all()) {
    if (e->datagrams == 0) continue;  // known from an earlier run, nothing received in this one
    sample.counters[e->address] = {.datagrams = e->datagrams,
                                   .records = e->records,
                                   .lost = e->lost,
                                   .malformed = e->malformed,
                                   .drops = e->kernel_drops + e->queue_drops,
                                   .last_seen_ms = e->last_seen_ms};
  }
  samples_.push_back(std::move(sample));
  while (samples_.front().at_ms < now_ms - kKeptMs) samples_.pop_front();
}

ExporterRows ExporterSamples::window(const TimeRange& range) const {
  std::map<IpAddress, RowFigures> rows;
  const Sample *before = nullptr, *after = nullptr;
  for (const auto& s : samples_) {
    if (s.at_ms <= range.from_ms || !before) before = &s;
    if (s.at_ms <= range.to_ms || !after) after = &s;
  }
  if (after) {
    for (const auto& [address, now] : after->counters) {
      const auto old = before->counters.find(address);
      const Counters then = old == before->counters.end() ? Counters{} : old->second;
      rows[address] = {.datagrams = now.datagrams - then.datagrams,
                       .records = now.records - then.records,
                       .lost = risen(now.lost, then.lost),
                       .malformed = now.malformed - then.malformed,
                       .drops = now.drops - then.drops,
                       .silent_ms = std::max<std::int64_t>(0, range.to_ms - now.last_seen_ms)};
    }
  }
  return ExporterRows(range, std::move(rows));
}

const ExporterRows& StoredExporterRows::next(const WindowGroups& groups) {
  const auto end = groups.range().to_ms;
  for (std::size_t i = 0; i < groups.size(); ++i) last_seen_[std::get<IpAddress>(groups.key(i)[0])] = end;
  std::map<IpAddress, RowFigures> rows;
  for (auto it = last_seen_.begin(); it != last_seen_.end();) {
    if (end - it->second > kMaxExporterSilenceMs) {
      it = last_seen_.erase(it);
      continue;
    }
    rows[it->first].silent_ms = end - it->second;
    ++it;
  }
  rows_ = std::make_unique<ExporterRows>(TimeRange{.from_ms = end - window_ms_, .to_ms = end}, std::move(rows));
  return *rows_;
}

}  // namespace weir
