// One sandboxed Lua 5.4 state: no io, os, package, debug, load; bounded instructions and memory per run, bounded
// pattern work. A script that goes over a bound is stopped with a message and the host goes on. One thread at a time.
#pragma once
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "core/result.hpp"
#include "core/setting_defaults.hpp"

struct lua_State;

namespace weir {

struct LuaLimits {
  std::uint64_t instructions = setting_defaults::kScriptInstructionLimit;  // per run
  std::int64_t milliseconds = 2'000;                                       // of processor time, per run
  std::uint64_t memory_bytes = setting_defaults::kScriptMemoryBytes;       // of the whole state
  std::uint64_t pattern_steps = 50'000'000;  // of one library call in C: pattern length times subject length to the
                                             // power of the pattern's repetitions
};

// What several runs may take together: the functions of one rule for one window. Borrowed by the states that use it;
// one thread, but for `stop`.
class LuaBudget {
 public:
  explicit LuaBudget(std::int64_t milliseconds, const std::atomic<bool>* stop = nullptr)
      : total_ms_(milliseconds), left_us_(milliseconds * 1000), stop_(stop) {}
  bool is_used_up() const { return left_us_ <= 0; }
  std::int64_t total_ms() const { return total_ms_; }
  // A run ends soon after this has become true.
  bool is_stopped() const { return stop_ != nullptr && stop_->load(std::memory_order_relaxed); }

 private:
  friend class LuaVm;
  std::int64_t total_ms_, left_us_;
  const std::atomic<bool>* stop_;
};

class LuaVm {
 public:
  explicit LuaVm(const LuaLimits& limits);
  ~LuaVm();
  LuaVm(const LuaVm&) = delete;
  LuaVm& operator=(const LuaVm&) = delete;

  // The raw state, for bindings. Calls into Lua go through call() so that the bounds hold.
  lua_State* state() const { return lua_; }

  // Runs the text chunk `source` under the name `file`; its single result is left on the stack.
  Result<void> run(const std::string& source, const std::string& file);
  // Calls the function that lies below `arguments` on the stack; `results` are left there. Errors name file and line.
  Result<void> call(int arguments, int results);

  // From now on runs share `budget` and end when it is used up; null: none is shared.
  void share(LuaBudget* budget);

  // For bindings whose work is not counted in instructions: raises a Lua error when the running call is over a bound.
  static void check_bounds(lua_State* lua);
  // Processor time from now to resume() is not the script's: it asked for something that has a bound of its own.
  static void pause(lua_State* lua);
  static void resume(lua_State* lua);

  std::uint64_t memory_bytes() const;

 private:
  struct Bounds;
  std::unique_ptr<Bounds> bounds_;
  lua_State* lua_ = nullptr;
};

// The whole text of a file; the error names it and the system's reason. Bounded by max_bytes.
Result<std::string> read_text_file(const std::string& path, std::size_t max_bytes);

}  // namespace weir
