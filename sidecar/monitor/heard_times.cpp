// Exporters are asked for in parts, so that the longest list of gaps has place for those of each.
#include "monitor/heard_times.hpp"

#include <algorithm>

#include "core/durations.hpp"

namespace weir {

namespace {

constexpr std::size_t kExportersPerQuestion = 200;
constexpr std::int64_t kShortestPauseMs = kMinuteMs, kLongestPauseMs = 30 * kMinuteMs;

bool touches(const std::vector<TimeRange>& times, const TimeRange& time) {
  return std::any_of(times.begin(), times.end(),
                     [&](const TimeRange& t) { return t.from_ms < time.to_ms && time.from_ms < t.to_ms; });
}

}  // namespace

std::int64_t usual_pause_ms(const Exporter& exporter) {
  return std::clamp(exporter.tolerated_silence_ms.load(std::memory_order_relaxed), kShortestPauseMs, kLongestPauseMs);
}

HeardTimes::HeardTimes(Store& store, const std::vector<const Exporter*>& exporters, const TimeRange& range,
                       std::int64_t now_ms)
    : now_ms_(now_ms) {
  std::vector<std::uint32_t> ids;
  // Before the store is asked: a silence that ends in between is in its account.
  for (const auto* e : exporters) {
    const auto of = [](const std::atomic<std::int64_t>& member) { return member.load(std::memory_order_relaxed); };
    states_[e->id] = {.first_ms = of(e->first_seen_ms),
                      .last_ms = of(e->last_seen_ms),
                      .report_ms = std::max(of(e->report_ms), of(e->longest_report_ms)),
                      .pause_ms = usual_pause_ms(*e)};
    ids.push_back(e->id);
  }
  std::sort(ids.begin(), ids.end());
  for (std::size_t at = 0; at < ids.size(); at += kExportersPerQuestion) {
    const std::vector<std::uint32_t> some(
        ids.begin() + static_cast<std::ptrdiff_t>(at),
        ids.begin() + static_cast<std::ptrdiff_t>(std::min(ids.size(), at + kExportersPerQuestion)));
    const auto quality = store.quality(range, some, now_ms);
    if (quality.more_gaps) unclear_.insert(some.begin(), some.end());
    for (const auto& gap : quality.gaps) {
      switch (gap.reason) {
        case GapReason::kNotHeard: silent_[gap.exporter].push_back({.from_ms = gap.from_ms, .to_ms = gap.to_ms}); break;
        case GapReason::kCollectorDown:
          if (at == 0) down_.push_back({.from_ms = gap.from_ms, .to_ms = gap.to_ms});
          break;
      }
    }
    for (const auto& e : quality.exporters) {
      if ((e.lost | e.waiting | e.refused | e.malformed | e.dropped) != 0) incomplete_.insert(e.exporter);
    }
  }
}

bool HeardTimes::is_broken(const Exporter& exporter, const TimeRange& time) const {
  if (unclear_.contains(exporter.id) || touches(down_, time)) return true;
  const auto silent = silent_.find(exporter.id);
  return silent != silent_.end() && touches(silent->second, time);
}

bool HeardTimes::is_silent(const Exporter& exporter) const {
  const auto found = states_.find(exporter.id);
  return found != states_.end() && now_ms_ - found->second.last_ms > found->second.pause_ms;
}

std::int64_t HeardTimes::report_ms(const Exporter& exporter) const {
  const auto found = states_.find(exporter.id);
  return found == states_.end() ? 0 : found->second.report_ms;
}

Knowledge HeardTimes::knowledge(const Exporter& exporter, const TimeRange& time, std::int64_t stored_ms) const {
  const auto found = states_.find(exporter.id);
  if (found == states_.end() || found->second.last_ms == 0 || time.from_ms < found->second.first_ms)
    return Knowledge::kUnknown;
  const auto& state = found->second;
  // What would have been reported later is lost, too.
  if (is_broken(exporter, {.from_ms = time.from_ms, .to_ms = time.to_ms + state.report_ms})) return Knowledge::kUnknown;
  if (state.last_ms - state.report_ms - stored_ms >= time.to_ms) return Knowledge::kKnown;
  return now_ms_ - time.to_ms > std::min(state.report_ms + stored_ms + state.pause_ms, kLongestKnowledgeMs)
             ? Knowledge::kUnknown
             : Knowledge::kLater;
}

}  // namespace weir
