// Allocation, instruction and time bounds around the Lua library. Instructions are counted between those of Lua; a
// library function that works long in C is charged before it starts, or looks at the clock on its way.
#include "script/lua_vm.hpp"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>
#include <lua.hpp>
#include <stdexcept>
#include <utility>

#include "core/plain_line.hpp"

namespace weir {

namespace {
constexpr int kHookEvery = 100;  // instructions between looks at the bound: one may compare texts of megabytes
constexpr std::uint64_t kLookEvery = 100'000;     // of work in C, between looks at the clock
constexpr std::size_t kLookEveryBytes = 1 << 20;  // allocated, between looks at the clock
constexpr std::uint64_t kLeastBlockBound = 2
                                           << 20;  // one text or table may take a quarter of the memory, at least this
constexpr std::size_t kMaxMessage = 1000;
constexpr std::int64_t kNoDeadline = INT64_MAX;
constexpr char kBoundsKey = 0;  // its address is the registry key

constexpr const char* kForbiddenGlobals[] = {"dofile",       "loadfile",     "load",   "loadstring", "collectgarbage",
                                             "require",      "rawset",       "rawget", "rawequal",   "rawlen",
                                             "setmetatable", "getmetatable", "print"};

std::int64_t thread_time_us() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return std::int64_t{t.tv_sec} * 1'000'000 + t.tv_nsec / 1000;
}
}  // namespace

struct LuaVm::Bounds {
  LuaLimits limits;
  std::uint64_t memory = 0;
  std::uint64_t steps = 0;
  std::uint64_t work = 0;                  // in C, since the last look at the clock
  std::size_t allocated = 0;               // since the last look at the clock
  std::int64_t deadline_us = kNoDeadline;  // of the thread's processor time: a busy machine is no fault of the script
  std::int64_t paused_us = 0;              // since when; 0: not
  LuaBudget* budget = nullptr;
  bool is_budget_shorter = false;  // than what is left for the run

  std::uint64_t block_bound() const { return std::max(limits.memory_bytes / 4, kLeastBlockBound); }
  bool is_late() const { return deadline_us != kNoDeadline && paused_us == 0 && thread_time_us() > deadline_us; }
  bool is_stopped() const { return budget != nullptr && budget->is_stopped(); }
  // What is said of a run that took too long.
  std::string late_text() const {
    if (is_budget_shorter)
      return "stopped: the " + std::to_string(budget->total_ms()) + " ms that its functions share are used up";
    return "stopped after " + std::to_string(limits.milliseconds) + " ms: the script's limit";
  }

  static Bounds& of(lua_State* lua) {
    lua_rawgetp(lua, LUA_REGISTRYINDEX, &kBoundsKey);
    auto* b = static_cast<Bounds*>(lua_touserdata(lua, -1));
    lua_pop(lua, 1);
    return *b;
  }

  static void* allocate(void* self, void* block, std::size_t old_size, std::size_t new_size) {
    auto& b = *static_cast<Bounds*>(self);
    const std::size_t had = block ? old_size : 0;
    if (new_size == 0) {
      std::free(block);
      b.memory -= had;
      return nullptr;
    }
    if (new_size > had) {
      if (b.memory + (new_size - had) > b.limits.memory_bytes || new_size > b.block_bound()) return nullptr;
      b.allocated += new_size;
      if (b.allocated > kLookEveryBytes) {
        if (b.is_late() || b.is_stopped()) return nullptr;
        b.allocated = 0;
      }
    }
    void* moved = std::realloc(block, new_size);
    if (moved) b.memory = b.memory - had + new_size;
    return moved;
  }

  void check(lua_State* lua) const {
    if (steps > limits.instructions)
      stop(lua, "stopped after %I instructions: the script's limit", static_cast<lua_Integer>(limits.instructions));
    if (is_stopped()) stop(lua, "cancelled", 0);
    if (!is_late()) return;
    if (is_budget_shorter)
      stop(lua, "stopped: the %I ms that its functions share are used up",
           static_cast<lua_Integer>(budget->total_ms()));
    stop(lua, "stopped after %I ms: the script's limit", static_cast<lua_Integer>(limits.milliseconds));
  }

