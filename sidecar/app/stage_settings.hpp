// The parts of the settings that single stages take, and the files that the program brings; also for commands without a
// pipeline. Any thread.
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "api/api_server.hpp"
#include "app/settings.hpp"
#include "console/console_server.hpp"
#include "peers/peer_set.hpp"
#include "script/lua_vm.hpp"
#include "script/traffic_name_scripts.hpp"
#include "session/session_table.hpp"
#include "store/sqlite/settings.hpp"

namespace weir {

ApiSettings api_settings(const Settings& settings);
ConsoleSettings console_settings(const Settings& settings);
std::uint32_t query_slots(const Settings& settings);
std::uint64_t query_memory_bytes(const Settings& settings);
SessionLimits session_limits(const Settings& settings);
LuaLimits lua_limits(const Settings& settings);
// Throws std::runtime_error when peers.ask is wrong.
PeerSet peer_set(const Settings& settings, const Clock& clock);
SqliteStoreSettings store_settings(const Settings& settings);
// What tokens are signed with: api.secret_file, or the one in the data folder.
std::filesystem::path secret_file(const Settings& settings);
// The port list that is named, or the shipped one beside the program or in the source tree.
std::string server_ports_file(const Settings& settings);
TrafficNameFiles traffic_name_files(const Settings& settings);
// For AddressDatabases.
std::function<std::string(std::string_view)> path_of_setting(const Settings& settings);
// The operator's port list on top; "" when none is set.
std::string own_server_ports_file(const Settings& settings);
// What is wrong with script.own_dir; "" when it is a folder or not set.
std::string own_scripts_problem(const Settings& settings);

}  // namespace weir
