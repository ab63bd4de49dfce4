// The states of a rule's keys over its windows: nothing, pending, firing, nothing again. A pure value: the same
// verdicts give the same transitions, live, after a restart and in a back-test. One thread.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "alert/rule.hpp"

namespace weir {

// What a rule makes of one key in one window.
struct Verdict {
  RuleRow row;
  std::string key;       // row_key_text
  bool met = false;      // `when` holds
  bool cleared = false;  // firing may end: `resolve` holds, or without one `when` does not
};

struct WindowVerdicts {
  TimeRange window;
  RowFigures totals;
  std::vector<Verdict> verdicts;  // all that are met, and all keys that were pending or firing
  std::uint64_t cut = 0;          // rows beyond the rule's limits
  std::string remark;             // WindowRows::remark
};

struct KeyState {
  enum class Phase : std::uint8_t { kPending = 1, kFiring = 2 };
  Phase phase = Phase::kPending;
  std::int64_t since_ms = 0;        // end of the first window in a row that met the condition
  std::int64_t clear_since_ms = 0;  // firing, and cleared since; 0: not
  friend bool operator==(const KeyState&, const KeyState&) = default;
};

struct Transition {
  enum class Kind : std::uint8_t { kOpened, kClosed };
  Kind kind = Kind::kOpened;
  std::string key;
  std::int64_t since_ms = 0, at_ms = 0;  // at: end of the window
  const Verdict* verdict = nullptr;      // of WindowVerdicts; null when the key was not in it
};

class KeyStates {
 public:
  // The windows come in order. After a gap, what was pending starts again.
  std::vector<Transition> advance(const Rule& rule, const WindowVerdicts& window, std::uint32_t max_keys);

  const std::map<std::string, KeyState>& states() const { return states_; }
  std::int64_t end_ms() const { return end_ms_; }
  void restore(std::map<std::string, KeyState> states, std::int64_t end_ms) {
    states_ = std::move(states);
    end_ms_ = end_ms;
  }
  std::uint64_t refused() const { return refused_; }  // keys beyond max_keys

 private:
  std::map<std::string, KeyState> states_;
  std::int64_t end_ms_ = 0;  // of the last window
  std::uint64_t refused_ = 0;
};

}  // namespace weir
