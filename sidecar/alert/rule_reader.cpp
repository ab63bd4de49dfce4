// A rule is checked whole before it is kept, so that a file either loads or says what is wrong and where.
#include "alert/rule_reader.hpp"

#include <algorithm>
#include <lua.hpp>

#include "flow/protocols.hpp"
#include "query/filter.hpp"

namespace weir {

namespace {

constexpr std::int64_t kSecond = 1000;

Result<Severity> parse_severity(const std::string& text) {
  for (std::size_t i = 0; i < std::size(kSeverityNames); ++i) {
    if (text == kSeverityNames[i]) return static_cast<Severity>(i);
  }
  return error("severity '" + text + "' is not known: use information, warning, average, high or disaster");
}

bool plain_name(const std::string& name) {
  return !name.empty() && name.size() <= 80 && std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return c >= 0x20 && c != 0x7f && c != '|' && c != '"';
  });
}

}  // namespace

int RuleReader::caller_line() const {
  lua_Debug debug;
  if (!lua_getstack(lua_, 1, &debug)) return 0;
  lua_getinfo(lua_, "l", &debug);
  return debug.currentline;
}

Result<void> RuleReader::read_rule() {
  if (!lua_istable(lua_, 1)) return error("weir.rule takes a table: weir.rule { name = …, query = …, when = … }");
  if (file_.rules_.size() >= kMaxRulesPerFile)
    return error("more than " + std::to_string(kMaxRulesPerFile) + " rules in one file");
  ScriptTable table(lua_, 1, "rule");
  Rule rule;
  rule.file = file_.path_;
  rule.line = caller_line();
  const auto name = table.text("name", "");
  if (!name) return name.error();
  if (!plain_name(*name)) return error("rule: name: give one of 1 to 80 characters without | and \"");
  rule.name = *name;
  for (const auto& other : file_.rules_) {
    if (other.name == rule.name) return error("rule '" + rule.name + "' is in this file twice");
  }
  table = ScriptTable(lua_, 1, "rule '" + rule.name + "'");
  table.has("name");

  const auto description = table.text("description", "");
  if (!description) return description.error();
  rule.description = *description;
  const auto severity = table.text("severity", "warning");
  if (!severity) return severity.error();
  const auto level = parse_severity(*severity);
  if (!level) return error(table.what("severity") + ": " + level.error().message);
  rule.severity = *level;
  const auto enabled = table.flag("enabled", true);
  if (!enabled) return enabled.error();
  rule.enabled = *enabled;

  if (auto read = read_query(table, rule); !read) return read;
  if (auto read = read_timing(table, rule); !read) return read;
  if (auto read = read_condition(table, "when", rule, rule.when, rule.when_function); !read) return read;
  if (rule.when.empty() && rule.when_function == 0)
    return error(table.what("when") + ": give conditions such as { bits_per_s = \">100M\" }, or a function(row, ctx)");
  if (auto read = read_condition(table, "resolve", rule, rule.resolve, rule.resolve_function); !read) return read;

  if (table.push("message")) {
    if (lua_isfunction(lua_, -1)) {
      rule.message_function = luaL_ref(lua_, LUA_REGISTRYINDEX);
    } else {
      lua_pop(lua_, 1);
      const auto message = table.text("message", "");
      if (!message) return message.error();
      rule.message = *message;
    }
  }
  const auto host = table.text("monitor_host", "");
  if (!host) return host.error();
  rule.monitor_host = *host;
  if (auto read = read_labels(table, rule); !read) return read;
  if (auto read = table.nothing_else(); !read) return read;
  file_.rules_.push_back(std::move(rule));
  return {};
}

