// Counts what a door refuses (tokens, passwords, connections) and writes it to the log at a bounded rate: the first at
// once, then one line per interval that says how many more there were. Any thread.
#pragma once
#include <cstdint>
#include <string>

#include "core/guarded.hpp"

namespace weir {

// For the doctor.
struct RefusalStatus {
  std::string what;  // "wrong passwords at telnet"
  std::string advice;
  std::uint64_t count = 0;
  std::int64_t last_ms = 0;
  std::string last;  // of whom, and why
};

class RefusalTally {
 public:
  static constexpr std::int64_t kLogEveryMs = 60'000;

  RefusalTally(std::string stage, std::string what, std::string advice)
      : stage_(std::move(stage)), what_(std::move(what)), advice_(std::move(advice)) {}

  // `whom`: an address, perhaps with the reason. Nothing of what was refused itself.
  void note(std::int64_t now_ms, const std::string& whom);
  std::uint64_t count() const {
    return state_.with([](const State& s) { return s.count; });
  }
  RefusalStatus status() const;

 private:
  struct State {
    std::uint64_t count = 0, told = 0;
    std::int64_t last_ms = 0, told_ms = INT64_MIN / 2;
    std::string last;
  };
  const std::string stage_, what_, advice_;
  Guarded<State> state_;
};

}  // namespace weir
