// Between the turns of two rules the engine does all its other work, so that no rule delays the messages of another.
#include "alert/alert_engine.hpp"

#include <algorithm>
#include <chrono>

#include "alert/alert_text.hpp"
#include "core/counted.hpp"
#include "core/log.hpp"
#include "core/rfc3339.hpp"

namespace weir {

namespace {

constexpr auto kRound = std::chrono::milliseconds(500);
constexpr std::int64_t kMaxBackOffMs = 3'600'000, kPruneEveryMs = 600'000;
constexpr std::size_t kMaxRuleTextBytes = 1 << 20;

AlertLimits limits_of(const AlertSettings& s) {
  auto limits = s.limits;
  limits.max_texts = s.ledger.storm;
  return limits;
}

}  // namespace

AlertEngine::AlertEngine(AlertSettings settings, Store& store, const ExporterTable& exporters, const Clock& clock,
                         AlertLookups lookups)
    : settings_(std::move(settings)),
      limits_(limits_of(settings_)),
      store_(store),
      clock_(clock),
      lookups_(std::move(lookups)),
      ledger_(settings_.state_file, settings_.ledger, clock),
      deliverer_(std::make_unique<Deliverer>(ledger_, make_targets(settings_, clock), settings_.delivery, clock)),
      library_(settings_.rule_folders, settings_.library),
      samples_(exporters) {
  if (!settings_.route_file.empty()) {
    const auto source = read_text_file(settings_.route_file, kMaxRuleTextBytes);
    if (!source) throw std::runtime_error("alert.route: " + source.error().message);
    auto script = RouteScript::load(settings_.route_file, *source, settings_.library.lua);
    if (!script) throw std::runtime_error("alert.route: " + script.error().message);
    route_ = std::move(*script);
  }
  load_rules(true);
}

AlertEngine::~AlertEngine() { stop(); }

void AlertEngine::start() {
  deliverer_->start();
  thread_ = std::thread([this] { keep_round(); });
}

void AlertEngine::interrupt() {
  interrupted_ = true;
  deliverer_->interrupt();
}

void AlertEngine::stop() {
  interrupt();
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  woken_.notify_all();
  const bool was_running = thread_.joinable();
  if (was_running) thread_.join();
  deliverer_->stop();
  if (!was_running) return;
  if (const auto counts = ledger_.counts(); counts.waiting_messages != 0) {
    log_of("alert")->warn("{} messages are not delivered yet: they wait in {} for the next start",
                          counts.waiting_messages, settings_.state_file);
  }
}

void AlertEngine::reload() {
  {
    const std::lock_guard lock(mutex_);
    reload_ = true;
  }
  woken_.notify_all();
}

void AlertEngine::keep_round() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    try {
      run_due();
    } catch (const std::exception& e) {
      // A mistake of ours: the same line again and again tells nothing more.
      const bool news = shared_.with([&](Shared& s) { return std::exchange(s.round_error, e.what()) != e.what(); });
      if (news) log_of("alert")->error("a round of alert rules failed: {}; it is tried again", e.what());
    }
    lock.lock();
    woken_.wait_for(lock, kRound, [this] { return stopping_ || reload_; });
  }
}

bool AlertEngine::is_enabled(const Rule& rule) const {
  const auto named = [&](const std::vector<std::string>& names) {
    return std::find(names.begin(), names.end(), rule.name) != names.end();
  };
  return settings_.enabled && !named(settings_.disable) && (rule.enabled || named(settings_.enable));
}

