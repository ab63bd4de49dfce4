// What is said about incidents, and the queue in which it waits for its target.
#include <algorithm>
#include <map>

#include "alert/alert_text.hpp"
#include "alert/ledger.hpp"

namespace weir {

namespace {
constexpr std::size_t kNamesInStorm = 5;
constexpr int kSaidOpen = 1, kSaidClosed = 2, kSaidNever = 3;
}  // namespace

void Ledger::mark(const Incident& incident, int said, const std::string& group) {
  database_->prepare("UPDATE incidents SET said = ?1, storm = ?2 WHERE id = ?3")
      .bind(1, static_cast<std::int64_t>(said))
      .bind(2, group)
      .bind(3, incident.id)
      .run();
}

// How many older messages were given up for it.
std::uint64_t Ledger::enqueue(const Announcement& a, std::int64_t now_ms) {
  std::uint64_t given_up = 0;
  for (const auto& target : a.targets) {
    if (count("SELECT count(*) FROM messages") >= limits_.max_messages) {
      database_->prepare("DELETE FROM messages WHERE id = (SELECT min(id) FROM messages)").run();
      ++given_up;
    }
    database_
        ->prepare(
            "INSERT INTO messages (target, incident, opens, at_ms, next_ms, attempts, error, body) VALUES (?1, ?2, ?3, "
            "?4, ?4, 0, '', ?5)")
        .bind(1, target)
        .bind(2, a.incident.id)
        .bind(3, std::int64_t{a.opens})
        .bind(4, now_ms)
        .bind(5, a.body)
        .run();
  }
  return given_up;
}

void Ledger::announce(std::int64_t now_ms, const RouteFunction& route) {
  const auto planned = [this](auto&& plan) {
    const std::lock_guard lock(mutex_);
    return plan();
  };
  say(planned([&] { return read([&] { return openings(now_ms); }); }), now_ms, route);
  // A storm is over with its last member.
  static constexpr const char* kStormsOver =
      "FROM incidents s WHERE s.state = 1 AND s.key = '*' AND NOT EXISTS (SELECT 1 FROM incidents m WHERE m.state = 1 "
      "AND m.rule = s.rule AND m.storm = s.id)";
  static const std::string kAnyOver = std::string("SELECT count(*) ") + kStormsOver;
  static const std::string kEnd =
      std::string("UPDATE incidents SET state = 2, resolved_ms = ?1 WHERE id IN (SELECT s.id ") + kStormsOver + ")";
  planned([&] {
    if (read([&] { return count(kAnyOver.c_str()); }) != 0)
      write([&] { database_->prepare(kEnd.c_str()).bind(1, now_ms).run(); });
  });
  say(planned([&] { return read([&] { return closings(); }); }), now_ms, route);
}

// The route may take long: it is asked without the lock.
void Ledger::say(std::vector<Announcement>&& all, std::int64_t now_ms, const RouteFunction& route) {
  if (all.empty()) return;
  for (auto& a : all) {
    if (!a.has_message) continue;
    auto routed = a.incident;
    routed.state = a.opens ? Incident::State::kFiring : Incident::State::kResolved;
    a.targets = route(routed);
    a.body = incident_json(routed);
  }
  const std::lock_guard lock(mutex_);
  const auto [given_up, storms] = write([&] {
    std::pair<std::uint64_t, std::uint64_t> done;
    for (const auto& a : all) {
      if (a.is_new) {
        open(a.incident);
        ++done.second;
      }
      if (a.has_message) done.first += enqueue(a, now_ms);
      mark(a.incident, a.said, a.incident.group);
    }
    return done;
  });
  given_up_ += given_up;
  storms_ += storms;
}

std::vector<Ledger::Announcement> Ledger::openings(std::int64_t now_ms) {
  auto fresh =
      select(database_->prepare("SELECT body, state, resolved_ms, acknowledged_ms, acknowledged_by, storm FROM "
                                "incidents WHERE said = 0 ORDER BY fired_ms, id"));
  std::vector<Announcement> all;
  std::map<std::string, std::vector<Incident>> by_rule;
  for (auto& i : fresh) {
    i.group.clear();
    if (!is_silenced(i, now_ms)) by_rule[i.rule].push_back(std::move(i));
    else if (i.state == Incident::State::kResolved)
      all.push_back({.incident = std::move(i), .said = kSaidNever, .has_message = false, .targets = {}, .body = {}});
  }
  for (auto& [rule, members] : by_rule) {
    auto open_storm = database_->prepare("SELECT 1 FROM incidents WHERE state = 1 AND rule = ?1 AND key = '*'");
    if (open_storm.bind(1, rule).step() || members.size() > limits_.storm) {
      add_storm(all, std::move(members));
      continue;
    }
    for (auto& i : members) all.push_back({.incident = std::move(i), .said = kSaidOpen, .targets = {}, .body = {}});
  }
  return all;
}

void Ledger::add_storm(std::vector<Announcement>& all, std::vector<Incident>&& members) {
  const auto& first = members.front();
  auto s = database_->prepare("SELECT id FROM incidents WHERE state = 1 AND rule = ?1 AND key = '*'");
  std::string id;
  if (s.bind(1, first.rule).step()) {
    id = s.text(0);
  } else {
    Incident storm = first;
    storm.key = "*";
    id = storm.id = incident_id(first.rule, "*", first.fired_ms);
    storm.title = std::to_string(members.size()) + " at once";
    storm.message = first.rule + ": " + std::to_string(members.size()) + " at once: ";
    for (std::size_t i = 0; i < members.size() && i < kNamesInStorm; ++i)
      storm.message += (i ? ", " : "") + members[i].title;
    if (members.size() > kNamesInStorm) storm.message += ", …";
    storm.message = plain_line(storm.message, kMaxMessageLength);
    storm.filter.clear();
    storm.value.clear();
    storm.exporter.clear();
    if (std::any_of(members.begin(), members.end(),
                    [&](const Incident& i) { return i.monitor_host != first.monitor_host; }))
      storm.monitor_host.clear();
    if (const auto filter = storm.link.find("&filter="); filter != std::string::npos) storm.link.resize(filter);
    all.push_back({.incident = std::move(storm), .said = kSaidOpen, .is_new = true, .targets = {}, .body = {}});
  }
  for (auto& i : members) {
    i.group = id;
    all.push_back({.incident = std::move(i), .said = kSaidOpen, .has_message = false, .targets = {}, .body = {}});
  }
}

std::vector<Ledger::Announcement> Ledger::closings() {
  std::vector<Announcement> all;
  for (auto& i : select(database_->prepare("SELECT body, state, resolved_ms, acknowledged_ms, acknowledged_by, storm "
                                           "FROM incidents WHERE said = 1 AND state = 2 ORDER BY resolved_ms, id"))) {
    const bool alone = i.group.empty();
    all.push_back({.incident = std::move(i),
                   .opens = false,
                   .said = kSaidClosed,
                   .has_message = alone,
                   .targets = {},
                   .body = {}});
  }
  return all;
}

std::vector<Notification> Ledger::due_messages(const std::string& target, std::int64_t now_ms, std::size_t limit,
                                               std::int64_t latest_ms) {
  const std::lock_guard lock(mutex_);
  return read([&] {
    std::vector<Notification> due;
    auto s = database_->prepare(
        "SELECT id, opens, at_ms, attempts, body FROM messages m WHERE target = ?1 AND (next_ms <= ?2 OR next_ms > ?4) "
        "AND NOT EXISTS "
        "(SELECT 1 FROM messages e WHERE e.target = m.target AND e.incident = m.incident AND e.id < m.id) ORDER BY id "
        "LIMIT ?3");
    s.bind(1, target).bind(2, now_ms).bind(3, static_cast<std::int64_t>(limit)).bind(4, latest_ms);
    while (s.step()) {
      due.push_back({.delivery = s.integer(0),
                     .opens = s.integer(1) != 0,
                     .at_ms = s.integer(2),
                     .attempts = static_cast<std::uint32_t>(s.integer(3)),
                     .incident = parse_incident(s.text(4))});
    }
    return due;
  });
}

void Ledger::delivered(std::int64_t delivery) {
  const std::lock_guard lock(mutex_);
  write([&] { database_->prepare("DELETE FROM messages WHERE id = ?1").bind(1, delivery).run(); });
}

void Ledger::failed(std::int64_t delivery, std::int64_t next_ms, const std::string& why) {
  const std::lock_guard lock(mutex_);
  write([&] {
    const auto line = plain_line(why, 500);
    database_->prepare("UPDATE messages SET attempts = attempts + 1, next_ms = ?1, error = ?2 WHERE id = ?3")
        .bind(1, next_ms)
        .bind(2, line)
        .bind(3, delivery)
        .run();
  });
}

void Ledger::give_up(std::int64_t delivery) {
  const std::lock_guard lock(mutex_);
  write([&] { database_->prepare("DELETE FROM messages WHERE id = ?1").bind(1, delivery).run(); });
  ++given_up_;
}

}  // namespace weir
