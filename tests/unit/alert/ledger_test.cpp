// The ledger and the queue of messages: storms, order, retries, and what fires whatever was said before.
#include <algorithm>

#include "alert/deliverer.hpp"
#include "inbox.hpp"
#include "rules_for_tests.hpp"
#include "scratch_folder.hpp"

using namespace weir;
using namespace weir::testing;

TEST_CASE("a storm is one message with a count, and one end") {
  ScratchFolder folder;
  ManualClock ledger_clock{kRuleStart};
  Ledger ledger(folder.file("a.sqlite"), {.storm = 3}, ledger_clock);
  const auto many = [](int count, Ledger::Outcome outcome) {
    for (int i = 0; i < count; ++i) {
      outcome.steps.push_back(incident("k" + std::to_string(i), 1));
      outcome.firing.emplace_back("k" + std::to_string(i), 1);
    }
    return outcome;
  };
  ledger.record(many(3, {.rule = "r", .steps = {}, .firing = {}, .at_ms = 1, .missing = {}}));
  ledger.announce(1, kToInbox);
  CHECK(joined(drained(ledger, "inbox", 1)) == "+k0 +k1 +k2 ");
  ledger.record(many(100, {.rule = "r", .steps = {}, .firing = {}, .at_ms = 2, .missing = {}}));
  ledger.announce(2, kToInbox);
  const auto storm = ledger.due_messages("inbox", 2, 10);
  REQUIRE(storm.size() == 1);
  CHECK(storm[0].incident.message.find("97 at once: k") != std::string::npos);
  CHECK(joined(drained(ledger, "inbox", 2)) == "+* ");
  ledger.record(many(120, {.rule = "r", .steps = {}, .firing = {}, .at_ms = 3, .missing = {}}));
  ledger.announce(3, kToInbox);
  CHECK(drained(ledger, "inbox", 3).empty());
  CHECK(ledger.counts().firing == 120);
  ledger.record(many(4, {.rule = "r", .steps = {}, .firing = {}, .at_ms = 4, .missing = {}}));
  ledger.announce(4, kToInbox);
  CHECK(drained(ledger, "inbox", 4).empty());
  ledger.record({.rule = "r", .steps = {}, .firing = {}, .at_ms = 5, .missing = {}});
  ledger.announce(5, kToInbox);
  auto said = drained(ledger, "inbox", 5);
  std::sort(said.begin(), said.end());
  CHECK(joined(said) == "-* -k0 -k1 -k2 ");
}

TEST_CASE("the queue: order, retries, refusals, the rate, and a restart between") {
  ScratchFolder folder;
  ManualClock clock(kRuleStart);
  const auto now = [&] { return clock.now_ms(); };
  auto ledger = std::make_unique<Ledger>(folder.file("a.sqlite"), LedgerLimits{}, clock);
  Inbox inbox;
  const auto deliverer = [&](DelivererLimits limits = {}) {
    std::vector<std::unique_ptr<AlertTarget>> targets;
    targets.push_back(std::make_unique<InboxTarget>("inbox", inbox));
    return std::make_unique<Deliverer>(*ledger, std::move(targets), limits, clock);
  };
  const auto fire = [&](const std::string& key, std::int64_t since, bool closes) {
    Ledger::Outcome o{.rule = "r", .steps = {incident(key, since)}, .firing = {}, .at_ms = since, .missing = {}};
    if (closes) o.steps.push_back(incident(key, since, Incident::State::kResolved));
    for (const auto& i : ledger->incidents(true, 100, now())) o.firing.emplace_back(i.key, i.since_ms);
    if (!closes) o.firing.emplace_back(key, since);
    ledger->record(o);
    ledger->announce(now(), kToInbox);
  };
  inbox.answer = SendResult::Kind::kUnreachable;
  fire("a", 1, true);
  fire("b", 2, false);
  auto d = deliverer();
  for (int second = 0; second < 600; ++second) {  // ten minutes without the target
    d->deliver_due(0);
    clock.advance(1000);
  }
  CHECK(inbox.messages.empty());
  CHECK(d->status().at(0).failures >= 8);
  CHECK(d->status().at(0).failures <= 12);
  // Killed: what was queued is queued.
  d.reset();
  ledger = std::make_unique<Ledger>(folder.file("a.sqlite"), LedgerLimits{}, clock);
  inbox.answer = SendResult::Kind::kSent;
  d = deliverer();
  for (int i = 0; i < 3; ++i) d->deliver_due(0);
  CHECK(joined(inbox.messages) == "+a +b -a ");
  CHECK(ledger->counts().waiting_messages == 0);

  // A refused message waits alone, its own end behind it.
  inbox.messages.clear();
  inbox.answer = SendResult::Kind::kRefused;
  fire("c", 3, true);
  d->deliver_due(0);
  inbox.answer = SendResult::Kind::kSent;
  fire("d", 4, false);
  d->deliver_due(0);
  CHECK(joined(inbox.messages) == "+d ");
  clock.advance(2000);
  d->deliver_due(0);
  d->deliver_due(0);
  CHECK(joined(inbox.messages) == "+d +c -c ");

  // No more than the rate; the rest follows.
  inbox.messages.clear();
  d = deliverer({.messages_per_minute = 4});
  clock.set((now() / 60'000 + 1) * 60'000);
  for (int i = 0; i < 6; ++i) fire("e" + std::to_string(i), 10 + i, false);
  for (int i = 0; i < 3; ++i) d->deliver_due(0);
  CHECK(inbox.messages.size() == 4);
  clock.advance(60'000);
  d->deliver_due(0);
  CHECK(inbox.messages.size() == 6);

  // Too old.
  inbox.answer = SendResult::Kind::kRefused;
  fire("f", 99, false);
  clock.advance(4 * 86'400'000);
  d->deliver_due(0);
  CHECK(ledger->counts().waiting_messages == 0);
  CHECK(d->status().at(0).given_up == 1);
}

TEST_CASE("a key that fires is in the ledger, whatever was said before") {
  ScratchFolder folder;
  ManualClock ledger_clock{kRuleStart};
  Ledger ledger(folder.file("a.sqlite"), {}, ledger_clock);
  ledger.record({.rule = "r",
                 .steps = {incident("a", 1), incident("a", 1, Incident::State::kResolved)},
                 .firing = {},
                 .at_ms = 2,
                 .missing = {}});
  ledger.announce(2, kToInbox);
  CHECK(joined(drained(ledger, "inbox", 2)) == "+a -a ");
  // Looked at again, it never ended.
  ledger.record({.rule = "r",
                 .steps = {incident("a", 1)},
                 .firing = {{"a", 1}},
                 .at_ms = 3,
                 .missing = [](const std::string& k, std::int64_t s) { return incident(k, s); }});
  ledger.announce(3, kToInbox);
  CHECK(joined(drained(ledger, "inbox", 3)) == "+a ");
  // One that nobody opened.
  ledger.record({.rule = "r",
                 .steps = {},
                 .firing = {{"a", 1}, {"b", 2}},
                 .at_ms = 4,
                 .missing = [](const std::string& k, std::int64_t s) { return incident(k, s); }});
  ledger.announce(4, kToInbox);
  CHECK(joined(drained(ledger, "inbox", 4)) == "+b ");
}