void AlertEngine::load_rules(bool all) {
  const auto now = clock_.now_ms();
  if (!library_.poll(now, all)) return;
  std::map<std::string, Running> running;
  std::map<std::string, RuleStatus> statuses;
  std::map<std::string, std::string> paths;
  const auto before = shared_.with([](const Shared& s) { return s.rules; });
  std::vector<std::string> names;
  for (const auto& [file, rule] : library_.rules()) {
    const auto known = before.find(rule->name);
    RuleStatus status = known == before.end() ? RuleStatus{} : known->second;
    status.name = rule->name;
    status.description = rule->description;
    status.file = rule->file;
    status.line = rule->line;
    status.enabled = is_enabled(*rule);
    status.severity = rule->severity;
    status.by = rule->query.by;
    status.window_ms = rule->window_ms;
    status.every_ms = rule->every_ms;
    paths[rule->name] = rule->file;
    if (!status.enabled) {
      statuses[rule->name] = std::move(status);
      continue;
    }
    names.push_back(rule->name);
    const auto old = running_.find(rule->name);
    if (old != running_.end() && old->second.file == file) {
      running.emplace(rule->name, std::move(old->second));
    } else {
      Running fresh{.file = file,
                    .runner = std::make_unique<RuleRunner>(*file, *rule, store_, lookups_, limits_, settings_.timing,
                                                           timer_.flag())};
      if (auto saved = ledger_.saved_states(rule->name)) fresh.runner->restore(std::move(saved->states), saved->end_ms);
      status.error.clear();
      status.backed_off_until_ms = status.failing_since_ms = 0;
      running.emplace(rule->name, std::move(fresh));
    }
    statuses[rule->name] = std::move(status);
  }
  running_ = std::move(running);
  turns_.keep([this](const std::string& name) { return running_.count(name) != 0; });
  ledger_.close_others(names, now);
  std::vector<RuleFileStatus> files;
  for (const auto& [name, entry] : library_.entries()) {
    files.push_back(entry.status);
    if (!entry.status.error.empty())
      log_of("alert")->warn("{}; {}", entry.status.error,
                            entry.file ? "the rules loaded before are still used" : "its rules are not loaded");
  }
  for (const auto& complaint : library_.complaints()) log_of("alert")->warn("{}", complaint);
  log_of("alert")->info("{} on, of {} in {}", counted(names.size(), "alert rule is", "alert rules are"),
                        statuses.size(), counted(files.size(), "file", "files"));
  shared_.with([&](Shared& s) {
    s.rules = std::move(statuses);
    s.files = std::move(files);
    s.complaints = library_.complaints();
    s.rule_paths = std::move(paths);
  });
}

void AlertEngine::run_due() {
  for (bool more = true; more && !interrupted_;) {
    bool all = false;
    {
      const std::lock_guard lock(mutex_);
      all = std::exchange(reload_, false);
    }
    load_rules(all);
    samples_.sample(clock_.now_ms());
    more = take_turn();
    keep_state();
  }
}

void AlertEngine::keep_state() {
  route_budget_ = LuaBudget(settings_.limits.evaluation_ms, &interrupted_);
  if (const auto generation = ledger_.generation(); generation != generation_) {
    generation_ = generation;
    std::vector<std::string> names;
    for (const auto& [name, running] : running_) {
      names.push_back(name);
      take(*running.runner, running.runner->standing());
    }
    ledger_.close_others(names, clock_.now_ms());
  }
  ledger_.announce(clock_.now_ms(), [this](Incident& incident) { return route(incident); });
  const auto counts = ledger_.counts();
  shared_.with([&](Shared& s) { s.counts = counts; });
  if (counts.waiting_messages != 0) deliverer_->wake();
  if (const auto now = clock_.now_ms(); now - pruned_ms_ > kPruneEveryMs || now < pruned_ms_) {
    ledger_.prune(now);
    pruned_ms_ = now;
  }
}

bool AlertEngine::is_due(const std::string& name, const Running& running, std::int64_t now_ms) const {
  const auto until = shared_.with([&](const Shared& s) { return s.rules.at(name).backed_off_until_ms; });
  const bool backed_off = until > now_ms && until - now_ms <= kMaxBackOffMs;
  return !backed_off && running.runner->is_due(now_ms);
}

bool AlertEngine::take_turn() {
  const auto now = clock_.now_ms();
  std::vector<std::string> due;
  for (const auto& [name, running] : running_) {
    if (is_due(name, running, now)) due.push_back(name);
  }
  if (due.empty()) return false;
  const auto name = turns_.next(due);
  const auto started = std::chrono::steady_clock::now();
  evaluate(name, running_.at(name), now);
  turns_.had(name,
             std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - started).count());
  return true;
}

