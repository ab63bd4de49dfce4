// Conditions in tables are looked at here, without Lua; functions see the largest rows only.
#include "alert/rule_judge.hpp"

#include <algorithm>
#include <unordered_set>

#include "alert/alert_text.hpp"

namespace weir {

RuleJudge::RuleJudge(RuleFile& file, const Rule& rule, Store& store, const AlertLookups& lookups,
                     const AlertLimits& limits, const std::atomic<bool>* cancelled)
    : file_(file),
      rule_(rule),
      limits_(limits),
      cancelled_(cancelled),
      history_(rule, store, lookups, limits, cancelled),
      budget_(limits.evaluation_ms, cancelled) {}

Result<bool> RuleJudge::holds(const std::vector<RowCondition>& conditions, ScriptFunction function, const RuleRow& row,
                              const WindowRows& rows) {
  if (function == 0) return all_hold(conditions, row.figures, rule_.window_ms, rows.totals());
  file_.share(&budget_);
  auto answer = file_.holds(
      function, {.rule = rule_, .row = row, .window = rows.range(), .totals = rows.totals(), .past = &history_});
  file_.share(nullptr);
  // Lua names the line of a mistake, but not where a script was when it went over a bound.
  if (!answer && answer.error().message.find(rule_.file) == std::string::npos) {
    return error(rule_.file + ":" + std::to_string(rule_.line) + ": rule '" + rule_.name +
                 "': " + answer.error().message);
  }
  return answer;
}

bool RuleJudge::worth_a_look(const RowFigures& figures, const WindowRows& rows) const {
  return all_hold(rule_.having, figures, rule_.window_ms, rows.totals()) &&
         (rule_.when_function != 0 || all_hold(rule_.when, figures, rule_.window_ms, rows.totals()));
}

std::vector<RuleRow> RuleJudge::candidates(const WindowRows& rows, std::uint64_t& cut) const {
  std::vector<std::pair<double, std::size_t>> order;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto figures = rows.figures(i);
    if (worth_a_look(figures, rows))
      order.emplace_back(row_value(figures, rule_.order, rule_.window_ms, rows.totals()), i);
  }
  // Without a group-by there is one row, with or without traffic.
  if (rule_.query.by.empty() && rows.size() == 0 && worth_a_look({}, rows)) return {RuleRow{}};
  const std::size_t most = rule_.when_function != 0 ? rule_.limit : limits_.max_keys;
  if (order.size() > most) {
    // Equal values at the cut are decided by key, so that the choice does not depend on the order of rows.
    std::nth_element(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(most) - 1, order.end(),
                     std::greater<>());
    const double last = order[most - 1].first;
    std::vector<std::pair<double, std::size_t>> above, equal;
    for (const auto& o : order) {
      if (o.first > last) above.push_back(o);
      else if (o.first == last) equal.push_back(o);
    }
    std::sort(equal.begin(), equal.end(),
              [&](const auto& a, const auto& b) { return rows.key(a.second) < rows.key(b.second); });
    equal.resize(most - above.size());
    cut += order.size() - most;
    above.insert(above.end(), equal.begin(), equal.end());
    order = std::move(above);
  }
  std::vector<RuleRow> chosen;
  for (const auto& [value, i] : order) chosen.push_back({.key = rows.key(i), .figures = rows.figures(i)});
  std::sort(chosen.begin(), chosen.end(), [&](const auto& a, const auto& b) {
    const auto x = row_value(a.figures, rule_.order, rule_.window_ms, rows.totals()),
               y = row_value(b.figures, rule_.order, rule_.window_ms, rows.totals());
    return x != y ? x > y : a.key < b.key;
  });
  return chosen;
}

Result<WindowVerdicts> RuleJudge::judge(const WindowRows& rows, const std::map<std::string, KeyState>& active,
                                        const std::vector<RowKey>& quiet) {
  budget_ = LuaBudget(limits_.evaluation_ms, cancelled_);
  history_.look_at(rows);
  WindowVerdicts result{.window = rows.range(), .totals = rows.totals(), .verdicts = {}, .remark = rows.remark()};
  std::unordered_set<std::string> judged;
  const bool uses_functions = rule_.when_function != 0 || rule_.resolve_function != 0;

  const auto look = [&](RuleRow row, bool with_having) -> Result<void> {
    Verdict v{.row = std::move(row), .key = {}};
    v.key = row_key_text(v.row.key);
    const auto known = active.find(v.key);
    if (!judged.insert(v.key).second) return {};
    if (budget_.is_stopped()) return error("cancelled");
    if (uses_functions && budget_.is_used_up())
      return error(rule_.file + ":" + std::to_string(rule_.line) + ": rule '" + rule_.name + "' took longer than " +
                   std::to_string(limits_.evaluation_ms) + " ms for one window");
    if (!with_having || all_hold(rule_.having, v.row.figures, rule_.window_ms, rows.totals())) {
      const auto met = holds(rule_.when, rule_.when_function, v.row, rows);
      if (!met) return met.error();
      v.met = *met;
    }
    v.cleared = !v.met;
    const bool firing = known != active.end() && known->second.phase == KeyState::Phase::kFiring;
    if (firing && rule_.has_resolve()) {
      const auto cleared = holds(rule_.resolve, rule_.resolve_function, v.row, rows);
      if (!cleared) return cleared.error();
      v.cleared = *cleared;
    }
    if (v.met || known != active.end()) result.verdicts.push_back(std::move(v));
    return {};
  };

  for (auto& row : candidates(rows, result.cut)) {
    if (auto looked = look(std::move(row), false); !looked) return looked.error();
  }
  for (const auto& key : quiet) {
    if (rows.find(key).sessions != 0) continue;
    if (auto looked = look({.key = key}, false); !looked) return looked.error();
  }
  for (const auto& [text, state] : active) {
    if (judged.count(text)) continue;
    auto key = parse_row_key(rule_.query.by, text);
    if (!key) continue;  // the rule was changed: the key counts as cleared
    const auto figures = rows.find(*key);
    if (auto looked = look({.key = std::move(*key), .figures = figures}, true); !looked) return looked.error();
  }
  if (result.remark.empty()) result.remark = history_.remark();
  return result;
}

std::string RuleJudge::message(const Verdict& verdict, const TimeRange& window, const RowFigures& totals) {
  message_error_.clear();
  if (rule_.message_function == 0) return plain_message(verdict, totals);
  if (budget_.is_used_up()) {
    message_error_ = rule_.file + ":" + std::to_string(rule_.line) + ": rule '" + rule_.name +
                     "': its functions have had their " + std::to_string(limits_.evaluation_ms) +
                     " ms (alert.evaluation_ms) for one window: messages were made without `message`";
    return plain_message(verdict, totals);
  }
  file_.share(&budget_);
  const auto text =
      file_.text(rule_.message_function,
                 {.rule = rule_, .row = verdict.row, .window = window, .totals = totals, .past = &history_});
  file_.share(nullptr);
  if (text) return plain_line(*text, kMaxMessageLength);
  message_error_ = text.error().message;
  return plain_message(verdict, totals);
}

std::string RuleJudge::plain_message(const Verdict& verdict, const RowFigures& totals) const {
  return plain_line(fill_message(rule_, verdict.row, totals), kMaxMessageLength);
}

}  // namespace weir
