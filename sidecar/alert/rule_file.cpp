// Every touch of the Lua state happens inside LuaVm::call: pushing a row can hit the memory bound as well as the script
// can.
#include "alert/rule_file.hpp"

#include <lua.hpp>

#include "alert/row_binding.hpp"

namespace weir {

namespace {

constexpr std::size_t kMaxMessageBytes = 2000;

struct Call {
  ScriptFunction function;
  const RuleFile::RowContext& context;
  bool truth = false;
  std::string text;
  bool is_text = false;
};

int call_on_row(lua_State* lua) {
  auto& call = *static_cast<Call*>(lua_touserdata(lua, 1));
  lua_rawgeti(lua, LUA_REGISTRYINDEX, call.function);
  RowBinding::push_row(lua, call.context);
  RowBinding::push_context(lua, call.context);
  lua_call(lua, 2, 1);
  call.truth = lua_toboolean(lua, -1) != 0;
  call.is_text = lua_type(lua, -1) == LUA_TSTRING;
  if (call.is_text) {
    std::size_t size = 0;
    const char* bytes = lua_tolstring(lua, -1, &size);
    call.text.assign(bytes, std::min(size, kMaxMessageBytes));
  }
  return 0;
}

}  // namespace

RuleFile::~RuleFile() = default;

Result<std::unique_ptr<RuleFile>> RuleFile::load(const std::string& path, const std::string& source,
                                                 const LuaLimits& limits, bool with_tests, LuaBudget* budget) {
  std::unique_ptr<RuleFile> file(new RuleFile(path, limits));
  file->vm_.share(budget);
  file->with_tests_ = with_tests;
  lua_State* lua = file->vm_.state();
  lua_pushcfunction(lua, [](lua_State* l) {
    RowBinding::install(*static_cast<RuleFile*>(lua_touserdata(l, 1)), l);
    return 0;
  });
  lua_pushlightuserdata(lua, file.get());
  if (const auto installed = file->vm_.call(1, 0); !installed) return error(path + ": " + installed.error().message);
  if (const auto ran = file->vm_.run(source, path); !ran) {
    const auto& message = ran.error().message;
    return error(message.find(path) == std::string::npos ? path + ": " + message : message);
  }
  lua_settop(lua, 0);
  file->vm_.share(nullptr);
  if (file->rules_.empty()) return error(path + ": has no rule: call weir.rule { name = …, query = …, when = … }");
  return file;
}

Result<bool> RuleFile::holds(ScriptFunction function, const RowContext& context) {
  Call call{.function = function, .context = context, .text = {}};
  calling_ = &context;
  lua_State* lua = vm_.state();
  lua_pushcfunction(lua, call_on_row);
  lua_pushlightuserdata(lua, &call);
  const auto called = vm_.call(1, 0);
  calling_ = nullptr;
  lua_settop(lua, 0);
  if (!called) return called.error();
  return call.truth;
}

Result<std::string> RuleFile::text(ScriptFunction function, const RowContext& context) {
  Call call{.function = function, .context = context, .text = {}};
  calling_ = &context;
  lua_State* lua = vm_.state();
  lua_pushcfunction(lua, call_on_row);
  lua_pushlightuserdata(lua, &call);
  const auto called = vm_.call(1, 0);
  calling_ = nullptr;
  lua_settop(lua, 0);
  if (!called) return called.error();
  if (!call.is_text) return error("rule '" + context.rule.name + "': message: the function gives no text");
  return call.text;
}

}  // namespace weir
