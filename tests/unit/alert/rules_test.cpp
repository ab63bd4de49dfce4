// What a rule file may say, what its mistakes say back, and rules over small traffic.
#include "alert/back_test.hpp"
#include "alert/rule_test_run.hpp"
#include "rules_for_tests.hpp"

using namespace weir;
using namespace weir::testing;

namespace {

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

// "key@since-fired-resolved" in seconds from the start.
std::string fired(const std::string& text, MemoryStore& store, std::int64_t seconds, const AlertLookups& lookups = {},
                  AlertLimits limits = {}) {
  auto file = rule_file(text);
  const auto result =
      back_test(*file, file->rules().front(), {kRuleStart, kRuleStart + seconds * 1000}, store, lookups, limits);
  if (!result) return result.error().message;
  std::string all;
  for (const auto& a : result->alerts) {
    all += (all.empty() ? "" : " ") + a.key + "@" + at(a.since_ms) + "-" + at(a.fired_ms) + "-" +
           (a.resolved_ms ? at(a.resolved_ms) : "");
  }
  return all;
}

const std::string kHead = R"(weir.rule { name = "r", query = { by = "client", window = "1m", every = "1m" }, )";

}  // namespace

TEST_CASE("a mistake in a rule names file, line, key and what is allowed") {
  CHECK(contains(rule_failure("weir.rule {\n}"), "rule.lua:1: rule: name"));
  CHECK(contains(rule_failure("\n\nweir.rule { name = 'x' }"), "rule.lua:3: rule 'x': query: give a table"));
  CHECK(contains(rule_failure("weir.rule { name = 'x', query = { filter = 'prot tcp' }, when = { octets = 1 } }"),
                 "query: filter, column 1"));
  CHECK(contains(rule_failure("weir.rule { name = 'x', query = { by = 'clientt' }, when = { octets = 1 } }"),
                 "cannot be grouped by; expected one of"));
  CHECK(contains(rule_failure("weir.rule { name = 'x', query = { wndow = '1m' }, when = { octets = 1 } }"),
                 "'wndow' is not known here: use source, filter, by"));
  CHECK(contains(rule_failure("weir.rule { name = 'x', query = { window = '1 fortnight' }, when = { octets = 1 } }"),
                 "not a duration"));
  CHECK(
      contains(rule_failure("weir.rule { name = 'x', query = { window = '5m', every = '2m' }, when = { octets = 1 } }"),
               "multiple of the other"));
  CHECK(contains(rule_failure("weir.rule { name = 'x', query = {}, when = { octetts = 1 } }"),
                 "'octetts' is no measure: use octets, packets"));
  CHECK(contains(rule_failure("weir.rule { name = 'x', query = {}, when = { octets = '>1Q' } }"),
                 "not a condition such as"));
  CHECK(contains(rule_failure("weir.rule { name = 'x', query = {}, when = { distinct = 5 } }"), "query.distinct"));
  CHECK(contains(rule_failure("weir.rule { name = 'x', query = {}, when = 5 }"), "when"));
  CHECK(contains(rule_failure("weir.rule { name = 'x', query = {}, severity = 'bad', when = { octets = 1 } }"),
                 "use information, warning"));
  CHECK(contains(
      rule_failure("weir.rule { name = 'x', query = { source = 'exporters', by = 'host' }, when = { silent_s = 1 } }"),
      "one row per exporter"));
  CHECK(contains(rule_failure("weir.rule { name = 'a|b', query = {}, when = { octets = 1 } }"), "without |"));
  CHECK(contains(rule_failure("return {}"), "has no rule"));
  CHECK(contains(rule_failure("local x = = 1"), "rule.lua:1:"));
  CHECK(contains(rule_failure(kHead + "when = { octets = 1 } }" + kHead + "when = { octets = 1 } }"),
                 "is in this file twice"));
}

TEST_CASE("for, hysteresis and clear_after") {
  MemoryStore store;
  // Minute by minute, in thousands of octets.
  const int load[] = {1, 9, 9, 9, 4, 4, 9, 4, 1, 1, 1, 9};
  for (int i = 0; i < 12; ++i) add(store, {.at_s = i * 60 + 5, .octets = static_cast<std::uint64_t>(load[i]) * 1000});
  CHECK(fired(kHead + "when = { octets = '>5k' } }", store, 720) ==
        "10.0.0.1@120-120-300 10.0.0.1@420-420-480 10.0.0.1@720-720-");
  CHECK(fired(kHead + "when = { octets = '>5k' }, for_ = '2m' }", store, 720) == "10.0.0.1@120-240-300");
  CHECK(fired(kHead + "when = { octets = '>5k' }, resolve = { octets = '<2k' } }", store, 720) ==
        "10.0.0.1@120-120-540 10.0.0.1@720-720-");
  CHECK(fired(kHead + "when = { octets = '>5k' }, clear_after = '2m' }", store, 720) ==
        "10.0.0.1@120-120-600 10.0.0.1@720-720-");
  CHECK(fired(kHead + "when = function(row) return row.octets > 5000 end, resolve = function(row) return row.octets < "
                      "2000 end }",
              store, 720) == "10.0.0.1@120-120-540 10.0.0.1@720-720-");
}

