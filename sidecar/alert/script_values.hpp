// Reading what a script gave: numbers with units, durations, fields of tables. For use inside protected calls only,
// since Lua may raise. Errors name the key and what is allowed.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"

struct lua_State;

namespace weir {

// A table on the stack, read field by field; what was not asked for is found at the end.
class ScriptTable {
 public:
  // `what` opens every message: "rule 'port scan'". The table stays where it is on the stack.
  ScriptTable(lua_State* lua, int index, std::string what);

  bool has(const char* key);
  Result<std::string> text(const char* key, std::string fallback);
  Result<std::int64_t> whole(const char* key, std::int64_t fallback, std::int64_t min, std::int64_t max);
  Result<bool> flag(const char* key, bool fallback);
  // Text such as "5m", or a number of seconds.
  Result<std::int64_t> duration_ms(const char* key, std::int64_t fallback, std::int64_t min, std::int64_t max);
  // Text, or a list of texts.
  Result<std::vector<std::string>> texts(const char* key, std::size_t max);
  // Leaves the value on the stack and true, or nothing and false.
  bool push(const char* key);
  // An error naming the first key that nobody asked for.
  Result<void> nothing_else();

  std::string what(const char* key) const { return what_ + ": " + key; }
  lua_State* lua() const { return lua_; }

 private:
  lua_State* lua_;
  int index_;
  std::string what_;
  std::vector<std::string> asked_;
};

}  // namespace weir
