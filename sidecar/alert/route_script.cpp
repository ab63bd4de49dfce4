// The alert goes in as a table of texts and numbers; nothing of the host can be reached from it.
#include "alert/route_script.hpp"

#include <algorithm>
#include <lua.hpp>

#include "alert/alert_text.hpp"

namespace weir {

namespace {

struct RouteCall {
  int function;
  const Incident& incident;
  bool everywhere = false, wrong = false;
  std::vector<std::string> targets;
  std::string message;
};

void set_text(lua_State* lua, const char* name, const std::string& value) {
  lua_pushlstring(lua, value.data(), value.size());
  lua_setfield(lua, -2, name);
}

// The list of texts on top of the stack.
void read_targets(lua_State* lua, RouteCall& call) {
  const auto count = std::min<lua_Unsigned>(lua_rawlen(lua, -1), 64);
  for (lua_Unsigned i = 1; i <= count; ++i) {
    lua_rawgeti(lua, -1, static_cast<lua_Integer>(i));
    if (lua_type(lua, -1) == LUA_TSTRING) call.targets.emplace_back(lua_tostring(lua, -1));
    else call.wrong = true;
    lua_pop(lua, 1);
  }
}

int call_route(lua_State* lua) {
  auto& call = *static_cast<RouteCall*>(lua_touserdata(lua, 1));
  const auto& i = call.incident;
  lua_rawgeti(lua, LUA_REGISTRYINDEX, call.function);
  lua_createtable(lua, 0, 12);
  set_text(lua, "id", i.id);
  set_text(lua, "rule", i.rule);
  set_text(lua, "key", i.key);
  set_text(lua, "title", i.title);
  set_text(lua, "message", i.message);
  set_text(lua, "severity", severity_name(i.severity));
  set_text(lua, "state", i.state == Incident::State::kFiring ? "firing" : "resolved");
  set_text(lua, "filter", i.filter);
  lua_pushinteger(lua, i.fired_ms);
  lua_setfield(lua, -2, "fired_ms");
  lua_createtable(lua, 0, static_cast<int>(i.labels.size()));
  for (const auto& [name, value] : i.labels) set_text(lua, name.c_str(), value);
  lua_setfield(lua, -2, "labels");
  lua_call(lua, 1, 1);
  if (lua_isnil(lua, -1)) {
    call.everywhere = true;
  } else if (lua_istable(lua, -1)) {
    lua_pushliteral(lua, "message");
    lua_rawget(lua, -2);
    if (lua_type(lua, -1) == LUA_TSTRING) call.message = lua_tostring(lua, -1);
    lua_pop(lua, 1);
    lua_pushliteral(lua, "targets");
    lua_rawget(lua, -2);
    if (lua_istable(lua, -1)) {
      read_targets(lua, call);
    } else {
      lua_pop(lua, 1);
      call.everywhere = lua_rawlen(lua, -1) == 0 && !call.message.empty();
      read_targets(lua, call);
    }
  } else if (!lua_isboolean(lua, -1) || lua_toboolean(lua, -1)) {
    call.wrong = true;
  }
  return 0;
}

}  // namespace

Result<std::unique_ptr<RouteScript>> RouteScript::load(const std::string& path, const std::string& source,
                                                       const LuaLimits& limits) {
  std::unique_ptr<RouteScript> script(new RouteScript(limits));
  if (const auto ran = script->vm_.run(source, path); !ran) return error(ran.error().message);
  lua_State* lua = script->vm_.state();
  if (!lua_isfunction(lua, -1))
    return error(path + ": returns a " + luaL_typename(lua, -1) + ": return function(alert) … end");
  struct Keep {
    int reference = 0;
  } keep;
  lua_pushcfunction(lua, [](lua_State* l) {
    auto& k = *static_cast<Keep*>(lua_touserdata(l, 2));
    lua_settop(l, 1);
    k.reference = luaL_ref(l, LUA_REGISTRYINDEX);
    return 0;
  });
  lua_insert(lua, -2);
  lua_pushlightuserdata(lua, &keep);
  if (const auto kept = script->vm_.call(2, 0); !kept) return error(path + ": " + kept.error().message);
  script->function_ = keep.reference;
  return script;
}

Result<std::vector<std::string>> RouteScript::targets_of(Incident& incident, const std::vector<std::string>& all) {
  RouteCall call{.function = function_, .incident = incident, .targets = {}, .message = {}};
  lua_State* lua = vm_.state();
  lua_pushcfunction(lua, call_route);
  lua_pushlightuserdata(lua, &call);
  const auto called = vm_.call(1, 0);
  lua_settop(lua, 0);
  if (!called) return called.error();
  if (call.wrong)
    return error(
        "the route gives no list of targets: return nil (all), false (none), { \"webhook 1\" } or { targets = { … }, "
        "message = \"…\" }");
  if (!call.message.empty()) incident.message = plain_line(call.message, kMaxMessageLength);
  if (call.everywhere) return all;
  for (const auto& target : call.targets) {
    if (std::find(all.begin(), all.end(), target) == all.end())
      return error("the route names '" + plain_line(target, 60) + "', which is no target");
  }
  return call.targets;
}

}  // namespace weir
