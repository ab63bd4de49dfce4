// weir.test{…}: the sessions that a rule is tried with, and what it should make of them.
#include <algorithm>
#include <lua.hpp>

#include "alert/rule_reader.hpp"
#include "flow/protocols.hpp"

namespace weir {

namespace {

// Calls RuleReader::read_session for weir.test's `add`.
struct Adding {
  RuleFile* file;
  RuleTest* test;
  std::string* failure;
};

Result<std::uint16_t> parse_flags(const std::string& text) {
  static constexpr std::string_view kLetters = "FSRPAUEC";  // bit 0 first, RFC 9293 3.1
  std::uint16_t flags = 0;
  for (const char c : text) {
    const auto bit = kLetters.find(c);
    if (bit == std::string_view::npos)
      return error("'" + text.substr(0, 20) + "' are not TCP flags: use letters of FSRPAUEC");
    flags = static_cast<std::uint16_t>(flags | 1u << bit);
  }
  return flags;
}

}  // namespace

Result<void> RuleReader::read_half(ScriptTable& table, SessionHalf& half, const char* octets, const char* packets,
                                   const char* flags) {
  static constexpr std::int64_t kMost = std::int64_t{1} << 50;
  const auto o = table.whole(octets, -1, 0, kMost);
  if (!o) return o.error();
  if (*o < 0) return {};
  const auto p = table.whole(packets, std::max<std::int64_t>(1, *o / 1000), 0, kMost);
  if (!p) return p.error();
  const auto letters = table.text(flags, "");
  if (!letters) return letters.error();
  const auto bits = parse_flags(*letters);
  if (!bits) return error(table.what(flags) + ": " + bits.error().message);
  half.octets = static_cast<std::uint64_t>(*o);
  half.packets = static_cast<std::uint64_t>(*p);
  half.tcp_flags = *bits;
  half.flows = 1;
  return {};
}

Result<void> RuleReader::read_session(RuleTest& test) {
  if (test.sessions.size() >= kMaxTestSessions)
    return error("more than " + std::to_string(kMaxTestSessions) + " sessions in one test");
  if (!lua_istable(lua_, 1))
    return error(
        "a session is a table: { client = \"10.0.0.1\", server = \"10.0.0.2\", server_port = 80, octets = 1000, at = "
        "\"10s\" }");
  ScriptTable table(lua_, 1, "session");
  Session s;
  s.id = test.sessions.size() + 1;
  IpAddress exporter;
  for (const auto& [key, into, fallback] :
       {std::tuple{"client", &s.client, "192.0.2.10"}, std::tuple{"server", &s.server, "192.0.2.20"},
        std::tuple{"exporter", &exporter, "192.0.2.1"}}) {
    const auto text = table.text(key, fallback);
    if (!text) return text.error();
    const auto address = parse_ip_address(*text);
    if (!address) return error(table.what(key) + ": " + address.error().message);
    *into = *address;
  }
  const auto known =
      std::find_if(test.exporters.begin(), test.exporters.end(), [&](const auto& e) { return e.address == exporter; });
  s.exporter = static_cast<std::uint32_t>(known - test.exporters.begin()) + 1;
  if (known == test.exporters.end()) test.exporters.push_back({.id = s.exporter, .address = exporter});

  std::int64_t client_port = 0, server_port = 0, in_if = 0, out_if = 0, vlan = 0, client_as = 0, server_as = 0,
               sampling = 0;
  struct Number {
    const char* key;
    std::int64_t* into;
    std::int64_t fallback, max;
  };
  for (const auto& n :
       {Number{"client_port", &client_port, 40000, 65535}, Number{"server_port", &server_port, 443, 65535},
        Number{"in_if", &in_if, 0, UINT32_MAX}, Number{"out_if", &out_if, 0, UINT32_MAX},
        Number{"vlan", &vlan, 0, 4095}, Number{"client_as", &client_as, 0, UINT32_MAX},
        Number{"server_as", &server_as, 0, UINT32_MAX}, Number{"sampling", &sampling, 0, 1'000'000}}) {
    const auto value = table.whole(n.key, n.fallback, 0, n.max);
    if (!value) return value.error();
    *n.into = *value;
  }
  s.client_port = static_cast<std::uint16_t>(client_port);
  s.server_port = static_cast<std::uint16_t>(server_port);
  s.client_as = static_cast<std::uint32_t>(client_as);
  s.server_as = static_cast<std::uint32_t>(server_as);
  s.sampling = static_cast<std::uint32_t>(sampling);
  const auto protocol = table.text("protocol", "tcp");
  if (!protocol) return protocol.error();
  const auto number = parse_protocol(*protocol);
  if (!number)
    return error(table.what("protocol") + ": '" + protocol->substr(0, 20) +
                 "' is no protocol: give a name such as \"tcp\" or a number as text");
  s.protocol = *number;

  if (auto read = read_half(table, s.halves[kToServer], "octets", "packets", "tcp_flags"); !read) return read;
  if (auto read = read_half(table, s.halves[kToClient], "octets_back", "packets_back", "tcp_flags_back"); !read)
    return read;
  if (s.halves[kToServer].flows + s.halves[kToClient].flows == 0)
    return error("session: octets: give what the client sent, or octets_back, or both");
  for (std::size_t side = 0; side < 2; ++side) {
    auto& half = s.halves[side];
    half.in_if = static_cast<std::uint32_t>(side == kToServer ? in_if : out_if);
    half.out_if = static_cast<std::uint32_t>(side == kToServer ? out_if : in_if);
    half.vlan = static_cast<std::uint16_t>(vlan);
  }
  const auto at = table.duration_ms("at", 0, 0, kMaxRuleHistoryMs);
  if (!at) return at.error();
  const auto duration = table.duration_ms("duration", 0, 0, kMaxRuleWindowMs);
  if (!duration) return duration.error();
  s.start_ms = *at;
  s.end_ms = *at + *duration;
  if (auto read = table.nothing_else(); !read) return read;
  test.sessions.push_back(s);
  return {};
}

Result<void> RuleReader::read_test() {
  if (!lua_istable(lua_, 1)) return error("weir.test takes a table: weir.test { name = …, sessions = …, fires = … }");
  if (!file_.with_tests_) return {};
  if (file_.tests_.size() >= kMaxTestsPerFile)
    return error("more than " + std::to_string(kMaxTestsPerFile) + " tests in one file");
  ScriptTable table(lua_, 1, "test");
  RuleTest test;
  test.line = caller_line();
  const auto name = table.text("name", "test in line " + std::to_string(test.line));
  if (!name) return name.error();
  test.name = *name;
  const auto rule = table.text("rule", file_.rules_.size() == 1 ? file_.rules_.front().name : "");
  if (!rule) return rule.error();
  if (std::none_of(file_.rules_.begin(), file_.rules_.end(), [&](const auto& r) { return r.name == *rule; })) {
    return error("test '" + test.name + "': rule: name one of the rules above it in this file");
  }
  test.rule = *rule;

  if (!table.push("sessions"))
    return error("test '" + test.name + "': sessions: give a list of sessions, or a function(add)");
  std::string failure;
  if (lua_isfunction(lua_, -1)) {
    Adding adding{&file_, &test, &failure};
    lua_pushlightuserdata(lua_, &adding);
    lua_pushcclosure(
        lua_,
        [](lua_State* lua) {
          auto& a = *static_cast<Adding*>(lua_touserdata(lua, lua_upvalueindex(1)));
          lua_settop(lua, 1);
          if (const auto read = RuleReader(*a.file, lua).read_session(*a.test); !read)
            *a.failure = read.error().message;
          return a.failure->empty() ? 0 : luaL_error(lua, "%s", a.failure->c_str());
        },
        1);
    lua_call(lua_, 1, 0);
  } else if (lua_istable(lua_, -1)) {
    const int list = lua_gettop(lua_);
    for (std::size_t i = 1; i <= lua_rawlen(lua_, list); ++i) {
      lua_rawgeti(lua_, list, static_cast<lua_Integer>(i));
      lua_pushvalue(lua_, 1);
      lua_insert(lua_, 2);  // weir.test's table is kept while the session takes its place
      lua_replace(lua_, 1);
      const auto read = read_session(test);
      lua_pushvalue(lua_, 2);
      lua_replace(lua_, 1);
      lua_remove(lua_, 2);
      if (!read) return error("test '" + test.name + "', session " + std::to_string(i) + ": " + read.error().message);
    }
    lua_pop(lua_, 1);
  } else {
    return error("test '" + test.name + "': sessions: give a list of sessions, or a function(add)");
  }

  std::int64_t last = 0;
  for (const auto& s : test.sessions) last = std::max(last, s.end_ms);
  const auto length = table.duration_ms("length", last, 0, kMaxRuleHistoryMs);
  if (!length) return length.error();
  test.length_ms = *length;
  if (!table.push("fires"))
    return error("test '" + test.name + "': fires: give the number of alerts, or a list of their keys");
  test.by_keys = lua_type(lua_, -1) != LUA_TNUMBER;
  lua_pop(lua_, 1);
  if (test.by_keys) {
    auto keys = table.texts("fires", 1000);
    if (!keys) return keys.error();
    test.fires_for = std::move(*keys);
  } else {
    const auto count = table.whole("fires", 0, 0, 1'000'000);
    if (!count) return count.error();
    test.fires = static_cast<std::size_t>(*count);
  }
  if (auto read = table.nothing_else(); !read) return read;
  file_.tests_.push_back(std::move(test));
  return {};
}

}  // namespace weir
