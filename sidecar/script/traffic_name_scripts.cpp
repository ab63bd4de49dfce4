// From calls in the scripts to rules and prefixes. What a call hands over is checked before the script goes on, so that
// the error has the line of the call.
#include "script/traffic_name_scripts.hpp"

#include <algorithm>
#include <charconv>
#include <functional>
#include <lua.hpp>

#include "core/file_stamp.hpp"
#include "flow/port_table.hpp"
#include "flow/protocols.hpp"

namespace weir {

namespace {

constexpr std::size_t kMaxNameScriptBytes = 4 << 20;
constexpr std::size_t kMaxEntries = 100'000;  // prefixes, ports, AS numbers and ids of one file
constexpr std::size_t kMaxNameLength = 64;
using Problem = std::optional<std::string>;

std::optional<std::uint64_t> whole_number(std::string_view text, std::uint64_t most) {
  std::uint64_t n = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), n);
  return failure == std::errc{} && end == text.data() + text.size() && n <= most ? std::optional(n) : std::nullopt;
}

// Names stand in filters, in keys joined by commas, and in messages.
Problem check_name(const std::string& name) {
  const bool letter = std::any_of(
      name.begin(), name.end(), [](unsigned char c) { return c >= 0x80 || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z'); });
  const bool odd = std::any_of(name.begin(), name.end(),
                               [](unsigned char c) { return c < 0x20 || c == 0x7f || c == ',' || c == '"'; });
  if (!letter || odd || name.size() > kMaxNameLength)
    return "a name has a letter, no comma, quote or control character, and at most 64 bytes";
  return std::nullopt;
}

Problem add_ports(const std::string& text, ApplicationRule& rule) {
  const auto wrong =
      "\"" + text +
      "\" is not a port: write \"tcp/22\", \"udp/6000-6010\", 22 for TCP and UDP, or a protocol such as \"gre\"";
  const auto slash = text.find('/');
  std::vector<std::uint8_t> protocols{kIpProtocolTcp, kIpProtocolUdp};
  std::string_view ports = text;
  if (slash != std::string::npos) {
    const auto protocol = parse_protocol(text.substr(0, slash));
    if (!protocol) return wrong;
    protocols = {*protocol};
    ports.remove_prefix(slash + 1);
  } else if (const auto protocol = parse_protocol_name(text)) {
    rule.ports.push_back({.protocol = *protocol});
    return std::nullopt;
  }
  const auto dash = ports.find('-');
  const auto first = whole_number(ports.substr(0, dash), 65535),
             last = dash == std::string_view::npos ? first : whole_number(ports.substr(dash + 1), 65535);
  if (!first || !last || *last < *first) return wrong;
  for (const auto protocol : protocols)
    rule.ports.push_back(
        {.protocol = protocol, .first = static_cast<std::uint16_t>(*first), .last = static_cast<std::uint16_t>(*last)});
  return std::nullopt;
}

Problem add_prefix(const std::string& text, std::vector<IpPrefix>& prefixes) {
  const auto prefix = parse_ip_prefix(text);
  if (!prefix) return prefix.error().message;
  prefixes.push_back(*prefix);
  return std::nullopt;
}

Problem add_number(const std::string& text, std::vector<std::uint32_t>& numbers) {
  if (const auto number = whole_number(text, 0xffff'ffff)) {
    numbers.push_back(static_cast<std::uint32_t>(*number));
    return std::nullopt;
  }
  return "\"" + text + "\" is not an AS number";
}

Problem add_exported(const std::string& text, std::vector<std::uint32_t>& ids) {
  const auto colon = text.find(':');
  // RFC 6759 4.1: engine in the first octet, selector in the others.
  const auto engine = whole_number(std::string_view(text).substr(0, colon), 0xff);
  const auto selector =
      colon == std::string::npos ? std::nullopt : whole_number(std::string_view(text).substr(colon + 1), 0xff'ffff);
  if (!engine || !selector || (*engine == 0 && *selector == 0))
    return "\"" + text + "\" is not what an exporter classifies: write engine:selector such as \"13:453\"";
  ids.push_back(static_cast<std::uint32_t>(*engine << 24 | *selector));
  return std::nullopt;
}

// Calls add(text) for a text, a number, or each of a list of them, on top of the stack.
Problem each_text(lua_State* lua, const std::string& key, const std::function<Problem(const std::string&)>& add) {
  const auto one = [&](int index) -> Problem {
    if (lua_isinteger(lua, index)) return add(std::to_string(lua_tointeger(lua, index)));
    if (lua_type(lua, index) == LUA_TSTRING) return add(lua_tostring(lua, index));
    return key + " has a " + luaL_typename(lua, index) + ": give texts or whole numbers";
  };
  if (!lua_istable(lua, -1)) return one(-1);
  for (lua_pushnil(lua); lua_next(lua, -2); lua_pop(lua, 1)) {
    if (auto problem = one(-1)) return problem;
  }
  return std::nullopt;
}

struct Applications {
  std::vector<ApplicationRule> rules;
  std::size_t entries = 0;

  Problem read(lua_State* lua) {
    if (!lua_istable(lua, 1))
      return "application takes a table: application { name = \"SSH\", ports = { \"tcp/22\" } }";
    if (rules.size() >= kMaxApplicationRules)
      return "more than " + std::to_string(kMaxApplicationRules) + " applications";
    ApplicationRule rule;
    for (lua_pushnil(lua); lua_next(lua, 1); lua_pop(lua, 1)) {
      const std::string key = lua_type(lua, -2) == LUA_TSTRING ? lua_tostring(lua, -2) : "";
      Problem problem;
      if (key == "name") {
        problem = each_text(lua, key, [&](const std::string& text) {
          rule.name = text;
          return Problem{};
        });
      } else if (key == "ports") {
        problem = each_text(lua, key, [&](const std::string& text) { return add_ports(text, rule); });
      } else if (key == "nets" || key == "client_nets") {
        problem = each_text(lua, key, [&](const std::string& text) {
          return add_prefix(text, key == "nets" ? rule.servers : rule.clients);
        });
      } else if (key == "as") {
        problem = each_text(lua, key, [&](const std::string& text) { return add_number(text, rule.server_as); });
      } else if (key == "nbar") {
        problem = each_text(lua, key, [&](const std::string& text) { return add_exported(text, rule.exported); });
      } else {
        problem = "'" + key + "' is not known here: use name, ports, nets, client_nets, as or nbar";
      }
      if (problem) return problem;
    }
    if (auto problem = check_name(rule.name)) return rule.name.empty() ? "name is missing" : problem;
    const auto given =
        rule.ports.size() + rule.servers.size() + rule.clients.size() + rule.server_as.size() + rule.exported.size();
    if (given == 0) return "'" + rule.name + "' has no ports, nets, client_nets, as or nbar: it would be every session";
    if ((entries += given) > kMaxEntries) return "more than " + std::to_string(kMaxEntries) + " entries";
    rules.push_back(std::move(rule));
    return std::nullopt;
  }
};

struct Networks {
  std::vector<LabelledPrefix> prefixes;

  Problem read(lua_State* lua) {
    if (lua_type(lua, 1) != LUA_TSTRING || lua_type(lua, 2) != LUA_TSTRING)
      return "network takes two texts: network(\"10.1.0.0/16\", \"Branch Oslo\")";
    if (prefixes.size() >= kMaxEntries) return "more than " + std::to_string(kMaxEntries) + " networks";
    const auto prefix = parse_ip_prefix(lua_tostring(lua, 1));
    if (!prefix) return prefix.error().message;
    std::string label = lua_tostring(lua, 2);
    if (auto problem = check_name(label)) return problem;
    prefixes.push_back({.prefix = *prefix, .label = std::move(label)});
    return std::nullopt;
  }
};

template <class Reader>
int entry(lua_State* lua) {
  bool failed = false;
  {
    const auto problem = static_cast<Reader*>(lua_touserdata(lua, lua_upvalueindex(1)))->read(lua);
    if (problem) {
      failed = true;
      luaL_where(lua, 1);
      lua_pushlstring(lua, problem->data(), problem->size());
      lua_concat(lua, 2);
    }
  }
  return failed ? lua_error(lua) : 0;
}

template <class Reader>
Result<void> run_script(const std::string& path, const LuaLimits& limits, const char* word, Reader& reader) {
  const auto source = read_text_file(path, kMaxNameScriptBytes);
  if (!source) return source.error();
  LuaVm vm(limits);
  lua_pushlightuserdata(vm.state(), &reader);
  lua_pushcclosure(vm.state(), entry<Reader>, 1);
  lua_setglobal(vm.state(), word);
  auto ran = vm.run(*source, path);
  // A bound that was passed has no line.
  if (!ran && ran.error().message.find(path) == std::string::npos) return error(path + ": " + ran.error().message);
  return ran;
}

std::vector<ScriptStatus> statuses(const auto& applications, const auto& networks) {
  std::vector<ScriptStatus> all;
  const auto add = [&](const auto& source) {
    if (!source.own || source.stamp != "absent" || !source.status.error.empty()) all.push_back(source.status);
  };
  for (const auto& source : applications) add(source);
  for (const auto& source : networks) add(source);
  return all;
}

}  // namespace

Result<std::vector<ApplicationRule>> load_applications(const std::string& path, const LuaLimits& limits) {
  Applications reader;
  if (const auto ran = run_script(path, limits, "application", reader); !ran) return ran.error();
  return std::move(reader.rules);
}

Result<std::vector<LabelledPrefix>> load_networks(const std::string& path, const LuaLimits& limits) {
  Networks reader;
  if (const auto ran = run_script(path, limits, "network", reader); !ran) return ran.error();
  return std::move(reader.prefixes);
}

TrafficNameScripts::TrafficNameScripts(const TrafficNameFiles& files, const LuaLimits& limits, const Clock& clock)
    : limits_(limits), clock_(clock) {
  const auto add = [](auto& sources, const std::string& path, bool own) {
    if (path.empty()) return;
    auto& source = sources.emplace_back();
    source.status.file = path;
    source.own = own;
  };
  add(applications_, files.own_applications, true);
  add(applications_, files.applications, false);
  add(networks_, files.networks, false);
  add(networks_, files.own_networks, true);
  reload();
}

template <class Entry>
bool TrafficNameScripts::load_source(Source<Entry>& source, bool all,
                                     Result<std::vector<Entry>> (*loader)(const std::string&, const LuaLimits&)) {
  const auto stamp = file_stamp(source.status.file);
  if (!all && stamp == source.stamp) return false;
  source.stamp = stamp;
  auto loaded = source.own && stamp == "absent" ? Result<std::vector<Entry>>(std::vector<Entry>{})
                                                : loader(source.status.file, limits_);
  if (!loaded) {
    const bool news = source.status.error != loaded.error().message;
    source.status.error = loaded.error().message;
    return news;
  }
  source.entries = std::move(*loaded);
  source.status.count = source.entries.size();
  source.status.loaded_ms = clock_.now_ms();
  source.status.error.clear();
  return true;
}

bool TrafficNameScripts::load(bool all) {
  const std::lock_guard lock(loading_);
  bool news = false;
  for (auto& source : applications_) news = load_source(source, all, load_applications) || news;
  for (auto& source : networks_) news = load_source(source, all, load_networks) || news;
  if (!news) return false;
  std::vector<ApplicationRule> rules;
  for (const auto& source : applications_) rules.insert(rules.end(), source.entries.begin(), source.entries.end());
  std::vector<LabelledPrefix> prefixes;
  for (const auto& source : networks_) prefixes.insert(prefixes.end(), source.entries.begin(), source.entries.end());
  ApplicationTable applications(std::move(rules));
  const auto problem = applications.problem();
  if (!problem.empty()) applications = current()->applications;
  auto names = std::make_shared<const TrafficNames>(
      TrafficNames{.applications = std::move(applications), .networks = NetworkTable(prefixes)});
  state_.with([&](State& s) {
    s.names = std::move(names);
    s.status = statuses(applications_, networks_);
    // Each file is good, and together they are not: the first is named, until a change of any file fixes it.
    if (!problem.empty() && s.status.front().error.empty())
      s.status.front().error = s.status.front().file + ": " + problem;
  });
  return true;
}

bool TrafficNameScripts::poll() { return load(false); }
bool TrafficNameScripts::reload() { return load(true); }

std::shared_ptr<const TrafficNames> TrafficNameScripts::current() const {
  return state_.with([](const State& s) { return s.names; });
}

std::vector<ScriptStatus> TrafficNameScripts::status() const {
  return state_.with([](const State& s) { return s.status; });
}

}  // namespace weir
