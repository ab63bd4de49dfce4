// An alert rule as read from its file: what is asked of every window, and what is said about it. Plain value, immutable
// once read; functions are numbers that the rule's file knows.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "alert/rule_row.hpp"

namespace weir {

enum class Severity : std::uint8_t { kInformation, kWarning, kAverage, kHigh, kDisaster };
inline constexpr const char* kSeverityNames[] = {"information", "warning", "average", "high", "disaster"};
inline const char* severity_name(Severity s) { return kSeverityNames[static_cast<std::size_t>(s)]; }

inline constexpr std::size_t kMaxRuleFields = 4;              // by and distinct together
inline constexpr std::uint32_t kMaxRuleRows = 10'000;         // rows that reach a rule's functions per window
inline constexpr std::int64_t kMaxRuleWindowMs = 86'400'000;  // one day
inline constexpr std::int64_t kMaxRuleHistoryMs = 31 * std::int64_t{86'400'000};

// A function of the rule's file; 0: none.
using ScriptFunction = int;

struct Rule {
  enum class Source : std::uint8_t { kSessions, kExporters };

  std::string name, description, file;
  int line = 0;  // of weir.rule in the file
  Severity severity = Severity::kWarning;
  bool enabled = true;
  Source source = Source::kSessions;

  Query query;                             // range, limit and buckets are not used
  std::vector<FieldId> distinct;           // counted per key
  RowMeasure order = RowMeasure::kOctets;  // which rows come first when `limit` cuts
  std::uint32_t limit = 1000;              // rows per window that reach `when` as a function
  std::int64_t window_ms = 300'000, every_ms = 60'000;
  std::int64_t quiet_ms = 0;  // keys seen this long before the window take part with zeros

  std::vector<RowCondition> having;  // rows that fail are not looked at
  std::vector<RowCondition> when, resolve;
  ScriptFunction when_function = 0, resolve_function = 0, message_function = 0;
  std::int64_t for_ms = 0, clear_after_ms = 0;

  std::string message;  // template
  std::map<std::string, std::string> labels;
  std::string monitor_host;  // the monitor's host that alerts are shown at; "": the collector's

  // Slices that windows are made of.
  std::int64_t pane_ms() const { return window_ms < every_ms ? window_ms : every_ms; }
  bool has_resolve() const { return !resolve.empty() || resolve_function != 0; }
};

}  // namespace weir
