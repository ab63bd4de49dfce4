// Types are checked before a value is read, so that nothing is converted in place.
#include "alert/script_values.hpp"

#include <algorithm>
#include <cmath>
#include <lua.hpp>

#include "core/time_text.hpp"

namespace weir {

ScriptTable::ScriptTable(lua_State* lua, int index, std::string what)
    : lua_(lua), index_(lua_absindex(lua, index)), what_(std::move(what)) {}

bool ScriptTable::push(const char* key) {
  if (std::find(asked_.begin(), asked_.end(), key) == asked_.end()) asked_.emplace_back(key);
  luaL_checkstack(lua_, 8, "too deep");
  lua_pushstring(lua_, key);
  lua_rawget(lua_, index_);
  if (!lua_isnil(lua_, -1)) return true;
  lua_pop(lua_, 1);
  return false;
}

bool ScriptTable::has(const char* key) {
  if (!push(key)) return false;
  lua_pop(lua_, 1);
  return true;
}

Result<std::string> ScriptTable::text(const char* key, std::string fallback) {
  if (!push(key)) return fallback;
  const int type = lua_type(lua_, -1);
  std::string value;
  if (type == LUA_TSTRING) {
    std::size_t size = 0;
    const char* bytes = lua_tolstring(lua_, -1, &size);
    value.assign(bytes, std::min<std::size_t>(size, 8192));
  }
  lua_pop(lua_, 1);
  if (type != LUA_TSTRING) return error(what(key) + " is a " + lua_typename(lua_, type) + ": give a text");
  return value;
}

Result<std::int64_t> ScriptTable::whole(const char* key, std::int64_t fallback, std::int64_t min, std::int64_t max) {
  if (!push(key)) return fallback;
  int is_number = 0;
  const bool number = lua_type(lua_, -1) == LUA_TNUMBER;
  const auto value = number ? lua_tointegerx(lua_, -1, &is_number) : 0;
  lua_pop(lua_, 1);
  if (!number || !is_number || value < min || value > max)
    return error(what(key) + ": give a whole number from " + std::to_string(min) + " to " + std::to_string(max));
  return value;
}

Result<bool> ScriptTable::flag(const char* key, bool fallback) {
  if (!push(key)) return fallback;
  const bool is_flag = lua_isboolean(lua_, -1), value = lua_toboolean(lua_, -1);
  lua_pop(lua_, 1);
  if (!is_flag) return error(what(key) + ": give true or false");
  return value;
}

Result<std::int64_t> ScriptTable::duration_ms(const char* key, std::int64_t fallback, std::int64_t min,
                                              std::int64_t max) {
  if (!push(key)) return fallback;
  Result<std::int64_t> ms = error("give a duration such as \"5m\"");
  if (lua_type(lua_, -1) == LUA_TNUMBER) {
    const double seconds = lua_tonumber(lua_, -1);
    if (seconds >= 0 && seconds < 1e10) ms = static_cast<std::int64_t>(std::llround(seconds * 1000));
  } else if (lua_type(lua_, -1) == LUA_TSTRING) {
    ms = parse_duration(lua_tostring(lua_, -1));
  }
  lua_pop(lua_, 1);
  if (!ms) return error(what(key) + ": " + ms.error().message);
  if (*ms < min || *ms > max)
    return error(what(key) + ": from " + std::to_string(min / 1000) + " s to " + std::to_string(max / 1000) +
                 " s are allowed");
  return ms;
}

Result<std::vector<std::string>> ScriptTable::texts(const char* key, std::size_t max) {
  std::vector<std::string> values;
  if (!push(key)) return values;
  const auto failure = error(what(key) + ": give a text, or a list of at most " + std::to_string(max) + " texts");
  if (lua_type(lua_, -1) == LUA_TSTRING) {
    values.emplace_back(lua_tostring(lua_, -1));
    lua_pop(lua_, 1);
    return values;
  }
  bool good = lua_istable(lua_, -1);
  const auto count = good ? lua_rawlen(lua_, -1) : 0;
  good = good && count <= max;
  for (std::size_t i = 1; good && i <= count; ++i) {
    lua_rawgeti(lua_, -1, static_cast<lua_Integer>(i));
    good = lua_type(lua_, -1) == LUA_TSTRING;
    if (good) values.emplace_back(lua_tostring(lua_, -1));
    lua_pop(lua_, 1);
  }
  lua_pop(lua_, 1);
  if (!good) return failure;
  return values;
}

Result<void> ScriptTable::nothing_else() {
  std::string unknown;
  for (lua_pushnil(lua_); unknown.empty() && lua_next(lua_, index_) != 0; lua_pop(lua_, 1)) {
    if (lua_type(lua_, -2) != LUA_TSTRING) {
      unknown = "a key that is a " + std::string(luaL_typename(lua_, -2));
    } else if (std::find(asked_.begin(), asked_.end(), lua_tostring(lua_, -2)) == asked_.end()) {
      unknown = "'" + std::string(lua_tostring(lua_, -2)).substr(0, 40) + "'";
    }
    if (!unknown.empty()) {
      lua_pop(lua_, 2);
      break;
    }
  }
  if (unknown.empty()) return {};
  std::string known;
  for (const auto& key : asked_) known += (known.empty() ? "" : ", ") + key;
  return error(what_ + ": " + unknown + " is not known here: use " + known);
}

}  // namespace weir
