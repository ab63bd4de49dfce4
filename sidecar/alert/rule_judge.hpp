// A rule applied to the rows of one window: which keys meet its condition, and what is said about them. One thread.
#pragma once
#include <string>
#include <vector>

#include "alert/key_states.hpp"
#include "alert/row_history.hpp"
#include "alert/rule_file.hpp"

namespace weir {

class RuleJudge {
 public:
  // `cancelled`: everything ends soon after it has become true; may be null.
  RuleJudge(RuleFile& file, const Rule& rule, Store& store, const AlertLookups& lookups, const AlertLimits& limits,
            const std::atomic<bool>* cancelled);

  // `active`: the keys that are pending or firing. `quiet`: keys seen before the window, see Rule::quiet_ms. Errors are
  // the script's, or the time limit.
  Result<WindowVerdicts> judge(const WindowRows& rows, const std::map<std::string, KeyState>& active,
                               const std::vector<RowKey>& quiet);
  // One line of text, for people. The past is that of the window judged last, and so is the time that the rule's
  // functions may take: when they have had it, the text is plain_message().
  std::string message(const Verdict& verdict, const TimeRange& window, const RowFigures& totals);
  // The same without the rule's function.
  std::string plain_message(const Verdict& verdict, const RowFigures& totals) const;

  const Rule& rule() const { return rule_; }
  // Of the last message function that failed; "" when none did.
  const std::string& message_error() const { return message_error_; }

 private:
  Result<bool> holds(const std::vector<RowCondition>& conditions, ScriptFunction function, const RuleRow& row,
                     const WindowRows& rows);
  bool worth_a_look(const RowFigures& figures, const WindowRows& rows) const;
  std::vector<RuleRow> candidates(const WindowRows& rows, std::uint64_t& cut) const;

  RuleFile& file_;
  const Rule& rule_;
  const AlertLimits limits_;
  const std::atomic<bool>* const cancelled_;
  RowHistory history_;
  LuaBudget budget_;  // of the window judged last
  std::string message_error_;
};

}  // namespace weir
