// Loads lua/applications.lua and lua/networks.lua, and the operator's files of the same names on top, into
// TrafficNames; again whenever one changes. An error keeps what that file last gave. Any thread.
#pragma once
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/guarded.hpp"
#include "core/result.hpp"
#include "flow/traffic_names.hpp"
#include "script/lua_vm.hpp"
#include "script/script_status.hpp"

namespace weir {

// The script calls, for each rule in order:
//   application { name = "SSH", ports = { "tcp/22", "udp/6000-6010", 22, "gre" }, nets = { "10.0.0.0/8" }, client_nets
//   = { … },
//                 as = { 64500 }, nbar = { "13:453" } }
// Errors name file and line.
Result<std::vector<ApplicationRule>> load_applications(const std::string& path, const LuaLimits& limits);
// The script calls network("10.1.0.0/16", "Branch Oslo") for each prefix. Errors name file and line.
Result<std::vector<LabelledPrefix>> load_networks(const std::string& path, const LuaLimits& limits);

struct TrafficNameFiles {
  std::string applications, own_applications, networks, own_networks;  // own: "" for none; they need not exist
};

class TrafficNameScripts {
 public:
  TrafficNameScripts(const TrafficNameFiles& files, const LuaLimits& limits, const Clock& clock);

  // Loads the files that changed (time, size or inode). True when new names took effect or an error appeared or went.
  bool poll();
  // Loads all regardless.
  bool reload();
  std::shared_ptr<const TrafficNames> current() const;
  std::vector<ScriptStatus> status() const;

 private:
  template <class Entry>
  struct Source {
    ScriptStatus status;
    bool own = false;
    std::string stamp;
    std::vector<Entry> entries;
  };
  struct State {
    std::shared_ptr<const TrafficNames> names = std::make_shared<TrafficNames>();
    std::vector<ScriptStatus> status;
  };
  bool load(bool all);
  template <class Entry>
  bool load_source(Source<Entry>& source, bool all,
                   Result<std::vector<Entry>> (*loader)(const std::string&, const LuaLimits&));

  const LuaLimits limits_;
  const Clock& clock_;
  std::mutex loading_;                                 // guards the sources
  std::vector<Source<ApplicationRule>> applications_;  // in the order of their rules
  std::vector<Source<LabelledPrefix>> networks_;       // later ones hold
  Guarded<State> state_;
};

}  // namespace weir
