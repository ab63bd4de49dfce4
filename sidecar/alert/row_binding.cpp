// Bindings keep their messages in the RuleFile, so that nothing with a destructor lives when Lua raises.
#include "alert/row_binding.hpp"

#include <algorithm>
#include <lua.hpp>

#include "alert/rule_reader.hpp"
#include "core/time_text.hpp"

namespace weir {

namespace {

constexpr char kContextKey = 0;  // its address is the registry key of ctx

void set_number(lua_State* lua, const char* name, double value) {
  if (value == static_cast<double>(static_cast<lua_Integer>(value))) {
    lua_pushinteger(lua, static_cast<lua_Integer>(value));
  } else {
    lua_pushnumber(lua, value);
  }
  lua_setfield(lua, -2, name);
}

// A question to the past reads the store: its time is bounded by the rule's turn.
template <class F>
auto ask(lua_State* lua, F&& question) {
  LuaVm::pause(lua);
  auto answer = question();
  LuaVm::resume(lua);
  return answer;
}

void set_measures(lua_State* lua, const Rule& rule, const RowFigures& figures, const RowFigures& totals) {
  const bool exporters = rule.source == Rule::Source::kExporters;
  for (std::size_t m = 0; m < kRowMeasureCount; ++m) {
    const auto& info = row_measure_info(static_cast<RowMeasure>(m));
    if (info.of_exporters != exporters) continue;
    set_number(lua, info.name.data(), row_value(figures, info.id, rule.window_ms, totals));
  }
}

// ctx.f(x) and ctx:f(x) are the same.
void drop_self(lua_State* lua) {
  if (lua_istable(lua, 1)) lua_remove(lua, 1);
}

std::optional<std::size_t> key_field(const Rule& rule, FieldId a, FieldId b, FieldId c) {
  for (std::size_t f = 0; f < rule.query.by.size(); ++f) {
    const auto id = rule.query.by[f];
    if (id == a || id == b || id == c) return f;
  }
  return std::nullopt;
}

}  // namespace

RuleFile& RowBinding::file_of(lua_State* lua) {
  return *static_cast<RuleFile*>(lua_touserdata(lua, lua_upvalueindex(1)));
}

const RuleFile::RowContext& RowBinding::row_of(lua_State* lua) {
  LuaVm::check_bounds(lua);  // a question to the past costs more than its instructions
  const auto* calling = file_of(lua).calling_;
  if (!calling || !calling->past) luaL_error(lua, "the past can be asked for by when, resolve and message only");
  return *calling;
}

int RowBinding::fail(lua_State* lua, std::string message) {
  auto& kept = file_of(lua).failure_;
  kept = std::move(message);
  return luaL_error(lua, "%s", kept.c_str());
}

int RowBinding::rule(lua_State* lua) {
  auto& file = file_of(lua);
  file.failure_.clear();
  lua_settop(lua, 1);
  if (auto read = RuleReader(file, lua).read_rule(); !read) file.failure_ = read.error().message;
  if (!file.failure_.empty()) return luaL_error(lua, "%s", file.failure_.c_str());
  lua_settop(lua, 1);
  return 1;
}

int RowBinding::test(lua_State* lua) {
  auto& file = file_of(lua);
  file.failure_.clear();
  lua_settop(lua, 1);
  if (auto read = RuleReader(file, lua).read_test(); !read) file.failure_ = read.error().message;
  return file.failure_.empty() ? 0 : luaL_error(lua, "%s", file.failure_.c_str());
}

int RowBinding::contains(lua_State* lua) {
  const auto prefix = parse_ip_prefix(luaL_checkstring(lua, 1));
  const auto address = parse_ip_address(luaL_checkstring(lua, 2));
  if (!prefix) return fail(lua, prefix.error().message);
  if (!address) return fail(lua, address.error().message);
  lua_pushboolean(lua, prefix->contains(*address));
  return 1;
}

int RowBinding::bits_text(lua_State* lua) {
  file_of(lua).failure_ = row_value_text(luaL_checknumber(lua, 1), RowUnit::kBitsPerS);
  lua_pushstring(lua, file_of(lua).failure_.c_str());
  return 1;
}

int RowBinding::octets_text(lua_State* lua) {
  file_of(lua).failure_ = row_value_text(luaL_checknumber(lua, 1), RowUnit::kOctets);
  lua_pushstring(lua, file_of(lua).failure_.c_str());
  return 1;
}

int RowBinding::previous(lua_State* lua) {
  drop_self(lua);
  const auto windows = luaL_optinteger(lua, 1, 1);
  const auto& c = row_of(lua);
  if (windows < 1 || windows * c.rule.window_ms > kMaxRuleHistoryMs)
    return luaL_error(lua, "previous: give a number of windows, from 1, within 31 days");
  auto figures = ask(lua, [&] { return c.past->previous(c.row.key, windows); });
  if (!figures) return fail(lua, figures.error().message);
  lua_createtable(lua, 0, 20);
  set_measures(lua, c.rule, *figures, c.totals);
  return 1;
}

int RowBinding::change(lua_State* lua) {
  drop_self(lua);
  const auto& c = row_of(lua);
  const auto measure = find_row_measure(luaL_optstring(lua, 1, "octets"));
  if (!measure) return luaL_error(lua, "change: give the name of a measure, such as \"octets\"");
  auto figures = ask(lua, [&] { return c.past->previous(c.row.key, 1); });
  if (!figures) return fail(lua, figures.error().message);
  const double before = row_value(*figures, *measure, c.rule.window_ms, c.totals),
               now = row_value(c.row.figures, *measure, c.rule.window_ms, c.totals);
  if (before == 0) return 0;
  lua_pushnumber(lua, (now - before) / before);
  return 1;
}

int RowBinding::baseline(lua_State* lua) {
  drop_self(lua);
  const auto& c = row_of(lua);
  const auto measure = find_row_measure(luaL_optstring(lua, 1, "octets"));
  const auto days = luaL_optinteger(lua, 2, 7);
  if (!measure || row_measure_info(*measure).of_exporters)
    return luaL_error(lua, "baseline: give the name of a measure of sessions, such as \"octets\"");
  if (days < 1 || days > 31) return luaL_error(lua, "baseline: give 1 to 31 days");
  auto statistics = ask(lua, [&] { return c.past->baseline(c.row.key, *measure, days); });
  if (!statistics) return fail(lua, statistics.error().message);
  lua_createtable(lua, 0, 7);
  const auto& s = *statistics;
  for (const auto& [name, value] :
       {std::pair{"samples", static_cast<double>(s.samples)}, std::pair{"mean", s.mean}, std::pair{"stdev", s.stdev},
        std::pair{"min", s.min}, std::pair{"max", s.max}, std::pair{"median", s.median}, std::pair{"p95", s.p95}}) {
    set_number(lua, name, value);
  }
  return 1;
}

int RowBinding::is_new(lua_State* lua) {
  drop_self(lua);
  const auto& c = row_of(lua);
  const auto span = parse_duration(luaL_optstring(lua, 1, "7d"));
  if (!span || *span < 1000 || *span > kMaxRuleHistoryMs)
    return luaL_error(lua, "is_new: give a duration such as \"7d\", at most 31 days");
  const auto answer = ask(lua, [&] { return c.past->is_new(c.row.key, *span); });
  if (!answer) return fail(lua, answer.error().message);
  lua_pushboolean(lua, *answer);
  return 1;
}

int RowBinding::octets_of_others(lua_State* lua) {
  drop_self(lua);
  const auto& c = row_of(lua);
  const char* word = luaL_checkstring(lua, 1);
  for (std::size_t f = 0; f < c.rule.query.by.size(); ++f) {
    if (field_info(c.rule.query.by[f]).word != word) continue;
    lua_pushinteger(lua, static_cast<lua_Integer>(c.past->octets_of_others(c.row.key, f)));
    return 1;
  }
  return luaL_error(lua, "octets_of_others: '%s' is not one of the fields of query.by", word);
}

int RowBinding::speed(lua_State* lua) {
  drop_self(lua);
  const auto& c = row_of(lua);
  const auto exporter = key_field(c.rule, FieldId::kExporter, FieldId::kExporter, FieldId::kExporter);
  const auto interface = key_field(c.rule, FieldId::kInterface, FieldId::kInIf, FieldId::kOutIf);
  if (!exporter || !interface) return luaL_error(lua, "speed: group by exporter and interface");
  const auto bps = c.past->interface_speed(std::get<IpAddress>(c.row.key[*exporter]),
                                           std::get<std::uint64_t>(c.row.key[*interface]));
  if (bps == 0) return 0;
  lua_pushinteger(lua, static_cast<lua_Integer>(bps));
  return 1;
}

void RowBinding::install(RuleFile& file, lua_State* lua) {
  const auto define = [&](const char* name, lua_CFunction function) {
    lua_pushlightuserdata(lua, &file);
    lua_pushcclosure(lua, function, 1);
    lua_setfield(lua, -2, name);
  };
  lua_createtable(lua, 0, 8);
  define("rule", rule);
  define("test", test);
  define("contains", contains);
  define("bits", bits_text);
  define("octets", octets_text);
  lua_setglobal(lua, "weir");
  lua_createtable(lua, 0, 12);
  define("previous", previous);
  define("change", change);
  define("baseline", baseline);
  define("is_new", is_new);
  define("octets_of_others", octets_of_others);
  define("speed", speed);
  lua_rawsetp(lua, LUA_REGISTRYINDEX, &kContextKey);
}

void RowBinding::push_row(lua_State* lua, const RuleFile::RowContext& c) {
  lua_createtable(lua, 0, 28);
  set_measures(lua, c.rule, c.row.figures, c.totals);
  for (std::size_t f = 0; f < c.row.key.size(); ++f) {
    const auto& value = c.row.key[f];
    if (const auto* number = std::get_if<std::uint64_t>(&value)) {
      lua_pushinteger(lua, static_cast<lua_Integer>(*number));
    } else {
      const auto text = row_key_text({value});
      lua_pushlstring(lua, text.data(), text.size());
    }
    lua_setfield(lua, -2, field_info(c.rule.query.by[f]).word.data());
  }
  const auto key = row_key_text(c.row.key);
  lua_pushlstring(lua, key.data(), key.size());
  lua_setfield(lua, -2, "key");
}

void RowBinding::push_context(lua_State* lua, const RuleFile::RowContext& c) {
  lua_rawgetp(lua, LUA_REGISTRYINDEX, &kContextKey);
  set_number(lua, "from_ms", static_cast<double>(c.window.from_ms));
  set_number(lua, "to_ms", static_cast<double>(c.window.to_ms));
  set_number(lua, "window_s", static_cast<double>(c.rule.window_ms) / 1000);
  set_number(lua, "total_octets", static_cast<double>(c.totals.octets));
  set_number(lua, "total_sessions", static_cast<double>(c.totals.sessions));
}

}  // namespace weir
