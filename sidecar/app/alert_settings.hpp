// The [alert] section of weir.toml as the alert stage takes it, and where rule files lie. Pure functions of the
// settings; they read the webhook secret.
#pragma once
#include "alert/alert_engine.hpp"
#include "app/settings.hpp"

namespace weir {

// Throws std::runtime_error naming the setting.
AlertSettings alert_settings(const Settings& settings);
// The shipped rules beside the program or in the source tree, then alert.rules.
std::vector<std::string> rule_folders(const Settings& settings);
LuaLimits rule_lua_limits(const Settings& settings);

}  // namespace weir