std::string AlertEngine::failure_of(const Rule& rule, const std::string& error) const {
  if (!timer_.is_timed_out()) return error;
  return rule.file + ":" + std::to_string(rule.line) + ": rule '" + rule.name + "' took longer than " +
         std::to_string(limits_.turn_ms) +
         " ms (alert.turn_ms) with reading the store: narrow its filter, shorten its window, or ask less of the past";
}

void AlertEngine::evaluate(const std::string& name, Running& running, std::int64_t now_ms) {
  auto& runner = *running.runner;
  const auto started = std::chrono::steady_clock::now();
  timer_.begin(limits_.turn_ms, {&interrupted_});
  const auto step = runner.step(now_ms, samples_);
  timer_.end();
  if (!step && interrupted_) return;
  const auto failure = step ? "" : failure_of(runner.rule(), step.error().message);
  const auto took =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - started).count();
  if (step) take(runner, *step);

  running.failures_in_a_row = step ? 0 : running.failures_in_a_row + 1;
  const auto wait =
      std::min(kMaxBackOffMs, runner.rule().every_ms << std::min<std::uint32_t>(running.failures_in_a_row, 12));
  bool was_failing = false;
  const bool news = shared_.with([&](Shared& s) {
    auto& status = s.rules.at(name);
    was_failing = status.failing_since_ms != 0;
    status.last_took_ms = took;
    status.max_took_ms = std::max(status.max_took_ms, took);
    if (!step) {
      ++status.failures;
      status.backed_off_until_ms = now_ms + wait;
      if (status.failing_since_ms == 0) status.failing_since_ms = now_ms;
      return !is_same_trouble(std::exchange(status.error, failure), failure);
    }
    status.error.clear();
    status.backed_off_until_ms = status.failing_since_ms = 0;
    status.windows += step->windows;
    status.late_windows += step->late_windows;
    status.skipped_windows += step->skipped_windows;
    status.cut_rows += step->cut_rows;
    status.cut_windows += step->cut_windows;
    status.refused_keys = runner.current().refused();
    status.last_end_ms = runner.current().end_ms();
    status.firing = step->firing.size();
    status.pending = runner.current().states().size() - status.firing;
    return !is_same_trouble(std::exchange(status.warning, step->warning), step->warning) && !step->warning.empty();
  });
  if (step && was_failing) log_of("alert")->info("rule '{}' works again", name);
  if (!news) return;
  if (step) log_of("alert")->warn("rule '{}': {}", name, step->warning);
  else log_of("alert")->warn("rule '{}' failed and waits {} s: {}", name, wait / 1000, failure);
}

void AlertEngine::take(const RuleRunner& runner, const RunnerStep& step) {
  const Rule& rule = runner.rule();
  Ledger::Outcome outcome{.rule = rule.name, .steps = {}, .firing = {}, .at_ms = runner.current().end_ms()};
  for (const auto& event : step.events) outcome.steps.push_back(incident_of(rule, event));
  for (const auto& f : step.firing) outcome.firing.emplace_back(f.key, f.since_ms);
  outcome.missing = [&](const std::string& key, std::int64_t since_ms) {
    return incident_of(rule, runner.event_of({.key = key, .since_ms = since_ms}));
  };
  outcome.settled = &runner.settled();
  ledger_.record(outcome);
}

Incident AlertEngine::incident_of(const Rule& rule, const RuleEvent& e) const {
  const bool opens = e.kind == Transition::Kind::kOpened;
  const auto exporter = row_key_exporter(rule.query.by, e.key);
  auto host = rule.monitor_host;
  if (host.empty() && exporter && lookups_.monitor_host) host = lookups_.monitor_host(*exporter);
  return {.id = incident_id(rule.name, e.key, e.since_ms),
          .rule = rule.name,
          .key = e.key,
          .title = e.title,
          .message = e.message,
          .filter = e.filter,
          .link = evidence_link(settings_.window_url, e.window, e.filter),
          .monitor_host = std::move(host),
          .value = e.value,
          .exporter = exporter ? exporter->text() : "",
          .severity = rule.severity,
          .state = opens ? Incident::State::kFiring : Incident::State::kResolved,
          .since_ms = e.since_ms,
          .fired_ms = opens ? e.at_ms : 0,
          .resolved_ms = opens ? 0 : e.at_ms,
          .window = e.window,
          .acknowledged_by = {},
          .labels = rule.labels,
          .group = {}};
}