TEST_CASE("a key without traffic takes part with zeros when it was there before") {
  MemoryStore store;
  for (int i = 0; i < 10; ++i) {
    if (i < 4 || i > 6) add(store, {.at_s = i * 60 + 5});
    add(store, {.client = "10.0.0.2", .at_s = i * 60 + 5});
  }
  const std::string rule =
      R"(weir.rule { name = "r", query = { by = "client", window = "1m", every = "1m", quiet = "10m" }, when = { octets = "<= 0" } })";
  CHECK(fired(rule, store, 600) == "10.0.0.1@300-300-480");
}

TEST_CASE("rules ask for the past") {
  MemoryStore store;
  for (int day = 0; day < 4; ++day) {
    for (int i = 0; i < 60; ++i)
      add(store, {.at_s = day * 86'400 + i * 60 + 5,
                  .octets = static_cast<std::uint64_t>(day == 3 && i == 30 ? 50'000 : 1000 + i % 3 * 100)});
  }
  add(store, {.client = "10.0.0.8", .at_s = -60});  // what is stored begins before the first hour
  add(store, {.client = "10.0.0.9", .at_s = 3 * 86'400 + 605, .octets = 3000});
  const auto rule = [](const std::string& when) { return kHead + "when = function(row, ctx) " + when + " end }"; };
  const std::int64_t end = 3 * 86'400 + 3600;
  const auto last_day = [&](const std::string& text) {
    auto file = rule_file(text);
    const auto result =
        back_test(*file, file->rules().front(), {kRuleStart + 3 * 86'400'000, kRuleStart + end * 1000}, store, {}, {});
    REQUIRE(result.has_value());
    std::string keys;
    for (const auto& a : result->alerts)
      keys += a.key + "@" + std::to_string((a.fired_ms - kRuleStart) / 1000 - 3 * 86'400) + " ";
    return keys;
  };
  CHECK(last_day(rule("local b = ctx.baseline('octets', 3) return b.samples == 180 and row.octets > b.mean + 4 * "
                      "b.stdev and row.octets > b.max and row.client ~= '10.0.0.9'")) == "10.0.0.1@1860 ");
  CHECK(last_day(rule("return ctx.is_new('2d')")) == "10.0.0.9@660 ");
  CHECK(last_day(rule("local change = ctx:change('octets') return change ~= nil and change > 10")) == "10.0.0.1@1860 ");
  CHECK(last_day(rule("return ctx.previous().octets == 50000")) == "10.0.0.1@1920 ");
  CHECK(last_day(rule("return ctx.octets_of_others('client') > 0")).empty());
  CHECK(last_day(rule("return ctx.total_octets > 40000")) == "10.0.0.1@1860 ");
}

TEST_CASE("interface speeds come from outside") {
  MemoryStore store;
  store.add_exporter({.id = 1, .address = *parse_ip_address("192.0.2.1")});
  add(store, {.at_s = 5, .octets = 750'000, .in_if = 3});
  const std::string rule =
      R"(weir.rule { name = "r", query = { by = { "exporter", "interface" }, window = "1m", every = "1m" },
    when = function(row, ctx) local speed = ctx.speed() return speed and row.bits_in_per_s > 0.9 * speed end })";
  CHECK(fired(rule, store, 60).empty());
  CHECK(fired(rule, store, 60, {.interface_speed = [](const IpAddress& e, std::uint64_t i) {
                return e.text() == "192.0.2.1" && i == 3 ? 100'000u : 0u;
              }}) == "192.0.2.1,3@60-60-");
}

TEST_CASE("a function sees the largest rows only, and a rule has at most so many keys") {
  MemoryStore store;
  for (int i = 0; i < 9; ++i)
    add(store, {.client = ("10.0.0." + std::to_string(i + 1)).c_str(),
                .at_s = 5,
                .octets = 1000u + static_cast<unsigned>(i / 2)});
  CHECK(
      fired(
          R"(weir.rule { name = "r", query = { by = "client", window = "1m", every = "1m", limit = 2 }, when = function() return true end })",
          store, 60) == "10.0.0.9@60-60- 10.0.0.7@60-60-");
  CHECK(fired(kHead + "when = { octets = 1 } }", store, 60, {}, {.max_keys = 3}).size() ==
        3 * std::string("10.0.0.9@60-60-").size() + 2);
}

TEST_CASE("a script's mistake on a row names its line; hostile ones are stopped") {
  MemoryStore store;
  add(store, {.at_s = 5});
  const auto with = [](const std::string& body) {
    return "weir.rule { name = 'r', query = { by = 'client', window = '1m', every = '1m' },\n when = function(row, "
           "ctx)\n" +
           body + "\nend }";
  };
  const LuaLimits tight{.instructions = 200'000, .milliseconds = 500, .memory_bytes = 1 << 20};
  const auto failure = [&](const std::string& body) {
    auto file = rule_file(with(body), tight);
    const auto result = back_test(*file, file->rules().front(), {kRuleStart, kRuleStart + 60'000}, store, {}, {});
    return result ? "" : result.error().message;
  };
  CHECK(contains(failure("return row.nothing.here"), "rule.lua:3:"));
  CHECK(contains(failure("ctx.baseline('nothing')"), "rule.lua:3: baseline: give the name of a measure"));
  CHECK(contains(failure("while true do end"), "stopped after 200000 instructions"));
  CHECK(contains(failure("local s = 'x' while true do s = s .. s end"), "needs more than"));
  CHECK(contains(failure("kept = kept or {} for i = 1, 1e6 do kept[#kept + 1] = {} end"), "needs more than"));
  CHECK(contains(failure("local function f() return 1 + f() end return f()"), "stopped: it needs more than"));
  CHECK(contains(failure("return coroutine.resume(coroutine.create(function() while true do end end))"),
                 "stopped after"));
  CHECK(contains(failure("setmetatable({}, {})"), "'setmetatable'"));
  CHECK(contains(failure("return ('a'):rep(3000):find('.-.-.-.-b')"), "too many repetitions"));
  // A script that keeps all memory there is, and catches the error: the next row may not fit, and the host goes on.
  auto file = rule_file(with("kept = kept or {} local ok = pcall(function() while true do kept[#kept + 1] = "
                             "('x'):rep(100) .. #kept end end) return true"),
                        tight);
  for (int i = 0; i < 3; ++i) back_test(*file, file->rules().front(), {kRuleStart, kRuleStart + 60'000}, store, {}, {});
  CHECK(file->memory_bytes() <= 1 << 20);
}

TEST_CASE("messages are one harmless line") {
  MemoryStore store;
  add(store, {.at_s = 5, .octets = 150'000});
  const auto message = [&](const std::string& rest) {
    auto file = rule_file(kHead + "when = { octets = 1 }, " + rest + " }");
    const auto result = back_test(*file, file->rules().front(), {kRuleStart, kRuleStart + 60'000}, store, {}, {});
    REQUIRE(result.has_value());
    REQUIRE(result->alerts.size() == 1);
    return result->alerts[0].message;
  };
  CHECK(message("") == "r: 10.0.0.1");
  CHECK(message("message = '{key} sends {bits_per_s}, {octets} in {nothing}'") ==
        "10.0.0.1 sends 20.0 kbit/s, 150.0 kB in {nothing}");
  CHECK(message(R"(message = function(row) return "a\nb\0c\xff" .. row.client .. "\u{2028}x" end)") ==
        "a b c?10.0.0.1 x");
  CHECK(message("message = function(row) return ('x'):rep(5000) end").size() == 1000);
}

TEST_CASE("tests of rules run with them") {
  auto file = rule_file(kHead + R"(when = { octets = ">5k" } }
weir.test { name = "fires", sessions = { { client = "10.0.0.1", octets = 6000, at = "10s" }, { client = "10.0.0.2", octets = 100, at = "10s" } }, fires = { "10.0.0.1" } }
weir.test { name = "many", sessions = function(add) for i = 1, 5 do add { client = "10.0.0." .. i, octets = 9000, at = "10s" } end end, fires = 5 }
weir.test { name = "wrong", sessions = { { octets = 1 } }, fires = 1 })");
  const auto outcomes = run_rule_tests(*file);
  REQUIRE(outcomes.size() == 3);
  CHECK(outcomes[0].passed);
  CHECK(outcomes[1].passed);
  CHECK_FALSE(outcomes[2].passed);
  CHECK(outcomes[2].line == 4);
  CHECK(outcomes[2].message == "expected 1 alerts, came 0: nothing");
  CHECK(contains(
      rule_failure(kHead + "when = { octets = 1 } } weir.test { sessions = { { clint = 1, octets = 1 } }, fires = 0 }"),
      "session 1: session: 'clint' is not known here"));
  CHECK(contains(rule_failure(kHead + "when = { octets = 1 } } weir.test { rule = 'q', sessions = {}, fires = 0 }"),
                 "name one of the rules above it"));
}
