// The tables and what changes them. `said` of an incident: 0 nothing yet, 1 that it opened, 2 that it closed, 3 never.
#include "alert/ledger.hpp"

#include <algorithm>
#include <set>

#include "alert/alert_text.hpp"
#include "alert/ledger_file.hpp"

namespace weir {

namespace {

constexpr std::int64_t kFiringState = 1, kResolvedState = 2;

}  // namespace

Ledger::Ledger(const std::string& path, const LedgerLimits& limits, const Clock& clock)
    : limits_(limits), kept_(ledger_file(path), clock) {}

void Ledger::begin_anew() {
  if (kept_.generation() == generation_) return;
  generation_ = kept_.generation();
  // Whoever takes messages knows them by their numbers, and those given before may be forgotten: new ones lie above.
  database_->execute(
      "INSERT INTO sqlite_sequence (name, seq) SELECT 'messages', 0 WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence "
      "WHERE name = 'messages')");
  database_->execute(
      "UPDATE sqlite_sequence SET seq = max(seq, CAST(strftime('%s', 'now') AS INTEGER) * 1000) WHERE name = "
      "'messages'");
}

std::uint64_t Ledger::generation() {
  const std::lock_guard lock(mutex_);
  return kept_.generation();
}

std::vector<Incident> Ledger::select(Statement&& s) {
  std::vector<Incident> incidents;
  while (s.step()) {
    auto i = parse_incident(s.text(0));
    i.state = s.integer(1) == kFiringState ? Incident::State::kFiring : Incident::State::kResolved;
    i.resolved_ms = s.integer(2);
    i.acknowledged_ms = s.integer(3);
    i.acknowledged_by = s.text(4);
    i.group = s.text(5);
    incidents.push_back(std::move(i));
  }
  return incidents;
}

void Ledger::open(const Incident& i) {
  {
    auto known = database_->prepare("SELECT 1 FROM incidents WHERE state = 1 AND rule = ?1 AND key = ?2");
    if (known.bind(1, i.rule).bind(2, i.key).step()) return;
  }
  const auto body = incident_json(i);
  database_
      ->prepare(
          "INSERT OR IGNORE INTO incidents (id, rule, key, state, said, fired_ms, resolved_ms, acknowledged_ms, "
          "acknowledged_by, storm, body) "
          "VALUES (?1, ?2, ?3, 1, 0, ?4, 0, 0, '', '', ?5)")
      .bind(1, i.id)
      .bind(2, i.rule)
      .bind(3, i.key)
      .bind(4, i.fired_ms)
      .bind(5, body)
      .run();
}

void Ledger::record(const Outcome& outcome) {
  const std::lock_guard lock(mutex_);
  write([&] {
    for (const auto& step : outcome.steps) {
      if (step.state == Incident::State::kFiring) {
        open(step);
      } else {
        database_->prepare("UPDATE incidents SET state = 2, resolved_ms = ?1 WHERE id = ?2 AND state = 1")
            .bind(1, step.resolved_ms)
            .bind(2, step.id)
            .run();
      }
    }
    std::set<std::string> open_keys;
    {
      auto s = database_->prepare("SELECT key FROM incidents WHERE state = 1 AND rule = ?1 AND key <> '*'");
      s.bind(1, outcome.rule);
      while (s.step()) open_keys.insert(s.text(0));
    }
    for (const auto& [key, since_ms] : outcome.firing) {
      if (open_keys.erase(key)) continue;
      const auto id = incident_id(outcome.rule, key, since_ms);
      database_
          ->prepare(
              "UPDATE incidents SET state = 1, resolved_ms = 0, said = CASE said WHEN 1 THEN 1 ELSE 0 END WHERE id = "
              "?1")
          .bind(1, id)
          .run();
      if (outcome.missing) open(outcome.missing(key, since_ms));
    }
    for (const auto& key : open_keys) {
      database_->prepare("UPDATE incidents SET state = 2, resolved_ms = ?1 WHERE state = 1 AND rule = ?2 AND key = ?3")
          .bind(1, outcome.at_ms)
          .bind(2, outcome.rule)
          .bind(3, key)
          .run();
    }
    if (outcome.settled) save_states(outcome.rule, *outcome.settled);
  });
}

void Ledger::save_states(const std::string& rule, const KeyStates& states) {
  database_->prepare("DELETE FROM rule_keys WHERE rule = ?1").bind(1, rule).run();
  for (const auto& [key, state] : states.states()) {
    database_->prepare("INSERT INTO rule_keys (rule, key, phase, since_ms, clear_since_ms) VALUES (?1, ?2, ?3, ?4, ?5)")
        .bind(1, rule)
        .bind(2, key)
        .bind(3, static_cast<std::int64_t>(state.phase))
        .bind(4, state.since_ms)
        .bind(5, state.clear_since_ms)
        .run();
  }
  database_
      ->prepare(
          "INSERT INTO rule_ends (rule, end_ms) VALUES (?1, ?2) ON CONFLICT (rule) DO UPDATE SET end_ms = "
          "excluded.end_ms")
      .bind(1, rule)
      .bind(2, states.end_ms())
      .run();
}

std::optional<Ledger::SavedStates> Ledger::saved_states(const std::string& rule) {
  const std::lock_guard lock(mutex_);
  return read([&]() -> std::optional<SavedStates> {
    SavedStates saved;
    {
      auto s = database_->prepare("SELECT end_ms FROM rule_ends WHERE rule = ?1");
      if (!s.bind(1, rule).step()) return std::nullopt;
      saved.end_ms = s.integer(0);
    }
    auto s = database_->prepare("SELECT key, phase, since_ms, clear_since_ms FROM rule_keys WHERE rule = ?1");
    s.bind(1, rule);
    while (s.step()) {
      saved.states[s.text(0)] = {.phase = s.integer(1) == 2 ? KeyState::Phase::kFiring : KeyState::Phase::kPending,
                                 .since_ms = s.integer(2),
                                 .clear_since_ms = s.integer(3)};
    }
    return saved;
  });
}

void Ledger::close_others(const std::vector<std::string>& rules, std::int64_t now_ms) {
  const std::lock_guard lock(mutex_);
  write([&] {
    std::set<std::string> gone;
    {
      auto s = database_->prepare("SELECT rule FROM incidents WHERE state = 1 UNION SELECT rule FROM rule_ends");
      while (s.step()) gone.insert(s.text(0));
    }
    for (const auto& rule : rules) gone.erase(rule);
    for (const auto& rule : gone) {
      database_->prepare("UPDATE incidents SET state = 2, resolved_ms = ?1 WHERE state = 1 AND rule = ?2")
          .bind(1, now_ms)
          .bind(2, rule)
          .run();
      database_->prepare("DELETE FROM rule_keys WHERE rule = ?1").bind(1, rule).run();
      database_->prepare("DELETE FROM rule_ends WHERE rule = ?1").bind(1, rule).run();
    }
  });
}

std::vector<Incident> Ledger::incidents(bool firing_only, std::size_t limit, std::int64_t now_ms) {
  const std::lock_guard lock(mutex_);
  return read([&] {
    auto s = database_->prepare(
        "SELECT body, state, resolved_ms, acknowledged_ms, acknowledged_by, storm FROM incidents WHERE state <= ?1 "
        "ORDER BY fired_ms DESC, id LIMIT ?2");
    s.bind(1, firing_only ? kFiringState : kResolvedState).bind(2, static_cast<std::int64_t>(limit));
    auto found = select(std::move(s));
    for (auto& i : found) i.silenced = is_silenced(i, now_ms);
    return found;
  });
}

bool Ledger::acknowledge(const std::string& id, const std::string& by, std::int64_t now_ms) {
  const std::lock_guard lock(mutex_);
  return write([&] {
    {
      auto s = database_->prepare("SELECT 1 FROM incidents WHERE id = ?1");
      if (!s.bind(1, id).step()) return false;
    }
    const auto who = plain_line(by, 100);
    database_->prepare("UPDATE incidents SET acknowledged_ms = ?1, acknowledged_by = ?2 WHERE id = ?3")
        .bind(1, now_ms)
        .bind(2, who)
        .bind(3, id)
        .run();
    return true;
  });
}

std::int64_t Ledger::add_silence(const Silence& silence) {
  const std::lock_guard lock(mutex_);
  return write([&] {
    const auto by = plain_line(silence.by, 100), comment = plain_line(silence.comment, 500);
    database_->prepare("INSERT INTO silences (rule, key, until_ms, by, comment) VALUES (?1, ?2, ?3, ?4, ?5)")
        .bind(1, silence.rule)
        .bind(2, silence.key)
        .bind(3, silence.until_ms)
        .bind(4, by)
        .bind(5, comment)
        .run();
    auto s = database_->prepare("SELECT last_insert_rowid()");
    s.step();
    return s.integer(0);
  });
}

bool Ledger::remove_silence(std::int64_t id) {
  const std::lock_guard lock(mutex_);
  return write([&] {
    database_->prepare("DELETE FROM silences WHERE id = ?1").bind(1, id).run();
    return count("SELECT changes()") != 0;
  });
}

std::vector<Silence> Ledger::silences(std::int64_t now_ms) {
  const std::lock_guard lock(mutex_);
  return read([&] {
    std::vector<Silence> all;
    auto s =
        database_->prepare("SELECT id, rule, key, until_ms, by, comment FROM silences WHERE until_ms > ?1 ORDER BY id");
    s.bind(1, now_ms);
    while (s.step())
      all.push_back({.id = s.integer(0),
                     .rule = s.text(1),
                     .key = s.text(2),
                     .until_ms = s.integer(3),
                     .by = s.text(4),
                     .comment = s.text(5)});
    return all;
  });
}

bool Ledger::is_silenced(const Incident& i, std::int64_t now_ms) {
  auto s = database_->prepare(
      "SELECT 1 FROM silences WHERE until_ms > ?1 AND (rule = '' OR rule = ?2) AND (key = '' OR key = ?3) LIMIT 1");
  return s.bind(1, now_ms).bind(2, i.rule).bind(3, i.key).step();
}

void Ledger::prune(std::int64_t now_ms) {
  const std::lock_guard lock(mutex_);
  write([&] {
    database_->prepare("DELETE FROM incidents WHERE state = 2 AND said >= 2 AND resolved_ms < ?1")
        .bind(1, now_ms - limits_.keep_ms)
        .run();
    database_->prepare("DELETE FROM silences WHERE until_ms < ?1").bind(1, now_ms - limits_.keep_ms).run();
  });
}

std::uint64_t Ledger::count(const char* sql) {
  auto s = database_->prepare(sql);
  s.step();
  return s.unsigned_integer(0);
}

LedgerCounts Ledger::counts() {
  const std::lock_guard lock(mutex_);
  return read([&]() -> LedgerCounts {
    return {.firing = count("SELECT count(*) FROM incidents WHERE state = 1 AND key <> '*'"),
            .waiting_messages = count("SELECT count(*) FROM messages"),
            .given_up_messages = given_up_,
            .storms = storms_};
  });
}

}  // namespace weir
