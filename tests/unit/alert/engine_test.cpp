// The whole stage on a clock of its own: what fires is delivered once, over restarts, outages, late data and bad rules.
#include <algorithm>

#include "alert/alert_engine.hpp"
#include "alert/alert_text.hpp"
#include "inbox.hpp"
#include "rules_for_tests.hpp"
#include "scratch_folder.hpp"
#include "support/generated_sessions.hpp"

using namespace weir;
using namespace weir::testing;

namespace {

struct Bench {
  ScratchFolder folder;
  MemoryStore store;
  ExporterTable exporters{10};
  ManualClock clock{kRuleStart};
  AlertSettings settings;
  std::unique_ptr<AlertEngine> engine;

  Bench() {
    settings.state_file = folder.file("alerts.sqlite");
    settings.rule_folders = {folder.path.string()};
    settings.timing = {.lateness_ms = 10'000, .late_ms = 60'000, .max_catch_up = 60};
  }
  void rule(const std::string& rest, const std::string& query = "by = 'client', window = '1m', every = '1m'",
            const std::string& file = "r.lua", const std::string& name = "r") {
    folder.write(file, "weir.rule { name = '" + name + "', query = { " + query + " }, " + rest + " }");
  }
  void start() {
    engine.reset();
    engine = std::make_unique<AlertEngine>(settings, store, exporters, clock);
  }
  void run_until(std::int64_t second, std::int64_t step_s = 5) {
    for (auto t = (clock.now_ms() - kRuleStart) / 1000; t < second; t += step_s) {
      clock.set(kRuleStart + (t + step_s) * 1000);
      engine->run_due();
    }
  }
  std::string firing() {
    std::string keys;
    for (const auto& i : engine->alerts(true, 100)) keys += i.key + (i.silenced ? "(silent) " : " ");
    return keys;
  }
};

}  // namespace

