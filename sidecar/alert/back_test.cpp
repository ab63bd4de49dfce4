// Keys that have gone quiet are remembered while the windows pass by.
#include "alert/back_test.hpp"

#include <unordered_map>

#include "alert/alert_text.hpp"
#include "alert/exporter_rows.hpp"
#include "alert/rule_judge.hpp"

namespace weir {

namespace {

class Replay {
 public:
  Replay(RuleFile& file, const Rule& rule, Store& store, const AlertLookups& lookups, const AlertLimits& limits,
         const std::atomic<bool>* cancelled)
      : rule_(rule), limits_(limits), judge_(file, rule, store, lookups, limits, cancelled) {}

  // False when the rule failed, see failure().
  bool window(const WindowRows& rows, bool judged) {
    const auto end = rows.range().to_ms;
    std::vector<RowKey> quiet;
    if (rule_.quiet_ms > 0) {
      for (std::size_t i = 0; i < rows.size(); ++i) {
        auto key = rows.key(i);
        auto text = row_key_text(key);
        seen_.insert_or_assign(std::move(text), Seen{end, std::move(key)});
      }
      for (auto it = seen_.begin(); it != seen_.end();) {
        const auto last = std::min(it->second.end_ms, end - rule_.window_ms);
        if (last < end - rule_.quiet_ms) {
          it = seen_.erase(it);
          continue;
        }
        if (it->second.end_ms < end) quiet.push_back(it->second.key);
        ++it;
      }
    }
    if (!judged) return true;
    const auto verdicts = judge_.judge(rows, states_.states(), quiet);
    if (!verdicts) {
      failure_ = verdicts.error().message;
      return false;
    }
    ++result.windows;
    result.until_ms = end;
    result.cut_rows += verdicts->cut;
    if (!verdicts->remark.empty() && result.warnings.empty()) result.warnings.push_back(verdicts->remark);
    for (const auto& t : states_.advance(rule_, *verdicts, limits_.max_keys)) take(t, *verdicts);
    return true;
  }

  const std::string& failure() const { return failure_; }
  // That are pending or firing.
  std::vector<RowKey> keys() const {
    std::vector<RowKey> keys;
    for (const auto& [text, state] : states_.states()) {
      if (auto key = parse_row_key(rule_.query.by, text)) keys.push_back(std::move(*key));
    }
    return keys;
  }
  BackTestResult finish() {
    result.refused_keys = states_.refused();
    return std::move(result);
  }
  BackTestResult result;

 private:
  struct Seen {
    std::int64_t end_ms = 0;
    RowKey key;
  };

  void take(const Transition& t, const WindowVerdicts& window) {
    if (t.kind == Transition::Kind::kClosed) {
      if (const auto open = open_.find(t.key); open != open_.end()) {
        result.alerts[open->second].resolved_ms = t.at_ms;
        open_.erase(open);
      }
      return;
    }
    if (result.alerts.size() >= kMaxBackTestAlerts) {
      result.alerts_cut = true;
      return;
    }
    open_[t.key] = result.alerts.size();
    result.alerts.push_back({.key = t.key,
                             .title = row_key_title(rule_.query.by, t.verdict->row.key),
                             .message = judge_.message(*t.verdict, window.window, window.totals),
                             .value = judged_value(rule_, t.verdict->row.figures, window.totals),
                             .since_ms = t.since_ms,
                             .fired_ms = t.at_ms,
                             .figures = t.verdict->row.figures,
                             .totals = window.totals});
    if (!judge_.message_error().empty() && result.warnings.empty()) result.warnings.push_back(judge_.message_error());
  }

  const Rule& rule_;
  const AlertLimits limits_;
  RuleJudge judge_;
  KeyStates states_;
  std::unordered_map<std::string, Seen> seen_;
  std::unordered_map<std::string, std::size_t> open_;
  std::string failure_;
};

}  // namespace

Result<BackTestResult> back_test(RuleFile& file, const Rule& rule, const TimeRange& range, Store& store,
                                 const AlertLookups& lookups, const AlertLimits& limits,
                                 const std::atomic<bool>* cancelled) {
  // Ends are multiples of the step, and the first window starts at or after 0.
  auto first = (range.from_ms / rule.every_ms + 1) * rule.every_ms;
  while (first - rule.window_ms < 0) first += rule.every_ms;
  const auto last = range.to_ms / rule.every_ms * rule.every_ms;
  Replay replay(file, rule, store, lookups, limits, cancelled);
  if (first > last) return replay.finish();

  const bool exporters = rule.source == Rule::Source::kExporters;
  Rule scanned = rule;
  if (exporters) scanned.window_ms = scanned.every_ms;
  auto warm = std::max<std::int64_t>(0, exporters ? kMaxExporterSilenceMs : rule.quiet_ms) / rule.every_ms;
  while (warm > 0 && first - warm * rule.every_ms < scanned.window_ms) --warm;
  const WindowScanRequest request{.rule = &scanned,
                                  .first_end_ms = first - warm * rule.every_ms,
                                  .last_end_ms = last,
                                  .cancelled = cancelled,
                                  .threads = limits.threads,
                                  .derived = lookups.derived_sources(),
                                  .max_groups = limits.max_groups,
                                  .kept_keys = [&] { return replay.keys(); }};
  StoredExporterRows stored(rule.window_ms);
  const auto tally = scan_windows(request, store, [&](const WindowGroups& groups) {
    const bool judged = groups.range().to_ms >= first;
    return exporters ? replay.window(stored.next(groups), judged) : replay.window(groups, judged);
  });
  if (cancelled != nullptr && *cancelled) {
    auto found = replay.finish();
    found.is_cut_short = found.until_ms < last;
    return found;
  }
  if (!replay.failure().empty()) return error(replay.failure());
  if (!tally) return tally.error();
  auto result = replay.finish();
  result.sessions_scanned = tally->sessions_scanned;
  result.warnings.insert(result.warnings.end(), tally->warnings.begin(), tally->warnings.end());
  if (exporters)
    result.warnings.push_back("exporters: the past has sessions only: silence is known to " +
                              std::to_string(rule.every_ms / 1000) + " s, loss is not known");
  return result;
}

}  // namespace weir