std::vector<std::string> AlertEngine::route(Incident& incident) {
  const auto all = deliverer_->target_names();
  if (!route_) return all;
  route_->share(&route_budget_);
  auto targets = route_->targets_of(incident, all);
  const std::string failure = targets ? "" : settings_.route_file + ": " + targets.error().message;
  const bool news = shared_.with([&](Shared& s) { return std::exchange(s.route_error, failure) != failure; });
  if (news && !failure.empty()) log_of("alert")->warn("{}; messages go to every target", failure);
  return targets ? *targets : all;
}

AlertStatus AlertEngine::last_status() const {
  AlertStatus status;
  shared_.with([&](const Shared& s) {
    for (const auto& [name, rule] : s.rules) status.rules.push_back(rule);
    status.files = s.files;
    status.complaints = s.complaints;
    if (!s.route_error.empty()) status.complaints.push_back(s.route_error);
    status.counts = s.counts;
  });
  status.targets = deliverer_->status();
  status.file = ledger_.file_status();
  return status;
}

AlertStatus AlertEngine::status() {
  auto status = last_status();
  status.counts = ledger_.counts();
  return status;
}

std::vector<Incident> AlertEngine::alerts(bool firing_only, std::size_t limit) {
  return ledger_.incidents(firing_only, limit, clock_.now_ms());
}
bool AlertEngine::acknowledge(const std::string& id, const std::string& by) {
  return ledger_.acknowledge(id, by, clock_.now_ms());
}
std::int64_t AlertEngine::silence(const std::string& rule, const std::string& key, std::int64_t until_ms,
                                  const std::string& by, const std::string& comment) {
  return ledger_.add_silence({.rule = rule, .key = key, .until_ms = until_ms, .by = by, .comment = comment});
}
bool AlertEngine::remove_silence(std::int64_t id) { return ledger_.remove_silence(id); }
std::vector<Silence> AlertEngine::silences() { return ledger_.silences(clock_.now_ms()); }

Result<BackTestResult> AlertEngine::test_rule(const BackTestRequest& request) {
  std::string path = "rule", source;
  if (request.source) {
    source = *request.source;
  } else {
    path = shared_.with([&](const Shared& s) {
      const auto known = s.rule_paths.find(request.rule);
      return known == s.rule_paths.end() ? std::string() : known->second;
    });
    if (path.empty()) return error("there is no rule '" + plain_line(request.rule, 80) + "'");
    const auto text = read_text_file(path, kMaxRuleTextBytes);
    if (!text) return text.error();
    source = *text;
  }
  if (source.size() > kMaxRuleTextBytes)
    return error("the rule has more than " + std::to_string(kMaxRuleTextBytes) + " bytes");
  TurnTimer timer;
  timer.begin(limits_.test_ms, {request.cancelled, &interrupted_});
  LuaBudget loading(settings_.library.lua.milliseconds, timer.flag());
  auto file = RuleFile::load(path, source, settings_.library.lua, false, &loading);
  if (!file) return file.error();
  const auto& rules = (*file)->rules();
  const auto rule = std::find_if(rules.begin(), rules.end(), [&](const auto& r) {
    return r.name == request.rule || (request.rule.empty() && rules.size() == 1);
  });
  if (rule == rules.end()) return error(path + ": has no rule '" + plain_line(request.rule, 80) + "'");
  auto result = back_test(**file, *rule, request.range, store_, lookups_, limits_, timer.flag());
  if (!result || !result->is_cut_short) return result;
  if (!timer.is_timed_out()) return error("cancelled");
  const auto reach =
      result->until_ms == 0 ? "no window was" : "only windows up to " + rfc3339_text(result->until_ms) + " were";
  result->warnings.insert(result->warnings.begin(), "ended after " + std::to_string(limits_.test_ms / 1000) +
                                                        " s (alert.test_ms): " + reach +
                                                        " looked at; choose a shorter range");
  return result;
}

}  // namespace weir
