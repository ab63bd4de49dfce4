// A Lua function that every message passes on its way to the queue: it may drop it, choose its targets, change its
// text.
//   return function(alert) … return nil | false | { "webhook 1", … } | { targets = { … }, message = "…" } end
// Sandboxed as rules are. One thread.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "alert/incident.hpp"
#include "script/lua_vm.hpp"

namespace weir {

class RouteScript {
 public:
  // The error names file and line.
  static Result<std::unique_ptr<RouteScript>> load(const std::string& path, const std::string& source,
                                                   const LuaLimits& limits);

  // Calls from now on share `budget`.
  void share(LuaBudget* budget) { vm_.share(budget); }
  // The targets of a message, of those in `all`; its text may change. Errors are the script's: the message then goes
  // everywhere.
  Result<std::vector<std::string>> targets_of(Incident& incident, const std::vector<std::string>& all);

 private:
  explicit RouteScript(const LuaLimits& limits) : vm_(limits) {}
  LuaVm vm_;
  int function_ = 0;
};

}  // namespace weir
