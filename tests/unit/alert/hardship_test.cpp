// What one rule, a full disk, a damaged file or a silent target must not do to the rest.
#include <sqlite3.h>

#include <algorithm>
#include <filesystem>
#include <thread>

#include "alert/alert_engine.hpp"
#include "alert/alert_text.hpp"
#include "alert/fair_turns.hpp"
#include "inbox.hpp"
#include "rules_for_tests.hpp"
#include "scratch_folder.hpp"
#include "sqlite/database_files.hpp"
#include "support/failing_disk.hpp"
#include "support/generated_sessions.hpp"

using namespace weir;
using namespace weir::testing;

namespace {

struct Collector {
  ScratchFolder folder;
  MemoryStore store;
  ExporterTable exporters{10};
  ManualClock clock{kRuleStart};
  AlertSettings settings;
  std::unique_ptr<AlertEngine> engine;

  Collector() {
    settings.state_file = folder.file("alerts.sqlite");
    settings.rule_folders = {folder.path.string()};
    settings.timing = {.lateness_ms = 10'000, .late_ms = 60'000, .max_catch_up = 60};
    settings.syslog = {"udp://127.0.0.1:9"};
  }
  void start() {
    engine.reset();
    engine = std::make_unique<AlertEngine>(settings, store, exporters, clock);
  }
  void run_until(std::int64_t second) {
    for (auto t = (clock.now_ms() - kRuleStart) / 1000; t < second; t += 5) {
      clock.set(kRuleStart + (t + 5) * 1000);
      engine->run_due();
    }
  }
  std::vector<std::string> firing() {
    std::vector<std::string> keys;
    for (const auto& i : engine->alerts(true, 10'000)) {
      if (i.key != "*") keys.push_back(i.key);
    }
    std::sort(keys.begin(), keys.end());
    return keys;
  }
  RuleStatus rule(const std::string& name) {
    for (const auto& r : engine->status().rules) {
      if (r.name == name) return r;
    }
    FAIL("no rule " << name);
    return {};
  }
};

constexpr const char* kQuiet =
    "weir.rule { name = 'quiet', query = { by = 'client', window = '1m', every = '1m' }, when = { octets = '>5k' } }";

std::string with_message(const std::string& message) {
  return "weir.rule { name = 'talker', query = { by = 'client', window = '1m', every = '1m' }, when = { octets = 1 }, "
         "message = function(row) " +
         message + " end }";
}

void add_clients(MemoryStore& store, int count, std::int64_t at_s) {
  for (int i = 0; i < count; ++i) {
    const auto client = "10.1." + std::to_string(i / 250) + "." + std::to_string(1 + i % 250);
    add(store, {.client = client.c_str(), .at_s = at_s});
  }
}

}  // namespace

TEST_CASE("a storm's alerts are one message, and no function is called for their texts") {
  Collector c;
  c.folder.write("r.lua", with_message("return 'from the function'"));
  add_clients(c.store, 300, 5);
  c.start();
  c.run_until(80);
  CHECK(c.firing().size() == 300);
  for (const auto& i : c.engine->alerts(true, 1000)) CHECK(i.message != "from the function");
  CHECK(c.engine->status().counts.waiting_messages == 1);
}

TEST_CASE("below a storm each alert has its text") {
  Collector c;
  c.folder.write("r.lua", with_message("return 'from the function'"));
  add_clients(c.store, 20, 5);
  c.start();
  c.run_until(80);
  for (const auto& i : c.engine->alerts(true, 1000)) CHECK(i.message == "from the function");
}

TEST_CASE("message functions share the time of their window; without it messages are plain, and that is said") {
  Collector c;
  c.folder.write("r.lua", with_message("local x = 0 for i = 1, 3000000 do x = x + i end return 'from the function'"));
  c.folder.write("q.lua", kQuiet);
  c.settings.limits.evaluation_ms = 10;
  add_clients(c.store, 15, 5);
  add(c.store, {.client = "10.9.9.9", .at_s = 6, .octets = 9000});
  c.start();
  c.run_until(80);
  const auto status = c.rule("talker");
  CHECK(status.failures == 0);
  CHECK(status.warning.find("alert.evaluation_ms") != std::string::npos);
  CHECK(c.rule("quiet").windows >= 1);
  std::size_t plain = 0;
  for (const auto& i : c.engine->alerts(true, 1000))
    plain += i.rule == "talker" && i.message != "from the function" ? 1 : 0;
  CHECK(plain >= 14);
}

TEST_CASE("turns: who takes little is served before who takes much, and those share the rest") {
  Random random(GENERATE(1, 2, 3, 4, 5));
  constexpr std::int64_t kHeavy = 2'000'000, kLight = 10'000, kEvery = 60'000'000;
  FairTurns turns;
  const int heavy = 1 + static_cast<int>(random.below(40)), light = 1 + static_cast<int>(random.below(20));
  std::map<std::string, std::int64_t> due_since, had;
  std::int64_t now = 0, longest_wait = 0;
  std::vector<std::int64_t> next_light(static_cast<std::size_t>(light), 0);
  for (int turn = 0; turn < 3000; ++turn) {
    for (int i = 0; i < heavy; ++i) due_since.try_emplace("heavy" + std::to_string(i), now);
    for (int i = 0; i < light; ++i) {
      auto& next = next_light[static_cast<std::size_t>(i)];
      if (next <= now) {
        due_since.try_emplace("light" + std::to_string(i), next);
        next += kEvery;
      }
    }
    std::vector<std::string> due;
    for (const auto& [name, since] : due_since) due.push_back(name);
    const auto name = turns.next(due);
    const bool is_light = name.starts_with("light");
    // What a rule takes is known after its first turn.
    if (is_light && turn > heavy + light) longest_wait = std::max(longest_wait, now - due_since[name]);
    const auto cost = is_light ? kLight : kHeavy / 2 + static_cast<std::int64_t>(random.below(kHeavy / 2));
    turns.had(name, cost);
    had[name] += cost;
    now += cost;
    due_since.erase(name);
  }
  CHECK(longest_wait <= 2 * kHeavy + light * kLight);
  std::int64_t least = INT64_MAX, most = 0;
  for (const auto& [name, microseconds] : had) {
    if (!name.starts_with("heavy")) continue;
    least = std::min(least, microseconds);
    most = std::max(most, microseconds);
  }
  CHECK(most - least <= 2 * kHeavy);
}

TEST_CASE("a back-test ends when it is cancelled or takes too long, and says how far it came") {
  Collector c;
  c.folder.write("r.lua",
                 "weir.rule { name = 'r', query = { by = 'client', window = '1m', every = '1m' }, when = function(row) "
                 "while true do end end }");
  add(c.store, {.at_s = 5});
  c.start();
  const BackTestRequest request{.rule = "r", .source = std::nullopt, .range = {kRuleStart, kRuleStart + 600'000}};
  std::atomic<bool> cancelled{true};
  auto stopped = request;
  stopped.cancelled = &cancelled;
  const auto result = c.engine->test_rule(stopped);
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error().message.find("cancelled") != std::string::npos);

  c.folder.write(
      "r.lua",
      "weir.rule { name = 'r', query = { by = 'client', window = '1m', every = '1m' }, when = { octets = 1 } }");
  c.settings.limits.test_ms = 0;
  c.start();
  const auto late = c.engine->test_rule(request);
  REQUIRE(late.has_value());
  CHECK(late->is_cut_short);
  REQUIRE_FALSE(late->warnings.empty());
  CHECK(late->warnings.front().find("alert.test_ms") != std::string::npos);

  c.settings.limits.test_ms = 600'000;
  c.start();
  const auto whole = c.engine->test_rule(request);
  REQUIRE(whole.has_value());
  CHECK_FALSE(whole->is_cut_short);
  CHECK(whole->until_ms == kRuleStart + 600'000);
}

TEST_CASE("a function that never ends is cancelled at once") {
  const auto file =
      rule_file("weir.rule { name = 'r', query = { by = 'client' }, when = function(row) while true do end end }",
                {.instructions = UINT64_MAX, .milliseconds = 600'000});
  const std::atomic<bool> stop{true};
  LuaBudget budget(600'000, &stop);
  file->share(&budget);
  const auto answer = file->holds(file->rules().front().when_function,
                                  {.rule = file->rules().front(), .row = {}, .window = {}, .totals = {}});
  REQUIRE_FALSE(answer.has_value());
  CHECK(answer.error().message.find("cancelled") != std::string::npos);
}

TEST_CASE("with too many keys the largest are exact, what fires is kept, and the rest is told") {
  const bool distinct = GENERATE(false, true);
  Collector c;
  c.settings.limits.max_groups = 1'000;
  c.folder.write("r.lua", distinct ? "weir.rule { name = 'r', query = { by = 'client', distinct = 'server_port', "
                                     "window = '1m', every = '1m' }, when = { distinct = '>100' } }"
                                   : "weir.rule { name = 'r', query = { by = 'client', window = '1m', every = '1m' }, "
                                     "when = { octets = '>100k' } }");
  for (std::int64_t minute = 0; minute < 4; ++minute) {
    if (minute != 1) add_clients(c.store, minute == 2 ? 20'000 : 100, minute * 60 + 5);
    for (int i = 0; i < 3 && minute > 0; ++i) {
      const auto client = "10.200.0." + std::to_string(1 + i);
      if (!distinct) add(c.store, {.client = client.c_str(), .at_s = minute * 60 + 7, .octets = 200'000});
      for (std::uint16_t port = 1; distinct && port <= 150; ++port)
        add(c.store, {.client = client.c_str(), .at_s = minute * 60 + 7, .server_port = port});
    }
  }
  c.start();
  c.run_until(260);
  CHECK(c.firing() == std::vector<std::string>{"10.200.0.1", "10.200.0.2", "10.200.0.3"});
  const auto all = c.engine->alerts(false, 100);
  CHECK(all.size() == 3);  // none of them ended in between
  const auto status = c.rule("r");
  CHECK(status.failures == 0);
  CHECK(status.cut_windows > 0);
}

TEST_CASE("alerts go on when their file is deleted, replaced, cut or written into while the collector runs") {
  Collector c;
  c.folder.write("q.lua", kQuiet);
  for (int minute = 0; minute < 30; ++minute) {
    add(c.store, {.client = "10.0.0.1", .at_s = minute * 60 + 5, .octets = 9000});
    if (minute >= 10) add(c.store, {.client = "10.0.0.2", .at_s = minute * 60 + 5, .octets = 9000});
  }
  c.start();
  c.run_until(300);
  const auto id = c.engine->alerts(true, 10).at(0).id;
  c.engine->silence("quiet", "10.0.0.2", kRuleStart + 3'600'000, "me", "work");
  const auto harm = GENERATE(0, 1, 2, 3);
  if (harm == 0) remove_database(c.settings.state_file);
  if (harm == 1) std::filesystem::remove(c.settings.state_file), c.folder.write("alerts.sqlite", "another");
  if (harm == 2) std::filesystem::resize_file(c.settings.state_file, 100);
  if (harm == 3) c.folder.write("alerts.sqlite", std::string(50'000, 'x'));
  c.run_until(305);
  REQUIRE(c.firing() == std::vector<std::string>{"10.0.0.1"});
  CHECK(c.engine->alerts(true, 10).at(0).id == id);
  // The log has all that was written over, and goes into the file again.
  if (harm != 3) CHECK(c.engine->status().file.renewals == 1);
  c.run_until(700);
  CHECK(c.firing().size() == 2);
  c.start();
  CHECK(c.firing().size() == 2);
  CHECK(c.engine->status().file.renewals == 0);
}

TEST_CASE("alerts go on while the disk is full, and are in the file afterwards") {
  FailingDisk disk;
  Collector c;
  c.folder.write("q.lua", kQuiet);
  for (int minute = 0; minute < 30; ++minute)
    add(c.store, {.client = minute < 10 ? "10.0.0.1" : "10.0.0.2", .at_s = minute * 60 + 5, .octets = 9000});
  c.start();
  c.run_until(300);
  disk.fail_after(0, UINT64_MAX, SQLITE_FULL);
  c.run_until(900);
  CHECK(c.firing() == std::vector<std::string>{"10.0.0.2"});
  CHECK(c.engine->status().file.refusal.find("full") != std::string::npos);
  CHECK(c.engine->status().file.refusals == 1);
  disk.heal();
  c.run_until(1000);
  CHECK(c.engine->status().file.refusal.empty());
  c.start();
  CHECK(c.firing() == std::vector<std::string>{"10.0.0.2"});
  CHECK(c.engine->alerts(false, 10).size() == 2);
}

namespace {

// Takes a message, and does not come back before it is told to.
class SilentTarget final : public AlertTarget {
 public:
  explicit SilentTarget(std::atomic<bool>& sending) : sending_(sending) {}
  const std::string& name() const override { return name_; }
  SendResult send(const Notification&) override {
    sending_ = true;
    while (!is_stopping()) std::this_thread::yield();
    return {.kind = SendResult::Kind::kUnreachable, .why = "no answer"};
  }

 private:
  std::string name_ = "silent";
  std::atomic<bool>& sending_;
};

}  // namespace

TEST_CASE("a target that never answers does not hold the stop up, and its message is kept") {
  ScratchFolder folder;
  ManualClock clock{kRuleStart};
  Ledger ledger(folder.file("a.sqlite"), {}, clock);
  ledger.record({.rule = "r", .steps = {incident("a", 1)}, .firing = {{"a", 1}}, .at_ms = 1, .missing = {}});
  ledger.announce(10'000, [](Incident&) { return std::vector<std::string>{"silent"}; });
  std::atomic<bool> sending{false};
  std::vector<std::unique_ptr<AlertTarget>> targets;
  targets.push_back(std::make_unique<SilentTarget>(sending));
  Deliverer deliverer(ledger, std::move(targets), {}, clock);
  deliverer.start();
  while (!sending) std::this_thread::yield();
  deliverer.stop();
  CHECK(ledger.counts().waiting_messages == 1);
  CHECK(ledger.due_messages("silent", clock.now_ms(), 10).at(0).attempts == 0);
}
