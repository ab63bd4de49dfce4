// A rule over stored history: when it would have fired, for which keys, with which values. The same scan, judgement and
// state machine as live evaluation, in one pass. Any thread; the RuleFile is the caller's own.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "alert/alert_limits.hpp"
#include "alert/rule_file.hpp"
#include "store/store.hpp"

namespace weir {

struct BackTestAlert {
  std::string key, title, message, value;
  std::int64_t since_ms = 0, fired_ms = 0, resolved_ms = 0;  // resolved 0: still firing at the end
  RowFigures figures;                                        // of the window that fired
  RowFigures totals;
};

struct BackTestResult {
  std::vector<BackTestAlert> alerts;  // in the order of firing
  std::uint64_t windows = 0, sessions_scanned = 0, refused_keys = 0, cut_rows = 0;
  bool alerts_cut = false;    // more than kMaxBackTestAlerts
  bool is_cut_short = false;  // cancelled before its end
  std::int64_t until_ms = 0;  // end of the last window that was looked at; 0: none
  std::vector<std::string> warnings;
};
inline constexpr std::size_t kMaxBackTestAlerts = 100'000;

// The windows whose ends lie in (from, to]. Errors: the script's, the query's. When cancelled: what was found until
// then.
Result<BackTestResult> back_test(RuleFile& file, const Rule& rule, const TimeRange& range, Store& store,
                                 const AlertLookups& lookups, const AlertLimits& limits,
                                 const std::atomic<bool>* cancelled = nullptr);

}  // namespace weir
