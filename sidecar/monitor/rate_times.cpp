// Exporters count their records of unknown rate; when they came is noted here, of this run: others are not told of.
#include "monitor/rate_times.hpp"

#include <algorithm>
#include <optional>

#include "core/durations.hpp"
#include "flow/rate_wait.hpp"

namespace weir {

void RateTimes::note_unrated(OfExporter& of, const TimeRange& came) {
  if (!of.unrated.empty() && came.from_ms - of.unrated.back().to_ms <= kOneTableMs) {
    of.unrated.back().to_ms = std::max(of.unrated.back().to_ms, came.to_ms);
  } else {
    of.unrated.push_back(came);
  }
  while (of.unrated.front().to_ms < came.to_ms - 2 * kLongestKnowledgeMs) of.unrated.pop_front();
}

void RateTimes::listen(const Exporter& exporter, std::int64_t now_ms) {
  auto& of = of_[exporter.id];
  const bool is_first = of.looked_ms == 0;
  const auto unsampled = exporter.unsampled.load(std::memory_order_relaxed);
  if (unsampled > of.unsampled)
    note_unrated(of, {.from_ms = is_first ? now_ms - kMinuteMs : std::min(of.looked_ms, now_ms), .to_ms = now_ms});
  of.unsampled = unsampled;
  // It is published a moment before what it holds for.
  const bool has_announced = exporter.announced_sampling.load(std::memory_order_relaxed) != 0;
  bool has_learnt = has_announced && !of.has_announced;
  of.has_announced = has_announced;
  exporter.late_rates.with([&](const std::vector<LateRate>& late) {
    if (late == of.late) return;
    of.late = late;
    has_learnt = true;
  });
  if (has_learnt && !is_first) of.learnt_ms = now_ms;
  of.looked_ms = now_ms;
}

bool RateTimes::is_settled(const OfExporter& of, const Exporter& exporter) {
  return of.unrated.empty() ||
         exporter.last_record_ms.load(std::memory_order_relaxed) - of.unrated.back().to_ms >= kOneTableMs;
}

Knowledge RateTimes::knowledge(const Exporter& exporter, const TimeRange& time, std::int64_t report_ms,
                               std::int64_t now_ms) const {
  const auto found = of_.find(exporter.id);
  if (found == of_.end() || now_ms < first_rate_due_ms(exporter, since_ms_)) return Knowledge::kLater;
  if (exporter.configured_sampling.load(std::memory_order_relaxed) != 0)
    return Knowledge::kKnown;  // whatever has no rate has this one
  const auto& of = found->second;
  std::optional<std::int64_t> unrated_to_ms;
  for (const auto& came : of.unrated) {
    if (came.to_ms >= time.from_ms && came.from_ms <= time.to_ms + report_ms) unrated_to_ms = came.to_ms;
  }
  // One that begins later, or ends before the last of these came, leaves a part as it is.
  const TimeRange to_scale{.from_ms = time.from_ms,
                           .to_ms = std::min(time.to_ms, unrated_to_ms.value_or(time.from_ms))};
  std::uint32_t rate = 0;
  bool is_late = false, is_scaled = false, agree = true;
  for (const auto& late : of.late) {
    if (!late.touches(time.from_ms, time.to_ms)) continue;
    agree = agree && late.rate != 0 && (!is_late || late.rate == rate);
    is_scaled = is_scaled || (late.from_ms <= to_scale.from_ms && late.until_ms >= to_scale.to_ms);
    rate = late.rate;
    is_late = true;
  }
  const bool is_learning = of.learnt_ms != 0 && now_ms - of.learnt_ms < kOneTableMs;
  if (!unrated_to_ms && !is_late) return is_learning ? Knowledge::kLater : Knowledge::kKnown;
  if ((is_learning || !is_settled(of, exporter)) && now_ms - time.to_ms <= kLongestRateWaitMs) return Knowledge::kLater;
  return is_scaled && agree ? Knowledge::kKnown : Knowledge::kUnknown;
}

}  // namespace weir
