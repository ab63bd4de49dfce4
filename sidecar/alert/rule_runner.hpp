// One rule in live operation: its due windows in event time, each looked at a second time when late data may have come,
// and the states that follow. One thread.
#pragma once
#include <chrono>
#include <deque>
#include <string>
#include <vector>

#include "alert/exporter_rows.hpp"
#include "alert/rule_judge.hpp"
#include "core/setting_defaults.hpp"

namespace weir {

struct RunnerTiming {
  std::int64_t lateness_ms = setting_defaults::kAlertLatenessMs;  // how long after its end a window is looked at
  std::int64_t late_ms = setting_defaults::kAlertLateMs;          // how much later it is looked at again; 0: never
  std::uint32_t max_catch_up =
      setting_defaults::kAlertMaxCatchUp;  // windows made up for after a pause; older ones are skipped
};

struct RuleEvent {
  Transition::Kind kind = Transition::Kind::kOpened;
  std::string key, title, message, filter, value;
  std::int64_t since_ms = 0, at_ms = 0;
  TimeRange window;
  RowFigures figures;
};

// Keys that fire now, whatever was said about them before.
struct FiringKey {
  std::string key;
  std::int64_t since_ms = 0;
};

struct RunnerStep {
  std::uint64_t windows = 0, late_windows = 0, skipped_windows = 0, cut_rows = 0, cut_windows = 0, sessions_scanned = 0;
  std::vector<RuleEvent> events;  // a window evaluated again reports them again: the caller compares key and start
  std::vector<FiringKey> firing;
  std::string warning;  // of a message function, or a segment
};

class RuleRunner {
 public:
  // `cancelled`: a step ends soon after it has become true; may be null.
  RuleRunner(RuleFile& file, const Rule& rule, Store& store, const AlertLookups& lookups, const AlertLimits& limits,
             const RunnerTiming& timing, const std::atomic<bool>* cancelled = nullptr);

  // What an earlier run saved: states after the window that ended at end_ms.
  void restore(std::map<std::string, KeyState> states, std::int64_t end_ms);
  bool is_due(std::int64_t now_ms) const;
  // Looks at what is due, in order. After AlertLimits::evaluation_ms it ends with the window at hand, and the rest
  // stays due. After an error nothing has moved, and the same windows are due again.
  Result<RunnerStep> step(std::int64_t now_ms, const ExporterSamples& exporters);
  // To be saved: the states that no late data can change any more.
  const KeyStates& settled() const { return settled_; }
  const KeyStates& current() const { return current_; }
  // The keys that fire, as a step without a window has it.
  RunnerStep standing() const;
  // An event that says how a key stands now, for one that fires without having been announced.
  RuleEvent event_of(const FiringKey& firing) const;

  const Rule& rule() const { return rule_; }

 private:
  std::int64_t newest_end(std::int64_t now_ms) const;
  // Windows [first, last] through judge and `states`; appended to `recent`. `whole`: all of them, or nothing; otherwise
  // as many as a turn has time for. False when some are left.
  Result<bool> look_at(std::int64_t first, std::int64_t last, bool whole, KeyStates& states,
                       std::deque<WindowVerdicts>& recent, RunnerStep& step, const ExporterSamples& exporters);
  Result<void> settle(std::int64_t now_ms, RunnerStep& step, const ExporterSamples& exporters);
  Result<bool> has_changed(const WindowVerdicts& window);
  Result<std::vector<RowKey>> quiet_keys(std::int64_t end_ms);
  RuleEvent event(const Transition& t, const WindowVerdicts& window, bool with_function);
  std::vector<RowKey> keys_of(const KeyStates& states) const;
  bool is_known(const Transition& t) const;

  const Rule& rule_;
  Store& store_;
  const AlertLookups& lookups_;
  const AlertLimits limits_;
  const RunnerTiming timing_;
  const std::atomic<bool>* const cancelled_;
  RuleJudge judge_;
  std::chrono::steady_clock::time_point turn_ends_;
  std::uint32_t texts_ = 0;  // new alerts of this step
  KeyStates settled_, current_;
  std::deque<WindowVerdicts> recent_;  // after settled_, up to current_
};

}  // namespace weir
