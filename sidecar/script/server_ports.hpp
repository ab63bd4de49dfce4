// Loads lua/server_ports.lua into a PortTable and again whenever the file changes. An error keeps the last good table.
// Any thread.
#pragma once
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "core/clock.hpp"
#include "core/guarded.hpp"
#include "core/result.hpp"
#include "flow/port_table.hpp"
#include "script/lua_vm.hpp"
#include "script/script_status.hpp"

namespace weir {

// The table that the script in `path` returns:
//   return { tcp = { [22] = "ssh", ["6000-6063"] = "x11", [8443] = true }, udp = { … }, both = { … } }
// Keys are ports or "first-last", values a name or true. Errors name file, line or entry, and what is allowed.
Result<std::shared_ptr<const PortTable>> load_server_ports(const std::string& path, const LuaLimits& limits);

using PortListStatus = ScriptStatus;

class ServerPorts {
 public:
  // `own`: the operator's list, read on top; "" for none, and it need not exist.
  ServerPorts(std::string path, const LuaLimits& limits, const Clock& clock, std::string own = "");

  // Looks whether the file changed (time, size or inode) and loads it if so. True when a new table took effect or a new
  // error appeared.
  bool poll();
  // Loads regardless of the file's stamp. True as poll().
  bool reload();
  std::shared_ptr<const PortTable> current() const;
  PortListStatus status() const;

 private:
  struct State {
    std::shared_ptr<const PortTable> table = std::make_shared<PortTable>();
    PortListStatus status;
  };
  std::string stamps() const;
  bool load();

  const std::string path_, own_;
  const LuaLimits limits_;
  const Clock& clock_;
  std::mutex loading_;  // one load at a time; guards what follows
  std::string stamp_;
  std::shared_ptr<const PortTable> shipped_table_, own_table_;  // what each file last gave
  Guarded<State> state_;
};

}  // namespace weir