  // Raises the message with the file and line of the script: of the function that runs, or of the caller of one in C.
  static void stop(lua_State* lua, const char* message, lua_Integer limit) {
    luaL_where(lua, 0);
    if (*lua_tostring(lua, -1) == '\0') luaL_where(lua, 1);
    lua_pushfstring(lua, message, limit);
    lua_concat(lua, 2);
    lua_error(lua);
  }

  static void on_instructions(lua_State* lua, lua_Debug*) {
    Bounds& b = of(lua);
    b.steps += kHookEvery;
    b.check(lua);
  }

  // Work of about `cost` units in C is about to start.
  static void charge(lua_State* lua, double cost, const char* what) {
    Bounds& b = of(lua);
    if (cost > static_cast<double>(b.limits.pattern_steps)) luaL_error(lua, "%s", what);
    b.work += static_cast<std::uint64_t>(cost) + 1;
    if (b.work < kLookEvery) return;
    b.work = 0;
    b.check(lua);
  }

  // Calls the function kept as upvalue with the same arguments.
  static int call_original(lua_State* lua) {
    const int arguments = lua_gettop(lua);
    lua_pushvalue(lua, lua_upvalueindex(1));
    lua_insert(lua, 1);
    lua_call(lua, arguments, LUA_MULTRET);
    return lua_gettop(lua);
  }

  // pcall and resume catch errors; going over a bound must not be caught.
  static int catch_all_but_bounds(lua_State* lua) {
    const int results = call_original(lua);
    of(lua).check(lua);
    return results;
  }

  // The handler runs after the error, not within it: there Lua counts no instructions when the hook raised it.
  static int call_with_handler(lua_State* lua) {
    luaL_checktype(lua, 2, LUA_TFUNCTION);
    lua_pushvalue(lua, 1);
    lua_pushvalue(lua, 2);
    lua_replace(lua, 1);
    lua_replace(lua, 2);  // the handler lies below the function and its arguments
    const bool good = lua_pcall(lua, lua_gettop(lua) - 2, LUA_MULTRET, 0) == LUA_OK;
    of(lua).check(lua);
    if (!good) {
      lua_call(lua, 1, 1);
      lua_pushboolean(lua, 0);
      lua_insert(lua, 1);
      return 2;
    }
    lua_pushboolean(lua, 1);
    lua_replace(lua, 1);
    return lua_gettop(lua);
  }

  // The field `name` of the table on top, wrapped.
  static void wrap(lua_State* lua, const char* name, lua_CFunction wrapper) {
    lua_getfield(lua, -1, name);
    lua_pushcclosure(lua, wrapper, 1);
    lua_setfield(lua, -2, name);
  }

  // A coroutine starts without its creator's hook; this one gives it the same bound.
  static int create_coroutine(lua_State* lua) {
    luaL_checktype(lua, 1, LUA_TFUNCTION);
    lua_State* thread = lua_newthread(lua);
    lua_sethook(thread, on_instructions, LUA_MASKCOUNT, kHookEvery);
    lua_pushvalue(lua, 1);
    lua_xmove(lua, thread, 1);
    return 1;
  }

  // Patterns run outside the instruction count. Work grows with the subject's length to the power of the repetitions,
  // and with the pattern's length: a plain search compares all of it at every place.
  static int bounded_pattern(lua_State* lua) {
    std::size_t subject = 0, pattern = 0;
    luaL_checklstring(lua, 1, &subject);
    const char* p = luaL_checklstring(lua, 2, &pattern);
    int repetitions = 1;
    for (std::size_t i = 0; i < pattern; ++i) {
      if (p[i] == '%') {
        ++i;
        // %bxy and %1 walk over the subject.
        if (i < pattern && (p[i] == 'b' || (p[i] >= '1' && p[i] <= '9'))) ++repetitions;
      } else if (p[i] == '*' || p[i] == '+' || p[i] == '-' || p[i] == '?') {
        ++repetitions;
      }
    }
    const double places = static_cast<double>(subject) + 1;
    if (std::pow(places, repetitions) * static_cast<double>(std::max<std::size_t>(pattern, 1)) >
        static_cast<double>(of(lua).limits.pattern_steps)) {
      lua_settop(lua, 2);
      return luaL_error(
          lua, "the pattern '%s' has too many repetitions, or is too long, for a text of %I bytes: simplify it",
          pattern > 100 ? "(long)" : p, static_cast<lua_Integer>(subject));
    }
    charge(lua, std::pow(places, repetitions) * static_cast<double>(std::max<std::size_t>(pattern, 1)), "");
    return call_original(lua);
  }

