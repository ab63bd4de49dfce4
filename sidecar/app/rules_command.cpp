// Works on a data folder beside a running collector or without one.
#include "app/rules_command.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <filesystem>
#include <iostream>
#include <thread>

#include "alert/back_test.hpp"
#include "alert/rule_test_run.hpp"
#include "app/alert_settings.hpp"
#include "app/stored_names.hpp"
#include "app/wrong_usage.hpp"
#include "core/log.hpp"
#include "core/rfc3339.hpp"
#include "core/time_text.hpp"
#include "store/sqlite/sqlite_store.hpp"

namespace weir {

namespace {

namespace json = boost::json;
constexpr std::size_t kMaxRuleTextBytes = 1 << 20;
// Tests make sessions in Lua, which live evaluation does not.
constexpr std::uint64_t kTestInstructions = 200'000'000;
constexpr std::int64_t kTestMs = 60'000;

using Timer = std::chrono::steady_clock;
std::int64_t elapsed_ms(Timer::time_point since) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(Timer::now() - since).count();
}

Result<std::unique_ptr<RuleFile>> load(const std::string& path, LuaLimits limits, bool with_tests) {
  const auto source = read_text_file(path, kMaxRuleTextBytes);
  if (!source) return source.error();
  if (with_tests) {
    limits.instructions = std::max(limits.instructions, kTestInstructions);
    limits.milliseconds = std::max(limits.milliseconds, kTestMs);
  }
  return RuleFile::load(path, *source, limits, with_tests);
}

AlertLimits command_limits(const Settings& settings) {
  return {.max_keys = static_cast<std::uint32_t>(settings.integer("alert.max_keys")),
          .evaluation_ms = settings.integer("alert.evaluation_ms"),
          .max_groups = static_cast<std::uint32_t>(settings.integer("alert.max_groups")),
          .threads = std::max(1u, std::thread::hardware_concurrency())};
}

std::string span_text(std::int64_t ms) {
  if (ms % 3'600'000 == 0) return std::to_string(ms / 3'600'000) + "h";
  return ms % 60'000 == 0 ? std::to_string(ms / 60'000) + "m" : std::to_string(ms / 1000) + "s";
}

std::string fields_text(const std::vector<FieldId>& fields) {
  std::string text;
  for (const auto id : fields) text += (text.empty() ? "" : ", ") + std::string(field_info(id).word);
  return text;
}

// What a rule reads, and what the newest stored window took.
void print_cost(const Rule& rule, Store* store, const AlertLimits& limits, const DerivedSources& sources) {
  std::cout << "    reads " << span_text(rule.window_ms) << " every " << span_text(rule.every_ms);
  if (rule.source == Rule::Source::kExporters) {
    std::cout << " of the exporters' counters\n";
    return;
  }
  std::cout << (rule.query.by.empty() ? "" : ", by " + fields_text(rule.query.by))
            << (rule.distinct.empty() ? "" : ", counts " + fields_text(rule.distinct));
  if (rule.when_function != 0)
    std::cout << "; its function sees up to " << rule.limit << " rows"
              << (rule.having.empty() ? "" : " of those that `having` leaves");
  std::cout << "\n";
  const auto stored = store ? store->snapshot(std::nullopt).stored : std::nullopt;
  const auto end = stored ? stored->to_ms / rule.every_ms * rule.every_ms : 0;
  if (end < rule.window_ms) return;
  std::size_t keys = 0;
  const auto started = Timer::now();
  const auto tally = scan_windows(
      {.rule = &rule, .first_end_ms = end, .last_end_ms = end, .threads = limits.threads, .derived = sources}, *store,
      [&](const WindowGroups& groups) {
        keys = groups.size();
        return true;
      });
  if (tally)
    std::cout << "    the newest stored window: " << keys << " keys of " << tally->sessions_scanned
              << " sessions read, " << elapsed_ms(started) << " ms\n";
}

struct Tested {
  std::unique_ptr<RuleFile> file;
  const Rule* rule = nullptr;
  BackTestResult result;
  std::int64_t took_ms = 0;
};

