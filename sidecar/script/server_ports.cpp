// Turns the script's table into a bitmap for each protocol.
#include "script/server_ports.hpp"

#include <charconv>
#include <lua.hpp>

#include "core/file_stamp.hpp"

namespace weir {

namespace {
constexpr std::size_t kMaxPortScriptBytes = 1 << 20;

struct PortSpan {
  std::uint16_t first = 0, last = 0;
};

Result<PortSpan> parse_span(lua_State* lua, int index) {
  const auto port_of = [](lua_Integer n) { return n >= 0 && n <= 65535; };
  if (lua_isinteger(lua, index)) {
    const lua_Integer n = lua_tointeger(lua, index);
    if (port_of(n)) return PortSpan{static_cast<std::uint16_t>(n), static_cast<std::uint16_t>(n)};
    return error("the port " + std::to_string(n) + " is not within 0 to 65535");
  }
  if (lua_type(lua, index) == LUA_TSTRING) {
    const std::string_view text = lua_tostring(lua, index);
    PortSpan span;
    const char* end = text.data() + text.size();
    auto [dash, first_error] = std::from_chars(text.data(), end, span.first);
    if (first_error == std::errc{} && dash != end && *dash == '-') {
      const auto [rest, last_error] = std::from_chars(dash + 1, end, span.last);
      if (last_error == std::errc{} && rest == end && span.first <= span.last) return span;
    }
    return error("the key \"" + std::string(text) + "\" is not a port range such as \"6000-6063\"");
  }
  return error(std::string("a key is a ") + luaL_typename(lua, index) +
               ": give a port (22) or a range (\"6000-6063\")");
}

// The table on top of the stack, into the given protocols.
Result<void> read_section(lua_State* lua, const std::string& where, bool tcp, bool udp, PortTable& table) {
  for (lua_pushnil(lua); lua_next(lua, -2); lua_pop(lua, 1)) {
    const auto span = parse_span(lua, -2);
    if (!span) return error(where + ": " + span.error().message);
    const bool named = lua_type(lua, -1) == LUA_TSTRING;
    if (!named && !(lua_isboolean(lua, -1) && lua_toboolean(lua, -1))) {
      return error(where + ", port " + std::to_string(span->first) + ": the value is a " + luaL_typename(lua, -1) +
                   ": give a name or true");
    }
    for (std::uint32_t port = span->first; port <= span->last; ++port) {
      if (tcp) table.tcp.set(port);
      if (udp) table.udp.set(port);
      if (!named) continue;
      const char* name = lua_tostring(lua, -1);
      if (tcp) table.names[std::uint32_t{kIpProtocolTcp} << 16 | port] = name;
      if (udp) table.names[std::uint32_t{kIpProtocolUdp} << 16 | port] = name;
    }
  }
  return {};
}
}  // namespace

Result<std::shared_ptr<const PortTable>> load_server_ports(const std::string& path, const LuaLimits& limits) {
  const auto source = read_text_file(path, kMaxPortScriptBytes);
  if (!source) return source.error();
  LuaVm vm(limits);
  if (const auto ran = vm.run(*source, path); !ran) {
    // A lack of memory has no line.
    const auto& message = ran.error().message;
    return message.find(path) == std::string::npos ? error(path + ": " + message) : ran.error();
  }
  lua_State* lua = vm.state();
  if (!lua_istable(lua, -1))
    return error(path + ": the script returns a " + luaL_typename(lua, -1) +
                 ": return { tcp = {…}, udp = {…}, both = {…} }");

  auto table = std::make_shared<PortTable>();
  for (lua_pushnil(lua); lua_next(lua, -2); lua_pop(lua, 1)) {
    const std::string section = lua_type(lua, -2) == LUA_TSTRING ? lua_tostring(lua, -2) : "";
    const bool tcp = section == "tcp" || section == "both", udp = section == "udp" || section == "both";
    if (!tcp && !udp) return error(path + ": the section '" + section + "' is not known: use tcp, udp or both");
    if (!lua_istable(lua, -1))
      return error(path + ": the section '" + section + "' is a " + luaL_typename(lua, -1) + ": give a table");
    if (const auto read = read_section(lua, path + ", section " + section, tcp, udp, *table); !read)
      return read.error();
  }
  return std::shared_ptr<const PortTable>(std::move(table));
}

ServerPorts::ServerPorts(std::string path, const LuaLimits& limits, const Clock& clock, std::string own)
    : path_(std::move(path)), own_(std::move(own)), limits_(limits), clock_(clock) {
  state_.with([&](State& s) { s.status.file = path_; });
  reload();
}

std::string ServerPorts::stamps() const { return file_stamp(path_) + " " + (own_.empty() ? "" : file_stamp(own_)); }

bool ServerPorts::poll() {
  const std::lock_guard lock(loading_);
  return stamps() != stamp_ && load();
}

bool ServerPorts::reload() {
  const std::lock_guard lock(loading_);
  return load();
}

bool ServerPorts::load() {
  stamp_ = stamps();
  std::string failure;
  const auto take = [&](const std::string& path, std::shared_ptr<const PortTable>& table) {
    auto loaded = load_server_ports(path, limits_);
    if (loaded) table = *loaded;
    else if (failure.empty()) failure = loaded.error().message;
  };
  take(path_, shipped_table_);
  if (own_.empty() || file_stamp(own_) == "absent") own_table_.reset();
  else take(own_, own_table_);
  auto table = shipped_table_;
  if (own_table_) {
    auto joined = std::make_shared<PortTable>(table ? *table : PortTable{});
    joined->tcp |= own_table_->tcp;
    joined->udp |= own_table_->udp;
    for (const auto& [port, name] : own_table_->names) joined->names[port] = name;
    table = std::move(joined);
  }
  return state_.with([&](State& s) {
    const bool news = failure.empty() || s.status.error != failure;
    s.status.error = failure;
    if (table) {
      s.table = table;
      s.status.count = table->count();
    }
    if (failure.empty()) s.status.loaded_ms = clock_.now_ms();
    return news;
  });
}

std::shared_ptr<const PortTable> ServerPorts::current() const {
  return state_.with([](const State& s) { return s.table; });
}

PortListStatus ServerPorts::status() const {
  return state_.with([](const State& s) { return s.status; });
}

}  // namespace weir