  // string.rep: memory bounds the copies of a text, but not those of an empty one.
  static int bounded_repetition(lua_State* lua) {
    std::size_t text = 0, separator = 0;
    luaL_checklstring(lua, 1, &text);
    luaL_optlstring(lua, 3, "", &separator);
    if (text + separator != 0) return call_original(lua);
    lua_pushliteral(lua, "");
    return 1;
  }

  // table.move goes from one number to another whatever lies between, outside of the instruction count.
  static int bounded_move(lua_State* lua) {
    const auto first = luaL_checkinteger(lua, 2), last = luaL_checkinteger(lua, 3);
    Bounds& b = of(lua);
    const auto distance = last < first ? 0 : static_cast<std::uint64_t>(last) - static_cast<std::uint64_t>(first);
    b.steps += std::min(distance, b.limits.instructions) + 1;
    b.check(lua);
    return call_original(lua);
  }

  // table.insert and table.remove move what lies behind; utf8.len and offset read the text.
  static int bounded_walk(lua_State* lua) {
    charge(lua, static_cast<double>(lua_rawlen(lua, 1)), "stopped: the table is larger than the script's limit");
    return call_original(lua);
  }

  static int is_less(lua_State* lua) {
    charge(lua, lua_type(lua, 1) == LUA_TSTRING ? static_cast<double>(lua_rawlen(lua, 1)) : 1.0,
           "stopped: the texts to sort are longer than the script's limit");
    lua_pushboolean(lua, lua_compare(lua, 1, 2, LUA_OPLT));
    return 1;
  }

  // table.sort without a function compares in C.
  static int bounded_sort(lua_State* lua) {
    lua_settop(lua, 2);
    if (lua_isnil(lua, 2)) {
      lua_pushcfunction(lua, is_less);
      lua_replace(lua, 2);
    }
    return call_original(lua);
  }

  static int message_handler(lua_State* lua) {
    // A number is made a text here, where a lack of memory is caught.
    if (lua_isstring(lua, 1)) lua_tostring(lua, 1);
    else lua_pushfstring(lua, "the script raised a %s", luaL_typename(lua, 1));
    return 1;
  }
};

LuaVm::LuaVm(const LuaLimits& limits) : bounds_(std::make_unique<Bounds>()) {
  bounds_->limits = limits;
  lua_ = lua_newstate(&Bounds::allocate, bounds_.get());
  if (!lua_) throw std::runtime_error("script.memory_bytes is too small for a Lua state");
  lua_pushlightuserdata(lua_, bounds_.get());
  lua_rawsetp(lua_, LUA_REGISTRYINDEX, &kBoundsKey);

  static constexpr luaL_Reg kLibraries[] = {{LUA_GNAME, luaopen_base},        {LUA_TABLIBNAME, luaopen_table},
                                            {LUA_STRLIBNAME, luaopen_string}, {LUA_MATHLIBNAME, luaopen_math},
                                            {LUA_UTF8LIBNAME, luaopen_utf8},  {LUA_COLIBNAME, luaopen_coroutine}};
  for (const auto& library : kLibraries) {
    luaL_requiref(lua_, library.name, library.func, 1);
    lua_pop(lua_, 1);
  }
  for (const char* name : kForbiddenGlobals) {
    lua_pushnil(lua_);
    lua_setglobal(lua_, name);
  }
  lua_getglobal(lua_, LUA_STRLIBNAME);
  lua_pushnil(lua_);
  lua_setfield(lua_, -2, "dump");
  for (const char* name : {"find", "match", "gmatch", "gsub"}) Bounds::wrap(lua_, name, &Bounds::bounded_pattern);
  Bounds::wrap(lua_, "rep", &Bounds::bounded_repetition);
  lua_pop(lua_, 1);
  lua_getglobal(lua_, LUA_TABLIBNAME);
  Bounds::wrap(lua_, "move", &Bounds::bounded_move);
  Bounds::wrap(lua_, "sort", &Bounds::bounded_sort);
  for (const char* name : {"insert", "remove"}) Bounds::wrap(lua_, name, &Bounds::bounded_walk);
  lua_pop(lua_, 1);
  lua_getglobal(lua_, LUA_UTF8LIBNAME);
  for (const char* name : {"len", "offset"}) Bounds::wrap(lua_, name, &Bounds::bounded_walk);
  lua_pop(lua_, 1);
  lua_getglobal(lua_, LUA_COLIBNAME);
  lua_pushcfunction(lua_, &Bounds::create_coroutine);
  lua_setfield(lua_, -2, "create");
  lua_pushnil(lua_);
  lua_setfield(lua_, -2, "wrap");
  Bounds::wrap(lua_, "resume", &Bounds::catch_all_but_bounds);
  lua_pop(lua_, 1);
  lua_pushglobaltable(lua_);
  Bounds::wrap(lua_, "pcall", &Bounds::catch_all_but_bounds);
  lua_pushcfunction(lua_, &Bounds::call_with_handler);
  lua_setfield(lua_, -2, "xpcall");
  lua_pop(lua_, 1);
}