Result<void> RuleReader::read_query(ScriptTable& table, Rule& rule) {
  if (!table.push("query") || !lua_istable(lua_, -1))
    return error(table.what("query") +
                 ": give a table such as { filter = \"proto tcp\", by = \"server\", window = \"5m\", every = \"1m\" }");
  ScriptTable query(lua_, -1, "rule '" + rule.name + "', query");

  const auto source = query.text("source", "sessions");
  if (!source) return source.error();
  if (*source != "sessions" && *source != "exporters")
    return error(query.what("source") + ": use \"sessions\" or \"exporters\"");
  rule.source = *source == "exporters" ? Rule::Source::kExporters : Rule::Source::kSessions;
  const bool exporters = rule.source == Rule::Source::kExporters;

  const auto filter = query.text("filter", "");
  if (!filter) return filter.error();
  if (const auto parsed = parse_filter(*filter); !parsed) {
    return error(query.what("filter") + ", column " + std::to_string(parsed.error().column) + ": " +
                 parsed.error().message);
  }
  rule.query.filter = *filter;
  const auto by = query.texts("by", kMaxRuleFields);
  if (!by) return by.error();
  for (const auto& word : *by) {
    if (const auto added = add_group_fields(word, rule.query); !added)
      return error(query.what("by") + ": " + added.error().message);
  }
  if (exporters && rule.query.by.empty()) rule.query.by = {FieldId::kExporter};
  const auto distinct = query.texts("distinct", kMaxRuleFields);
  if (!distinct) return distinct.error();
  Query counted{.prefix = rule.query.prefix};
  for (const auto& word : *distinct) {
    if (const auto added = add_group_fields(word, counted); !added)
      return error(query.what("distinct") + ": " + added.error().message);
  }
  rule.distinct = counted.by;
  if (counted.prefix != rule.query.prefix)
    return error(query.what("distinct") + ": give the length of a prefix in by; a rule has one length of each family");
  if (rule.query.by.size() + rule.distinct.size() > kMaxRuleFields)
    return error(query.what("by") + " and distinct: at most " + std::to_string(kMaxRuleFields) + " fields together");
  for (const auto id : rule.distinct) {
    if (std::count(rule.query.by.begin(), rule.query.by.end(), id) != 0)
      return error(query.what("distinct") + ": '" + std::string(field_info(id).word) + "' is in by, too");
  }
  if (exporters && (rule.query.by != std::vector<FieldId>{FieldId::kExporter} || !rule.distinct.empty() ||
                    !rule.query.filter.empty())) {
    return error(query.what("source") + " \"exporters\" has one row per exporter: leave by, distinct and filter out");
  }

  const auto direction = query.text("direction", "both");
  if (!direction) return direction.error();
  if (*direction != "both" && *direction != "talkers" && *direction != "listeners")
    return error(query.what("direction") + ": use both, talkers or listeners");
  rule.query.direction = *direction == "both"      ? Direction::kBoth
                         : *direction == "talkers" ? Direction::kTalkers
                                                   : Direction::kListeners;
  const auto unscaled = query.flag("unscaled", false);
  if (!unscaled) return unscaled.error();
  rule.query.unscaled = *unscaled;

  const auto measure = query.text("measure", exporters ? "silent_s" : rule.distinct.empty() ? "octets" : "distinct");
  if (!measure) return measure.error();
  const auto order = find_row_measure(*measure);
  if (!order || row_measure_info(*order).of_exporters != exporters)
    return error(query.what("measure") + ": use one of " + row_measure_names(exporters));
  rule.order = *order;
  const auto limit = query.whole("limit", 1000, 1, kMaxRuleRows);
  if (!limit) return limit.error();
  rule.limit = static_cast<std::uint32_t>(*limit);

  const auto window = query.duration_ms("window", 300 * kSecond, kSecond, kMaxRuleWindowMs);
  if (!window) return window.error();
  const auto every =
      query.duration_ms("every", std::min<std::int64_t>(*window, 60 * kSecond), kSecond, kMaxRuleWindowMs);
  if (!every) return every.error();
  if (std::max(*window, *every) % std::min(*window, *every) != 0)
    return error(query.what("window") + " and every: one must be a multiple of the other");
  rule.window_ms = *window;
  rule.every_ms = *every;
  const auto quiet = query.duration_ms("quiet", 0, 0, kMaxRuleHistoryMs);
  if (!quiet) return quiet.error();
  rule.quiet_ms =
      *quiet == 0 ? 0 : std::max(rule.window_ms, (*quiet + rule.every_ms - 1) / rule.every_ms * rule.every_ms);

  auto having = read_conditions(query, "having", rule);
  if (!having) return having.error();
  rule.having = std::move(*having);
  auto nothing = query.nothing_else();
  lua_pop(lua_, 1);
  return nothing;
}

