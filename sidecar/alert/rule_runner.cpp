// The current states are the settled ones plus the recent windows; when late data changed one, those are looked at
// anew.
#include "alert/rule_runner.hpp"

#include <algorithm>

#include "alert/alert_text.hpp"

namespace weir {

RuleRunner::RuleRunner(RuleFile& file, const Rule& rule, Store& store, const AlertLookups& lookups,
                       const AlertLimits& limits, const RunnerTiming& timing, const std::atomic<bool>* cancelled)
    : rule_(rule),
      store_(store),
      lookups_(lookups),
      limits_(limits),
      timing_(timing),
      cancelled_(cancelled),
      judge_(file, rule, store, lookups, limits, cancelled) {}

void RuleRunner::restore(std::map<std::string, KeyState> states, std::int64_t end_ms) {
  settled_.restore(std::move(states), end_ms);
  current_ = settled_;
  recent_.clear();
}

std::int64_t RuleRunner::newest_end(std::int64_t now_ms) const {
  return std::max<std::int64_t>(0, now_ms - timing_.lateness_ms) / rule_.every_ms * rule_.every_ms;
}

bool RuleRunner::is_due(std::int64_t now_ms) const {
  const auto newest = newest_end(now_ms);
  if (newest < rule_.window_ms) return false;
  const bool set_back = current_.end_ms() - newest > rule_.every_ms;
  return newest > current_.end_ms() || set_back ||
         (!recent_.empty() && recent_.front().window.to_ms + timing_.lateness_ms + timing_.late_ms <= now_ms);
}

Result<RunnerStep> RuleRunner::step(std::int64_t now_ms, const ExporterSamples& exporters) {
  RunnerStep step;
  turn_ends_ = std::chrono::steady_clock::now() + std::chrono::milliseconds(limits_.evaluation_ms);
  texts_ = 0;
  const auto newest = newest_end(now_ms);
  auto states = current_;
  auto recent = recent_;
  auto from = states.end_ms() == 0 ? newest : states.end_ms() + rule_.every_ms;
  if (states.end_ms() - newest > rule_.every_ms) {
    // The clock was set back: what fires goes on firing, what was pending starts again.
    std::map<std::string, KeyState> firing;
    for (const auto& [key, state] : states.states()) {
      if (state.phase == KeyState::Phase::kFiring) firing.emplace(key, state);
    }
    states.restore(std::move(firing), newest - rule_.every_ms);
    settled_ = states;
    recent.clear();
    from = newest;
    step.warning = "the clock was set back: rule '" + rule_.name + "' goes on from now";
  }
  const auto most = static_cast<std::int64_t>(timing_.max_catch_up);
  if (from + (most - 1) * rule_.every_ms < newest) {
    const auto first = newest - (most - 1) * rule_.every_ms;
    step.skipped_windows = static_cast<std::uint64_t>((first - from) / rule_.every_ms);
    from = first;
    // What came before the pause cannot be changed any more.
    settled_ = states;
    recent.clear();
  }
  while (from < rule_.window_ms) from += rule_.every_ms;
  if (from <= newest) {
    if (auto looked = look_at(from, newest, false, states, recent, step, exporters); !looked) return looked.error();
  }
  current_ = std::move(states);
  recent_ = std::move(recent);
  if (auto settled = settle(now_ms, step, exporters); !settled) return settled.error();
  step.firing = standing().firing;
  return step;
}

RunnerStep RuleRunner::standing() const {
  RunnerStep step;
  for (const auto& [key, state] : current_.states()) {
    if (state.phase == KeyState::Phase::kFiring) step.firing.push_back({.key = key, .since_ms = state.since_ms});
  }
  return step;
}

Result<bool> RuleRunner::look_at(std::int64_t first, std::int64_t last, bool whole, KeyStates& states,
                                 std::deque<WindowVerdicts>& recent, RunnerStep& step,
                                 const ExporterSamples& exporters) {
  std::string failure;
  bool ended = false;
  const auto judge = [&](const WindowRows& rows) {
    std::vector<RowKey> quiet;
    if (rule_.quiet_ms > 0) {
      auto keys = quiet_keys(rows.range().to_ms);
      if (!keys) {
        failure = keys.error().message;
        return false;
      }
      quiet = std::move(*keys);
    }
    auto verdicts = judge_.judge(rows, states.states(), quiet);
    if (!verdicts) {
      failure = verdicts.error().message;
      return false;
    }
    step.cut_rows += verdicts->cut;
    if (!verdicts->remark.empty()) {
      ++step.cut_windows;
      step.warning = verdicts->remark;
    }
    ++step.windows;
    recent.push_back(std::move(*verdicts));
    const auto transitions = states.advance(rule_, recent.back(), limits_.max_keys);
    const auto fresh =
        static_cast<std::uint32_t>(std::count_if(transitions.begin(), transitions.end(), [this](const auto& t) {
          return t.kind == Transition::Kind::kOpened && !is_known(t);
        }));
    texts_ += std::min(fresh, UINT32_MAX - texts_);
    // A storm is told by one message with names, and what is known has its text.
    for (const auto& t : transitions) {
      const bool with_function = texts_ <= limits_.max_texts && !is_known(t);
      step.events.push_back(event(t, recent.back(), with_function));
      if (with_function && !judge_.message_error().empty()) step.warning = judge_.message_error();
    }
    ended = !whole && rows.range().to_ms < last && std::chrono::steady_clock::now() > turn_ends_;
    return !ended;
  };
  if (rule_.source == Rule::Source::kExporters) {
    for (auto end = first; end <= last && !ended; end += rule_.every_ms) {
      if (!judge(exporters.window({.from_ms = end - rule_.window_ms, .to_ms = end})) && !ended) return error(failure);
    }
    return !ended;
  }
  const auto tally = scan_windows({.rule = &rule_,
                                   .first_end_ms = first,
                                   .last_end_ms = last,
                                   .cancelled = cancelled_,
                                   .threads = limits_.threads,
                                   .derived = lookups_.derived_sources(),
                                   .max_groups = limits_.max_groups,
                                   .kept_keys = [&] { return keys_of(states); }},
                                  store_, judge);
  if (!failure.empty()) return error(failure);
  if (!tally) return error("rule '" + rule_.name + "': " + tally.error().message);
  step.sessions_scanned += tally->sessions_scanned;
  if (!tally->warnings.empty()) step.warning = tally->warnings.front();
  return !ended;
}

std::vector<RowKey> RuleRunner::keys_of(const KeyStates& states) const {
  std::vector<RowKey> keys;
  for (const auto& [text, state] : states.states()) {
    if (auto key = parse_row_key(rule_.query.by, text)) keys.push_back(std::move(*key));
  }
  return keys;
}

Result<void> RuleRunner::settle(std::int64_t now_ms, RunnerStep& step, const ExporterSamples& exporters) {
  const bool never = timing_.late_ms == 0 || rule_.source == Rule::Source::kExporters;
  while (!recent_.empty()) {
    const auto end = recent_.front().window.to_ms;
    if (!never && end + timing_.lateness_ms + timing_.late_ms > now_ms) return {};
    if (!never) {
      const auto changed = has_changed(recent_.front());
      if (!changed) return changed.error();
      if (*changed) {
        ++step.late_windows;
        auto states = settled_;
        std::deque<WindowVerdicts> recent;
        if (auto looked = look_at(end, recent_.back().window.to_ms, true, states, recent, step, exporters); !looked)
          return looked.error();
        current_ = std::move(states);
        recent_ = std::move(recent);
      }
    }
    settled_.advance(rule_, recent_.front(), limits_.max_keys);
    recent_.pop_front();
  }
  return {};
}

Result<bool> RuleRunner::has_changed(const WindowVerdicts& window) {
  // Totals alone tell that something came; they cost less than the groups.
  Query query{.range = window.window, .filter = rule_.query.filter, .by = {}, .unscaled = rule_.query.unscaled};
  const auto totals = run_query(
      query, store_, {.cancelled = cancelled_, .derived = lookups_.derived_sources(), .threads = limits_.threads});
  if (!totals) return error("rule '" + rule_.name + "': " + totals.error().message);
  const auto& t = totals->totals;
  return t.octets != window.totals.octets || t.packets != window.totals.packets ||
         t.sessions != window.totals.sessions || t.flows != window.totals.flows;
}

Result<std::vector<RowKey>> RuleRunner::quiet_keys(std::int64_t end_ms) {
  std::vector<RowKey> keys;
  Rule before = rule_;
  const auto last = end_ms - rule_.window_ms;
  before.window_ms = before.every_ms = std::min(rule_.quiet_ms, last);
  before.distinct.clear();
  if (before.window_ms <= 0) return keys;
  const auto tally = scan_windows({.rule = &before,
                                   .first_end_ms = last,
                                   .last_end_ms = last,
                                   .cancelled = cancelled_,
                                   .threads = limits_.threads,
                                   .derived = lookups_.derived_sources(),
                                   .max_groups = limits_.max_groups},
                                  store_, [&](const WindowGroups& groups) {
                                    for (std::size_t i = 0; i < groups.size() && keys.size() < limits_.max_keys; ++i)
                                      keys.push_back(groups.key(i));
                                    return true;
                                  });
  if (!tally) return tally.error();
  return keys;
}

// Fires already for the same reason: a window is looked at again.
bool RuleRunner::is_known(const Transition& t) const {
  const auto known = current_.states().find(t.key);
  return known != current_.states().end() && known->second.phase == KeyState::Phase::kFiring &&
         known->second.since_ms == t.since_ms;
}

RuleEvent RuleRunner::event(const Transition& t, const WindowVerdicts& window, bool with_function) {
  RuleEvent e{.kind = t.kind,
              .key = t.key,
              .title = t.key,
              .message = {},
              .filter = rule_.query.filter,
              .value = {},
              .since_ms = t.since_ms,
              .at_ms = t.at_ms,
              .window = window.window};
  if (t.verdict) {
    e.title = row_key_title(rule_.query.by, t.verdict->row.key);
    e.filter = row_key_filter(rule_.query.filter, rule_.query.by, t.verdict->row.key);
    e.figures = t.verdict->row.figures;
    if (t.kind == Transition::Kind::kOpened) {
      e.message = with_function ? judge_.message(*t.verdict, window.window, window.totals)
                                : judge_.plain_message(*t.verdict, window.totals);
      e.value = judged_value(rule_, e.figures, window.totals);
    }
  }
  return e;
}

RuleEvent RuleRunner::event_of(const FiringKey& firing) const {
  RuleEvent e{.key = firing.key,
              .title = firing.key,
              .message = rule_.name + ": " + firing.key,
              .filter = rule_.query.filter,
              .value = {},
              .since_ms = firing.since_ms,
              .at_ms = current_.end_ms()};
  e.window = {.from_ms = e.at_ms - rule_.window_ms, .to_ms = e.at_ms};
  if (const auto key = parse_row_key(rule_.query.by, firing.key)) {
    e.title = row_key_title(rule_.query.by, *key);
    e.filter = row_key_filter(rule_.query.filter, rule_.query.by, *key);
    e.message = rule_.name + ": " + e.title;
  }
  return e;
}

}  // namespace weir