Result<Tested> run_test(const std::string& path, const std::string& name, const TimeRange& range, Store& store,
                        const Settings& settings, const DerivedSources& sources) {
  Tested tested;
  auto file = load(path, rule_lua_limits(settings), false);
  if (!file) return file.error();
  tested.file = std::move(*file);
  std::string names;
  for (const auto& rule : tested.file->rules()) {
    names += (names.empty() ? "" : ", ") + rule.name;
    if (rule.name == name || (name.empty() && tested.file->rules().size() == 1)) tested.rule = &rule;
  }
  if (!tested.rule) return error(path + ": choose a rule with --rule: " + names);
  const auto started = Timer::now();
  auto result = back_test(*tested.file, *tested.rule, range, store, {.derived = [&sources] { return sources; }},
                          command_limits(settings));
  if (!result) return result.error();
  tested.result = std::move(*result);
  tested.took_ms = elapsed_ms(started);
  return tested;
}

json::object alert_json(const Rule& rule, const BackTestAlert& a) {
  json::object values;
  for (std::size_t m = 0; m < kRowMeasureCount; ++m) {
    const auto& info = row_measure_info(static_cast<RowMeasure>(m));
    if (info.of_exporters != (rule.source == Rule::Source::kExporters)) continue;
    const double value = row_value(a.figures, info.id, rule.window_ms, a.totals);
    const auto whole = static_cast<std::int64_t>(value);
    values[info.name] = static_cast<double>(whole) == value ? json::value(whole) : json::value(value);
  }
  return {{"key", a.key},           {"title", a.title},
          {"message", a.message},   {"since_ms", a.since_ms},
          {"fired_ms", a.fired_ms}, {"resolved_ms", a.resolved_ms ? json::value(a.resolved_ms) : json::value()},
          {"values", values}};
}

json::object tested_json(const Tested& t) {
  json::array alerts, warnings;
  for (const auto& a : t.result.alerts) alerts.push_back(alert_json(*t.rule, a));
  for (const auto& w : t.result.warnings) warnings.push_back(json::string(w));
  return {{"rule", t.rule->name},
          {"file", t.rule->file},
          {"windows", t.result.windows},
          {"sessions_scanned", t.result.sessions_scanned},
          {"took_ms", t.took_ms},
          {"alerts", alerts},
          {"alerts_cut", t.result.alerts_cut},
          {"refused_keys", t.result.refused_keys},
          {"cut_rows", t.result.cut_rows},
          {"warnings", warnings}};
}

void print_alert(const BackTestAlert& a, const char* mark) {
  std::cout << mark << rfc3339_text(a.fired_ms) << "  "
            << (a.resolved_ms ? span_text(a.resolved_ms - a.fired_ms) : "still firing") << "  " << a.message << "\n";
}

void print_tested(const Tested& t) {
  std::cout << "rule '" << t.rule->name << "': " << t.result.alerts.size() << " alerts in " << t.result.windows
            << " windows; " << t.result.sessions_scanned << " sessions read in " << t.took_ms << " ms\n";
  for (const auto& w : t.result.warnings) std::cerr << "weir rules test: " << w << "\n";
}

// The alerts of `these` that no alert of `others` for the same key overlaps.
std::vector<const BackTestAlert*> only_in(const Tested& these, const Tested& others) {
  std::vector<const BackTestAlert*> only;
  const auto end = [](const BackTestAlert& a) { return a.resolved_ms ? a.resolved_ms : INT64_MAX; };
  for (const auto& a : these.result.alerts) {
    const bool shared = std::any_of(others.result.alerts.begin(), others.result.alerts.end(), [&](const auto& b) {
      return a.key == b.key && a.fired_ms < end(b) && b.fired_ms < end(a);
    });
    if (!shared) only.push_back(&a);
  }
  return only;
}

}  // namespace