Result<void> RuleReader::read_timing(ScriptTable& table, Rule& rule) {
  const auto for_ms = table.duration_ms("for_", 0, 0, kMaxRuleWindowMs);
  if (!for_ms) return for_ms.error();
  rule.for_ms = *for_ms;
  const auto clear = table.duration_ms("clear_after", 0, 0, kMaxRuleWindowMs);
  if (!clear) return clear.error();
  rule.clear_after_ms = *clear;
  return {};
}

Result<std::vector<RowCondition>> RuleReader::read_conditions(ScriptTable& table, const char* key, const Rule& rule) {
  std::vector<RowCondition> conditions;
  if (!table.push(key)) return conditions;
  if (!lua_istable(lua_, -1)) return error(table.what(key) + ": give a table such as { bits_per_s = \">100M\" }");
  const bool exporters = rule.source == Rule::Source::kExporters;
  std::string failure;
  for (lua_pushnil(lua_); lua_next(lua_, -2) != 0; lua_pop(lua_, 1)) {
    const std::string name = lua_type(lua_, -2) == LUA_TSTRING ? lua_tostring(lua_, -2) : "";
    const auto measure = find_row_measure(name);
    if (!measure || row_measure_info(*measure).of_exporters != exporters) {
      failure = table.what(key) + ": '" + name.substr(0, 40) + "' is no measure: use " + row_measure_names(exporters);
    } else if (*measure == RowMeasure::kDistinct && rule.distinct.empty()) {
      failure = table.what(key) + ": distinct: name the fields that are counted in query.distinct";
    } else if (lua_type(lua_, -1) == LUA_TNUMBER) {
      conditions.push_back(
          {.measure = *measure, .compare = RowCondition::Compare::kAtLeast, .threshold = lua_tonumber(lua_, -1)});
    } else if (lua_type(lua_, -1) == LUA_TSTRING) {
      const auto condition = parse_row_condition(*measure, lua_tostring(lua_, -1));
      if (condition) conditions.push_back(*condition);
      else failure = table.what(key) + ": " + name + ": " + condition.error().message;
    } else {
      failure = table.what(key) + ": " + name + " is a " + luaL_typename(lua_, -1) +
                ": give a text such as \">100M\", or a number (at least)";
    }
    if (!failure.empty()) return error(failure);
  }
  lua_pop(lua_, 1);
  // The order of a table's keys is arbitrary; what follows is the same at every load.
  std::sort(conditions.begin(), conditions.end(), [](const auto& a, const auto& b) { return a.measure < b.measure; });
  return conditions;
}

Result<void> RuleReader::read_condition(ScriptTable& table, const char* key, const Rule& rule,
                                        std::vector<RowCondition>& conditions, ScriptFunction& function) {
  if (!table.push(key)) return {};
  if (lua_isfunction(lua_, -1)) {
    function = luaL_ref(lua_, LUA_REGISTRYINDEX);
    return {};
  }
  lua_pop(lua_, 1);
  auto read = read_conditions(table, key, rule);
  if (!read) return read.error();
  conditions = std::move(*read);
  return {};
}

Result<void> RuleReader::read_labels(ScriptTable& table, Rule& rule) {
  if (!table.push("labels")) return {};
  if (!lua_istable(lua_, -1)) return error(table.what("labels") + ": give a table of texts");
  for (lua_pushnil(lua_); lua_next(lua_, -2) != 0; lua_pop(lua_, 1)) {
    if (lua_type(lua_, -2) != LUA_TSTRING || lua_type(lua_, -1) != LUA_TSTRING)
      return error(table.what("labels") + ": names and values are texts");
    if (rule.labels.size() >= 16) return error(table.what("labels") + ": at most 16");
    rule.labels[std::string(lua_tostring(lua_, -2)).substr(0, 64)] = std::string(lua_tostring(lua_, -1)).substr(0, 256);
  }
  lua_pop(lua_, 1);
  return {};
}

}  // namespace weir
