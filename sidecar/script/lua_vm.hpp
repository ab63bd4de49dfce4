// One sandboxed Lua 5.4 state: no io, os, package, debug, load; bounded instructions and memory per run, bounded pattern
// work. A script that goes over a bound is stopped with a message and the host goes on. One thread at a time.
#pragma once
#include <cstdint>
#include <memory>
#include <string>

#include "core/result.hpp"

struct lua_State;

namespace weir {

struct LuaLimits {
  std::uint64_t instructions = 10'000'000;     // per run
  std::int64_t milliseconds = 2'000;           // of processor time, per run
  std::uint64_t memory_bytes = 32 << 20;       // of the whole state
  std::uint64_t pattern_steps = 50'000'000;    // of one library call in C: pattern length times subject length to the power of the pattern's repetitions
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

  // For bindings whose work is not counted in instructions: raises a Lua error when the running call is over a bound.
  static void check_bounds(lua_State* lua);

  std::uint64_t memory_bytes() const;

 private:
  struct Bounds;
  std::unique_ptr<Bounds> bounds_;
  lua_State* lua_ = nullptr;
};

// The whole text of a file; the error names it and the system's reason. Bounded by max_bytes.
Result<std::string> read_text_file(const std::string& path, std::size_t max_bytes);

}  // namespace weir