int rules_check_command(const RulesCheckOptions& options) {
  const Settings settings = load_settings(options.common);
  start_logging({.level = "warn", .format = "text", .file = ""});
  const auto limits = command_limits(settings);
  std::unique_ptr<Store> store;
  std::error_code ignored;
  if (std::filesystem::exists(settings.path("store.dir") / "catalog.sqlite", ignored))
    store = open_read_only(settings.path("store.dir").string());
  const SystemClock clock;
  const auto sources = stored_sources("rules", settings, clock);
  bool good = true;
  for (const auto& path : options.files) {
    const auto file = load(path, rule_lua_limits(settings), true);
    if (!file) {
      std::cout << file.error().message << "\n";
      good = false;
      continue;
    }
    for (const auto& rule : (*file)->rules()) {
      std::cout << path << ":" << rule.line << ": rule '" << rule.name << "', " << severity_name(rule.severity)
                << (rule.enabled ? "" : ", off") << "\n";
      print_cost(rule, store.get(), limits, sources);
    }
    std::size_t passed = 0;
    const auto outcomes = run_rule_tests(**file);
    for (const auto& outcome : outcomes) {
      passed += outcome.passed ? 1 : 0;
      if (!outcome.passed)
        std::cout << path << ":" << outcome.line << ": test '" << outcome.name << "' failed: " << outcome.message
                  << "\n";
    }
    good = good && passed == outcomes.size();
    std::cout << path << ": " << passed << " of " << outcomes.size() << " tests passed"
              << (outcomes.empty() ? "; write some with weir.test { … }" : "") << "\n";
  }
  return good ? 0 : 1;
}

int rules_test_command(const RulesTestOptions& options) {
  const Settings settings = load_settings(options.common);
  start_logging({.level = "warn", .format = "text", .file = ""});
  const auto now_ms = SystemClock().now_ms();
  const auto store = open_read_only(settings.path("store.dir").string());
  const auto stored = store->snapshot(std::nullopt).stored;
  if (!stored) {
    std::cerr << "weir rules test: nothing is stored in " << settings.path("store.dir").string() << "\n";
    return 1;
  }
  TimeRange range = *stored;
  for (const auto& [text, end, flag] :
       {std::tuple{&options.from, &range.from_ms, "--from"}, std::tuple{&options.to, &range.to_ms, "--to"}}) {
    if (text->empty()) continue;
    const auto time = parse_time(*text, now_ms);
    if (!time) return wrong_usage("rules", std::string(flag) + ": " + time.error().message);
    *end = *time;
  }
  // Nothing is stored beyond; a rule of quiet keys would see silence there.
  range = {.from_ms = std::max(range.from_ms, stored->from_ms), .to_ms = std::min(range.to_ms, stored->to_ms)};
  if (range.from_ms >= range.to_ms) return wrong_usage("rules", "--from and --to: nothing is stored between them");

  const SystemClock clock;
  const auto sources = stored_sources("rules", settings, clock);
  const auto first = run_test(options.file, options.rule, range, *store, settings, sources);
  const auto second = options.compare.empty()
                          ? Result<Tested>(Tested{})
                          : run_test(options.compare, options.rule, range, *store, settings, sources);
  for (const auto* tested : {&first, &second}) {
    if (*tested) continue;
    std::cerr << "weir rules test: " << tested->error().message << "\n";
    return 1;
  }
  const bool comparing = !options.compare.empty();
  const auto gone = comparing ? only_in(*first, *second) : std::vector<const BackTestAlert*>{};
  const auto fresh = comparing ? only_in(*second, *first) : std::vector<const BackTestAlert*>{};
  if (options.format == "json") {
    auto answer = tested_json(*first);
    answer["from_ms"] = range.from_ms;
    answer["to_ms"] = range.to_ms;
    if (comparing) {
      json::array only_first, only_second;
      for (const auto* a : gone) only_first.push_back(alert_json(*first->rule, *a));
      for (const auto* a : fresh) only_second.push_back(alert_json(*second->rule, *a));
      answer["compared"] = tested_json(*second);
      answer["only_first"] = std::move(only_first);
      answer["only_second"] = std::move(only_second);
    }
    std::cout << json::serialize(answer) << "\n";
    return 0;
  }
  print_tested(*first);
  if (!comparing) {
    for (const auto& a : first->result.alerts) print_alert(a, "  ");
    return 0;
  }
  print_tested(*second);
  std::cout << gone.size() << " only by " << options.file << " (-), " << fresh.size() << " only by " << options.compare
            << " (+)\n";
  for (const auto* a : gone) print_alert(*a, "- ");
  for (const auto* a : fresh) print_alert(*a, "+ ");
  return 0;
}

}  // namespace weir
