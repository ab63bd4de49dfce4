// Allocation, instruction and pattern bounds around the Lua library.
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

#include "core/plain_line.hpp"

namespace weir {

namespace {
constexpr int kHookEvery = 1000;  // instructions between looks at the bound
constexpr std::size_t kShownPattern = 60, kMaxMessage = 1000;
constexpr char kBoundsKey = 0;    // its address is the registry key

constexpr const char* kForbiddenGlobals[] = {"dofile", "loadfile", "load", "loadstring", "collectgarbage", "require", "rawset", "rawget", "rawequal", "rawlen",
                                             "setmetatable", "getmetatable", "print"};

std::int64_t thread_time_ms() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return std::int64_t{t.tv_sec} * 1000 + t.tv_nsec / 1'000'000;
}
}  // namespace

struct LuaVm::Bounds {
  LuaLimits limits;
  std::uint64_t memory = 0;
  std::uint64_t steps = 0;
  std::int64_t deadline_ms = 0;  // of the thread's processor time: a busy machine is no fault of the script

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
    if (new_size > had && b.memory + (new_size - had) > b.limits.memory_bytes) return nullptr;
    void* moved = std::realloc(block, new_size);
    if (moved) b.memory = b.memory - had + new_size;
    return moved;
  }

  void check(lua_State* lua) const {
    if (steps > limits.instructions) {
      luaL_error(lua, "stopped after %I instructions: the script's limit", static_cast<lua_Integer>(limits.instructions));
    }
    if (thread_time_ms() > deadline_ms) {
      luaL_error(lua, "stopped after %I ms: the script's limit", static_cast<lua_Integer>(limits.milliseconds));
    }
  }

  static void on_instructions(lua_State* lua, lua_Debug*) {
    Bounds& b = of(lua);
    b.steps += kHookEvery;
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

  // pcall, xpcall and resume catch errors; going over a bound must not be caught.
  static int catch_all_but_bounds(lua_State* lua) {
    const int results = call_original(lua);
    of(lua).check(lua);
    return results;
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

  // Patterns run outside the instruction count. Work grows with the subject's length to the power of the repetitions, and
  // each attempt may read the whole pattern.
  static int bounded_pattern(lua_State* lua) {
    std::size_t subject = 0, pattern = 0;
    luaL_checklstring(lua, 1, &subject);
    const char* p = luaL_checklstring(lua, 2, &pattern);
    int repetitions = 1;
    for (std::size_t i = 0; i < pattern; ++i) {
      if (p[i] == '%') {
        ++i;
        if (i < pattern && (p[i] == 'b' || (p[i] >= '1' && p[i] <= '9'))) ++repetitions;
      } else if (p[i] == '*' || p[i] == '+' || p[i] == '-' || p[i] == '?') {
        ++repetitions;
      }
    }
    const double steps = std::pow(static_cast<double>(subject) + 1, repetitions) * (static_cast<double>(pattern) + 1);
    if (steps > static_cast<double>(of(lua).limits.pattern_steps)) {
      const std::string shown(p, std::min<std::size_t>(pattern, kShownPattern));
      return luaL_error(lua, "the pattern '%s' has too many repetitions, or is too long, for a text of %I bytes: simplify it", shown.c_str(), static_cast<lua_Integer>(subject));
    }
    return call_original(lua);
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

  static int message_handler(lua_State* lua) {
    if (!lua_isstring(lua, 1)) lua_pushfstring(lua, "the script raised a %s", luaL_typename(lua, 1));
    return 1;
  }
};

LuaVm::LuaVm(const LuaLimits& limits) : bounds_(std::make_unique<Bounds>()) {
  bounds_->limits = limits;
  lua_ = lua_newstate(&Bounds::allocate, bounds_.get());
  if (!lua_) throw std::runtime_error("script.memory_bytes is too small for a Lua state");
  lua_pushlightuserdata(lua_, bounds_.get());
  lua_rawsetp(lua_, LUA_REGISTRYINDEX, &kBoundsKey);

  static constexpr luaL_Reg kLibraries[] = {
      {LUA_GNAME, luaopen_base}, {LUA_TABLIBNAME, luaopen_table}, {LUA_STRLIBNAME, luaopen_string}, {LUA_MATHLIBNAME, luaopen_math}, {LUA_UTF8LIBNAME, luaopen_utf8}, {LUA_COLIBNAME, luaopen_coroutine}};
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
  lua_pop(lua_, 1);
  lua_getglobal(lua_, LUA_TABLIBNAME);
  Bounds::wrap(lua_, "move", &Bounds::bounded_move);
  lua_pop(lua_, 1);
  lua_getglobal(lua_, LUA_COLIBNAME);
  lua_pushcfunction(lua_, &Bounds::create_coroutine);
  lua_setfield(lua_, -2, "create");
  lua_pushnil(lua_);
  lua_setfield(lua_, -2, "wrap");
  Bounds::wrap(lua_, "resume", &Bounds::catch_all_but_bounds);
  lua_pop(lua_, 1);
  lua_pushglobaltable(lua_);
  for (const char* name : {"pcall", "xpcall"}) Bounds::wrap(lua_, name, &Bounds::catch_all_but_bounds);
  lua_pop(lua_, 1);
}

LuaVm::~LuaVm() { lua_close(lua_); }

std::uint64_t LuaVm::memory_bytes() const { return bounds_->memory; }

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
  bounds_->steps = 0;
  bounds_->deadline_ms = thread_time_ms() + bounds_->limits.milliseconds;
  lua_sethook(lua_, &Bounds::on_instructions, LUA_MASKCOUNT, kHookEvery);
  const int status = lua_pcall(lua_, arguments, results, function);
  lua_sethook(lua_, nullptr, 0, 0);
  lua_remove(lua_, function);
  if (status == LUA_OK) return {};
  std::string message = status == LUA_ERRMEM ? "stopped: it needs more than " + std::to_string(bounds_->limits.memory_bytes) + " bytes, the script's limit"
                                             : plain_line(lua_tostring(lua_, -1) ? lua_tostring(lua_, -1) : "unknown error", kMaxMessage);
  lua_pop(lua_, 1);
  lua_gc(lua_, LUA_GCCOLLECT, 0);
  return error(std::move(message));
}

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