TEST_CASE("an alert fires in event time, resolves, and is kept over a restart") {
  Bench b;
  b.rule("when = { octets = '>5k' }, message = '{client} sent {octets}'");
  for (int minute = 0; minute < 6; ++minute)
    add(b.store, {.at_s = minute * 60 + 5, .octets = minute >= 1 && minute <= 3 ? 9000u : 100u});
  b.start();
  b.run_until(120);
  CHECK(b.firing().empty());  // the window has ended, the lateness has not
  b.run_until(130);
  CHECK(b.firing() == "10.0.0.1 ");
  const auto alert = b.engine->alerts(true, 1).at(0);
  CHECK(alert.message == "10.0.0.1 sent 9.0 kB");
  CHECK(alert.fired_ms == kRuleStart + 120'000);
  CHECK(alert.filter == "client 10.0.0.1");
  CHECK(b.engine->acknowledge(alert.id, "me"));
  CHECK_FALSE(b.engine->acknowledge("nothing", "me"));

  b.start();  // nothing of the old engine but its file
  CHECK(b.firing() == "10.0.0.1 ");
  b.run_until(250);
  CHECK(b.engine->alerts(true, 1).at(0).id == alert.id);
  CHECK(b.engine->alerts(true, 1).at(0).acknowledged_by == "me");
  b.run_until(320);
  CHECK(b.firing().empty());
  const auto all = b.engine->alerts(false, 10);
  REQUIRE(all.size() == 1);
  CHECK(all[0].resolved_ms == kRuleStart + 300'000);
}

TEST_CASE("late data is taken into account once") {
  Bench b;
  b.rule("when = { octets = '>5k' }");
  b.start();
  b.run_until(130);
  CHECK(b.firing().empty());
  add(b.store, {.at_s = 70, .octets = 9000});  // for the window that was looked at just now
  b.run_until(180);
  CHECK(b.firing().empty());
  b.run_until(190);
  const auto all = b.engine->alerts(false, 10);
  REQUIRE(all.size() == 1);
  CHECK(all[0].fired_ms == kRuleStart + 120'000);
  CHECK(all[0].resolved_ms == kRuleStart + 180'000);
  CHECK(b.engine->status().rules.at(0).late_windows == 1);
  // Later than that, it is too late.
  add(b.store, {.client = "10.0.0.2", .at_s = 71, .octets = 9000});
  b.run_until(400);
  CHECK(b.engine->alerts(false, 10).size() == 1);
}

TEST_CASE("what live evaluation fired equals the back-test") {
  Bench b;
  b.rule("when = { octets = '>20k' }, resolve = { octets = '<8k' }, for_ = '1m', clear_after = '1m'",
         "by = 'client', window = '2m', every = '1m'");
  Random random(5);
  for (int i = 0; i < 4000; ++i) {
    const auto client = "10.0.0." + std::to_string(1 + random.below(12));
    add(b.store, {.client = client.c_str(),
                  .at_s = static_cast<std::int64_t>(random.below(5400)),
                  .octets = random.below(random.one_in(20) ? 20'000 : 2'000),
                  .duration_s = static_cast<std::int64_t>(random.below(90))});
  }
  b.start();
  b.run_until(5500, 30);
  auto live = b.engine->alerts(false, 1000);
  std::vector<std::string> expected, fired;
  for (const auto& i : live)
    fired.push_back(i.key + "@" + at(i.since_ms) + "-" + at(i.fired_ms) + "-" +
                    (i.resolved_ms ? at(i.resolved_ms) : ""));
  const auto tested =
      b.engine->test_rule({.rule = "r", .source = std::nullopt, .range = {kRuleStart, kRuleStart + 5'460'000}});
  REQUIRE(tested.has_value());
  for (const auto& a : tested->alerts)
    expected.push_back(a.key + "@" + at(a.since_ms) + "-" + at(a.fired_ms) + "-" +
                       (a.resolved_ms ? at(a.resolved_ms) : ""));
  std::sort(fired.begin(), fired.end());
  std::sort(expected.begin(), expected.end());
  CHECK(fired == expected);
  CHECK(expected.size() > 10);
}

TEST_CASE("a failing rule is named and waits, the others go on") {
  Bench b;
  b.rule("when = function(row) while true do end end", "by = 'client', window = '1m', every = '1m'", "bad.lua", "bad");
  b.rule("when = { octets = 1 }");
  b.folder.write("broken.lua", "weir.rule {\n name = \n}");
  b.settings.library.lua.instructions = 100'000;
  for (int minute = 0; minute < 20; ++minute) add(b.store, {.at_s = minute * 60 + 5});
  b.start();
  b.run_until(300);
  CHECK(b.firing() == "10.0.0.1 ");
  const auto status = b.engine->status();
  const auto bad =
      std::find_if(status.rules.begin(), status.rules.end(), [](const auto& r) { return r.name == "bad"; });
  REQUIRE(bad != status.rules.end());
  CHECK(bad->error.find("bad.lua:1: stopped after 100000 instructions") != std::string::npos);
  CHECK(bad->failures == 2);  // at 70 s and, after two minutes, at 190 s
  CHECK(bad->backed_off_until_ms > b.clock.now_ms());
  const auto broken =
      std::find_if(status.files.begin(), status.files.end(), [](const auto& f) { return !f.error.empty(); });
  REQUIRE(broken != status.files.end());
  CHECK(broken->error.find("broken.lua:3:") != std::string::npos);

  // A fixed file works at once; while it is broken, the last good one stays.
  b.rule("when = { octets = 1 }", "by = 'client', window = '1m', every = '1m'", "bad.lua", "bad");
  b.folder.write("r.lua", "weir.rule { nothing");
  b.run_until(320);
  CHECK(b.engine->alerts(true, 10).size() == 2);
  CHECK(b.engine->status().rules.size() == 2);
}

TEST_CASE("a rule that is gone or off, or all of them, has no alerts any more") {
  Bench b;
  b.rule("when = { octets = 1 }");
  for (int minute = 0; minute < 9; ++minute) add(b.store, {.at_s = minute * 60 + 5});
  b.start();
  b.run_until(100);
  CHECK(b.firing() == "10.0.0.1 ");
  const bool all = GENERATE(false, true);
  if (all) b.settings.enabled = false;
  else b.settings.disable = {"r"};
  b.start();
  CHECK(b.firing().empty());
  CHECK_FALSE(b.engine->status().rules.at(0).enabled);
}

TEST_CASE("a pause is made up for, a long one skipped; the clock may step") {
  Bench b;
  b.rule("when = { octets = '>5k' }");
  for (int minute = 0; minute < 200; ++minute)
    add(b.store, {.at_s = minute * 60 + 5, .octets = minute == 10 || minute == 190 ? 9000u : 10u});
  b.settings.timing.max_catch_up = 30;
  b.start();
  b.run_until(300);
  b.clock.set(kRuleStart + 900'000);  // ten minutes of nothing
  b.engine->run_due();
  CHECK(b.engine->alerts(false, 10).size() == 1);
  b.clock.set(kRuleStart + 200 * 60'000);
  b.engine->run_due();
  CHECK(b.engine->alerts(false, 10).size() == 2);
  CHECK(b.engine->status().rules.at(0).skipped_windows > 100);
  b.clock.set(kRuleStart + 600'000);  // back by hours: the same windows again are the same alerts
  for (int i = 0; i < 10; ++i) {
    b.clock.advance(60'000);
    b.engine->run_due();
  }
  CHECK(b.engine->alerts(false, 10).size() == 2);
}

TEST_CASE("exporters: silence and loss of the live counters") {
  Bench b;
  b.folder.write(
      "e.lua",
      R"(weir.rule { name = "silent", query = { source = "exporters", window = "1m", every = "1m" }, when = { silent_s = ">=60" } }
weir.rule { name = "losing", query = { source = "exporters", window = "1m", every = "1m" }, when = { lost_percent = ">1" } })");
  auto* e = b.exporters.find_or_add(*parse_ip_address("192.0.2.1"));
  b.exporters.find_or_add(*parse_ip_address("192.0.2.2"));  // never heard
  b.start();
  for (int second = 0; second < 400; second += 5) {
    if (second < 200) {
      e->last_seen_ms = b.clock.now_ms();
      e->datagrams += 1;
      e->records += 10;
      if (second >= 60 && second < 120) e->lost += 1;
    }
    b.run_until(second + 5);
  }
  std::string all;
  for (const auto& i : b.engine->alerts(false, 10)) all += i.rule + ":" + i.key + "@" + at(i.fired_ms) + " ";
  CHECK(all == "silent:192.0.2.1@300 losing:192.0.2.1@120 ");
}

TEST_CASE("silences hold messages back; what still fires afterwards is said then") {
  ScratchFolder folder;
  ManualClock ledger_clock{kRuleStart};
  Ledger ledger(folder.file("a.sqlite"), {}, ledger_clock);
  const auto id = ledger.add_silence({.rule = "r", .key = "", .until_ms = 1000, .by = "me", .comment = "work"});
  CHECK(ledger.silences(0).size() == 1);
  ledger.record({.rule = "r",
                 .steps = {incident("a", 1), incident("b", 1)},
                 .firing = {{"a", 1}, {"b", 1}},
                 .at_ms = 1,
                 .missing = {}});
  ledger.announce(100, kToInbox);
  CHECK(ledger.incidents(true, 10, 100).at(0).silenced);
  CHECK(drained(ledger, "inbox", 100).empty());
  ledger.record({.rule = "r", .steps = {}, .firing = {{"a", 1}}, .at_ms = 200, .missing = {}});
  ledger.announce(200, kToInbox);
  CHECK(drained(ledger, "inbox", 200).empty());
  ledger.announce(1000, kToInbox);
  CHECK(joined(drained(ledger, "inbox", 1000)) == "+a ");
  CHECK(ledger.remove_silence(id));
  CHECK_FALSE(ledger.remove_silence(id));
}
