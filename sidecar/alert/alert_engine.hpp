// The alert stage: loads the rules, evaluates them in event time on its own thread, keeps what fires and sees that it
// is delivered. Rules take turns, see FairTurns; one that fails or takes too long is named, backed off, and the others
// go on. Any thread may call.
#pragma once
#include <atomic>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "alert/alert_settings.hpp"
#include "alert/back_test.hpp"
#include "alert/deliverer.hpp"
#include "alert/fair_turns.hpp"
#include "alert/ledger.hpp"
#include "alert/route_script.hpp"
#include "alert/rule_library.hpp"
#include "alert/rule_runner.hpp"
#include "alert/turn_timer.hpp"

namespace weir {

struct RuleStatus {
  std::string name, description, file;
  int line = 0;
  bool enabled = true;
  Severity severity = Severity::kWarning;
  std::vector<FieldId> by;  // fields of its keys
  std::int64_t window_ms = 0, every_ms = 0;
  std::int64_t last_end_ms = 0;  // of the last window; 0: none yet
  std::uint64_t windows = 0, late_windows = 0, skipped_windows = 0, cut_rows = 0, cut_windows = 0, refused_keys = 0,
                failures = 0;
  std::int64_t last_took_ms = 0, max_took_ms = 0;
  std::size_t pending = 0, firing = 0;
  std::int64_t backed_off_until_ms = 0;  // 0: not
  std::int64_t failing_since_ms = 0;     // 0: the last evaluation went well
  std::string error, warning;            // of the last evaluation; error names file and line
};

struct AlertStatus {
  std::vector<RuleStatus> rules;
  std::vector<RuleFileStatus> files;
  std::vector<std::string> complaints;  // rules left out, the route
  std::vector<TargetStatus> targets;
  LedgerCounts counts;
  KeptDatabaseStatus file;  // alerts.sqlite
};

struct BackTestRequest {
  std::string rule;                   // name of a loaded rule; with `source`, of a rule there, or "" for its only one
  std::optional<std::string> source;  // a rule file that is not installed
  TimeRange range;
  const std::atomic<bool>* cancelled = nullptr;
};

class AlertEngine {
 public:
  // Opens the state file. Throws std::runtime_error naming the setting: a target's URL, the route's mistake, or a state
  // file of a newer version. Borrows store, exporters and clock.
  AlertEngine(AlertSettings settings, Store& store, const ExporterTable& exporters, const Clock& clock,
              AlertLookups lookups = {});
  ~AlertEngine();

  void start();
  // Evaluations, tests and deliveries at hand end at once; they begin anew after the next start, or fail.
  void interrupt();
  // interrupt(), and ends the threads. Messages that were not delivered are kept. Harmless when repeated.
  void stop();
  // One round of what start()'s thread does: files, due rules, queue. For tests, without start().
  void run_due();

  AlertStatus status();
  // The same with the ledger's counts of the last round: never waits for the disk.
  AlertStatus last_status() const;
  std::vector<Incident> alerts(bool firing_only, std::size_t limit);
  bool acknowledge(const std::string& id, const std::string& by);
  std::int64_t silence(const std::string& rule, const std::string& key, std::int64_t until_ms, const std::string& by,
                       const std::string& comment);
  bool remove_silence(std::int64_t id);
  std::vector<Silence> silences();
  // Loads all files at the next round, at once when started.
  void reload();
  // On the caller's thread, with a Lua state of its own. Ends after AlertLimits::test_ms with what it has found, and a
  // warning.
  Result<BackTestResult> test_rule(const BackTestRequest& request);
  Result<void> test_target(const std::string& name) { return deliverer_->test(name); }

 private:
  struct Running {
    std::shared_ptr<RuleFile> file;
    std::unique_ptr<RuleRunner> runner;
    std::uint32_t failures_in_a_row = 0;
  };
  void load_rules(bool all);
  // Lets a rule that is due take its turn; false when none is.
  bool take_turn();
  bool is_due(const std::string& name, const Running& running, std::int64_t now_ms) const;
  // What follows from a turn: messages, counts, and what the state file has lost.
  void keep_state();
  bool is_enabled(const Rule& rule) const;
  void evaluate(const std::string& name, Running& running, std::int64_t now_ms);
  void take(const RuleRunner& runner, const RunnerStep& step);
  // The error says what became too much, and where.
  std::string failure_of(const Rule& rule, const std::string& error) const;
  Incident incident_of(const Rule& rule, const RuleEvent& event) const;
  std::vector<std::string> route(Incident& incident);
  void keep_round();

  const AlertSettings settings_;
  const AlertLimits limits_;
  Store& store_;
  const Clock& clock_;
  const AlertLookups lookups_;
  std::atomic<bool> interrupted_{false};
  TurnTimer timer_;
  Ledger ledger_;
  std::unique_ptr<Deliverer> deliverer_;
  std::unique_ptr<RouteScript> route_;

  // Of the evaluating thread.
  RuleLibrary library_;
  ExporterSamples samples_;
  std::map<std::string, Running> running_;
  FairTurns turns_;
  LuaBudget route_budget_{0};
  std::uint64_t generation_ = 0;  // of the ledger
  std::int64_t pruned_ms_ = 0;

  struct Shared {
    std::map<std::string, RuleStatus> rules;
    std::vector<RuleFileStatus> files;
    std::vector<std::string> complaints;
    std::map<std::string, std::string> rule_paths;  // rule → its file
    std::string route_error, round_error;
    LedgerCounts counts;  // of the last round
  };
  Guarded<Shared> shared_;

  std::mutex mutex_;
  std::condition_variable woken_;
  bool stopping_ = false, reload_ = false;
  std::thread thread_;
};

}  // namespace weir
