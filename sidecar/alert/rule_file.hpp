// One file of alert rules with its own sandboxed Lua state: reads rules and their tests, calls their functions on rows.
// Everything the script does is bounded; a mistake comes back as an Error with file and line. One thread at a time.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "alert/rule.hpp"
#include "core/result.hpp"
#include "flow/session.hpp"
#include "script/lua_vm.hpp"

namespace weir {

inline constexpr std::size_t kMaxRulesPerFile = 100;
inline constexpr std::size_t kMaxTestsPerFile = 100;
inline constexpr std::size_t kMaxTestSessions = 200'000;

// What `when`, `resolve` and `message` may ask about the row's past. Implemented over stored data; see RowHistory.
class RowPast {
 public:
  struct Statistics {
    std::uint64_t samples = 0;
    double mean = 0, stdev = 0, min = 0, max = 0, median = 0, p95 = 0;
  };
  virtual ~RowPast() = default;
  // The same key `windows` windows earlier; zeros when it had nothing.
  virtual Result<RowFigures> previous(const RowKey& key, std::int64_t windows) = 0;
  // Of the windows in the same hour of the day, on each of the `days` days before.
  virtual Result<Statistics> baseline(const RowKey& key, RowMeasure measure, std::int64_t days) = 0;
  // False when the key has a session within `span_ms` before the window.
  virtual Result<bool> is_new(const RowKey& key, std::int64_t span_ms) = 0;
  // Octets of the window's other rows that have the same value in group-by field `field`.
  virtual std::uint64_t octets_of_others(const RowKey& key, std::size_t field) = 0;
  // Bits per second; 0 when unknown.
  virtual std::uint64_t interface_speed(const IpAddress& exporter, std::uint64_t interface) = 0;
};

// A weir.test block.
struct RuleTest {
  std::string name, rule;  // the rule's name; "": the file's only rule
  int line = 0;
  std::vector<Session> sessions;  // times from the start of the test
  std::vector<ExporterName> exporters;
  std::int64_t length_ms = 0;
  std::optional<std::size_t> fires;    // how many alerts
  std::vector<std::string> fires_for;  // their keys, in any order
  bool by_keys = false;                // fires_for counts, not fires
};

class RuleFile {
 public:
  // `source` is the text of `path`. Tests are made only when asked for: they cost.
  // `budget`: borrowed while it loads.
  static Result<std::unique_ptr<RuleFile>> load(const std::string& path, const std::string& source,
                                                const LuaLimits& limits, bool with_tests = false,
                                                LuaBudget* budget = nullptr);
  ~RuleFile();

  const std::string& path() const { return path_; }
  const std::vector<Rule>& rules() const { return rules_; }
  const std::vector<RuleTest>& tests() const { return tests_; }
  std::uint64_t memory_bytes() const { return vm_.memory_bytes(); }

  struct RowContext {
    const Rule& rule;
    const RuleRow& row;
    TimeRange window;
    const RowFigures& totals;
    RowPast* past = nullptr;
  };
  // Functions called from now on share `budget`.
  void share(LuaBudget* budget) { vm_.share(budget); }
  // Calls a function of the rule on a row; errors name file and line.
  Result<bool> holds(ScriptFunction function, const RowContext& context);
  Result<std::string> text(ScriptFunction function, const RowContext& context);

 private:
  friend class RuleReader;
  friend class RowBinding;
  RuleFile(std::string path, const LuaLimits& limits) : path_(std::move(path)), vm_(limits) {}

  const std::string path_;
  LuaVm vm_;
  bool with_tests_ = false;
  std::vector<Rule> rules_;
  std::vector<RuleTest> tests_;
  std::string failure_;                  // of a binding, to be raised in Lua
  const RowContext* calling_ = nullptr;  // while a function of the script runs
};

}  // namespace weir