LuaVm::~LuaVm() { lua_close(lua_); }

std::uint64_t LuaVm::memory_bytes() const { return bounds_->memory; }

void LuaVm::share(LuaBudget* budget) { bounds_->budget = budget; }

void LuaVm::pause(lua_State* lua) { Bounds::of(lua).paused_us = thread_time_us(); }

void LuaVm::resume(lua_State* lua) {
  auto& b = Bounds::of(lua);
  b.deadline_us += thread_time_us() - std::exchange(b.paused_us, 0);
}

Result<void> LuaVm::run(const std::string& source, const std::string& file) {
  const std::string name = "@" + file;
  if (luaL_loadbufferx(lua_, source.data(), source.size(), name.c_str(), "t") != LUA_OK) {
    std::string message = lua_tostring(lua_, -1);
    lua_pop(lua_, 1);
    return error(std::move(message));
  }
  return call(0, 1);
}

Result<void> LuaVm::call(int arguments, int results) {
  const int function = lua_gettop(lua_) - arguments;
  lua_pushcfunction(lua_, &Bounds::message_handler);
  lua_insert(lua_, function);
  bounds_->steps = bounds_->work = bounds_->allocated = 0;
  auto* budget = bounds_->budget;
  const auto started_us = thread_time_us(), most_us = bounds_->limits.milliseconds * 1000;
  bounds_->paused_us = 0;
  bounds_->is_budget_shorter = budget != nullptr && budget->left_us_ < most_us;
  const auto allowed_us = bounds_->is_budget_shorter ? std::max<std::int64_t>(0, budget->left_us_) : most_us;
  bounds_->deadline_us = started_us + allowed_us;
  lua_sethook(lua_, &Bounds::on_instructions, LUA_MASKCOUNT, kHookEvery);
  const int status = lua_pcall(lua_, arguments, results, function);
  lua_sethook(lua_, nullptr, 0, 0);
  const bool late = bounds_->is_late(), stopped = bounds_->is_stopped();
  if (budget != nullptr) budget->left_us_ -= thread_time_us() - (bounds_->deadline_us - allowed_us);
  bounds_->deadline_us = kNoDeadline;
  lua_remove(lua_, function);
  if (status == LUA_OK) return {};
  std::string message = "unknown error";
  if (status == LUA_ERRMEM && stopped) {
    message = "cancelled";
  } else if (status == LUA_ERRMEM && late) {
    message = bounds_->late_text();
  } else if (status == LUA_ERRMEM) {
    message = "stopped: it needs more than " + std::to_string(bounds_->limits.memory_bytes) + " bytes, or more than " +
              std::to_string(bounds_->block_bound()) + " for one text or table, the script's limit";
  } else if (lua_type(lua_, -1) == LUA_TSTRING) {
    std::size_t size = 0;
    const char* bytes = lua_tolstring(lua_, -1, &size);
    message = plain_line(std::string(bytes, std::min(size, 4 * kMaxMessage)), kMaxMessage);
  }
  lua_pop(lua_, 1);
  lua_gc(lua_, LUA_GCCOLLECT, 0);
  return error(std::move(message));
}

void LuaVm::check_bounds(lua_State* lua) { Bounds::of(lua).check(lua); }

Result<std::string> read_text_file(const std::string& path, std::size_t max_bytes) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return error(path + ": cannot be read: " + std::strerror(errno));
  std::string text(max_bytes + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.size() > max_bytes) return error(path + ": is larger than " + std::to_string(max_bytes) + " bytes");
  return text;
}

}  // namespace weir
