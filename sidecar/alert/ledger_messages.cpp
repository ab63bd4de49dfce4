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
  database_.prepare("UPDATE incidents SET said = ?1, storm = ?2 WHERE id = ?3").bind(1, static_cast<std::int64_t>(said)).bind(2, group).bind(3, incident.id).run();
}

void Ledger::enqueue(Incident incident, bool opens, std::int64_t now_ms, const RouteFunction& route) {
  incident.state = opens ? Incident::State::kFiring : Incident::State::kResolved;
  const auto targets = route(incident);
  const auto body = incident_json(incident);
  for (const auto& target : targets) {
    if (count("SELECT count(*) FROM messages") >= limits_.max_messages) {
      database_.prepare("DELETE FROM messages WHERE id = (SELECT min(id) FROM messages)").run();
      ++given_up_;
    }
    database_.prepare("INSERT INTO messages (target, incident, opens, at_ms, next_ms, attempts, error, body) VALUES (?1, ?2, ?3, ?4, ?4, 0, '', ?5)")
        .bind(1, target).bind(2, incident.id).bind(3, std::int64_t{opens}).bind(4, now_ms).bind(5, body).run();
  }
}

void Ledger::announce(std::int64_t now_ms, const RouteFunction& route) {
  const std::lock_guard lock(mutex_);
  Transaction transaction(database_, true);
  announce_openings(now_ms, route);
  announce_closings(now_ms, route);
  transaction.commit();
}

void Ledger::announce_openings(std::int64_t now_ms, const RouteFunction& route) {
  auto fresh = select(database_.prepare("SELECT body, state, resolved_ms, acknowledged_ms, acknowledged_by, storm FROM incidents WHERE said = 0 ORDER BY fired_ms, id"));
  std::map<std::string, std::vector<Incident>> by_rule;
  for (auto& i : fresh) {
    if (!is_silenced(i, now_ms)) by_rule[i.rule].push_back(std::move(i));
    else if (i.state == Incident::State::kResolved) mark(i, kSaidNever, "");
  }
  for (auto& [rule, members] : by_rule) {
    auto open_storm = database_.prepare("SELECT 1 FROM incidents WHERE state = 1 AND rule = ?1 AND key = '*'");
    const bool storming = open_storm.bind(1, rule).step();
    if (storming || members.size() > limits_.storm) {
      const auto storm = storm_of(members, now_ms, route);
      for (const auto& i : members) mark(i, kSaidOpen, storm.id);
      continue;
    }
    for (const auto& i : members) {
      enqueue(i, true, now_ms, route);
      mark(i, kSaidOpen, "");
    }
  }
}

Incident Ledger::storm_of(const std::vector<Incident>& members, std::int64_t now_ms, const RouteFunction& route) {
  const auto& first = members.front();
  {
    auto s = database_.prepare("SELECT body, state, resolved_ms, acknowledged_ms, acknowledged_by, storm FROM incidents WHERE state = 1 AND rule = ?1 AND key = '*'");
    s.bind(1, first.rule);
    auto known = select(std::move(s));
    if (!known.empty()) return known.front();
  }
  Incident storm = first;
  storm.key = "*";
  storm.id = incident_id(first.rule, "*", first.fired_ms);
  storm.title = std::to_string(members.size()) + " at once";
  storm.message = first.rule + ": " + std::to_string(members.size()) + " at once: ";
  for (std::size_t i = 0; i < members.size() && i < kNamesInStorm; ++i) storm.message += (i ? ", " : "") + members[i].title;
  if (members.size() > kNamesInStorm) storm.message += ", …";
  storm.message = plain_line(storm.message, kMaxMessageLength);
  storm.filter.clear();
  storm.value.clear();
  storm.exporter.clear();
  if (std::any_of(members.begin(), members.end(), [&](const Incident& i) { return i.monitor_host != first.monitor_host; })) storm.monitor_host.clear();
  if (const auto filter = storm.link.find("&filter="); filter != std::string::npos) storm.link.resize(filter);
  open(storm);
  enqueue(storm, true, now_ms, route);
  mark(storm, kSaidOpen, "");
  ++storms_;
  return storm;
}

void Ledger::announce_closings(std::int64_t now_ms, const RouteFunction& route) {
  // A storm is over with its last member.
  database_.prepare("UPDATE incidents SET state = 2, resolved_ms = ?1 WHERE state = 1 AND key = '*' AND NOT EXISTS "
                    "(SELECT 1 FROM incidents m WHERE m.state = 1 AND m.rule = incidents.rule AND m.storm = incidents.id)").bind(1, now_ms).run();
  for (const auto& i : select(database_.prepare("SELECT body, state, resolved_ms, acknowledged_ms, acknowledged_by, storm FROM incidents WHERE said = 1 AND state = 2 ORDER BY resolved_ms, id"))) {
    if (i.group.empty()) enqueue(i, false, now_ms, route);
    mark(i, kSaidClosed, i.group);
  }
}

std::vector<Notification> Ledger::due_messages(const std::string& target, std::int64_t now_ms, std::size_t limit, std::int64_t latest_ms) {
  const std::lock_guard lock(mutex_);
  std::vector<Notification> due;
  auto s = database_.prepare("SELECT id, opens, at_ms, attempts, body FROM messages m WHERE target = ?1 AND (next_ms <= ?2 OR next_ms > ?4) AND NOT EXISTS "
                             "(SELECT 1 FROM messages e WHERE e.target = m.target AND e.incident = m.incident AND e.id < m.id) ORDER BY id LIMIT ?3");
  s.bind(1, target).bind(2, now_ms).bind(3, static_cast<std::int64_t>(limit)).bind(4, latest_ms);
  while (s.step()) {
    due.push_back({.delivery = s.integer(0), .opens = s.integer(1) != 0, .at_ms = s.integer(2), .attempts = static_cast<std::uint32_t>(s.integer(3)), .incident = parse_incident(s.text(4))});
  }
  return due;
}

void Ledger::delivered(std::int64_t delivery) {
  const std::lock_guard lock(mutex_);
  database_.prepare("DELETE FROM messages WHERE id = ?1").bind(1, delivery).run();
}

void Ledger::failed(std::int64_t delivery, std::int64_t next_ms, const std::string& why) {
  const std::lock_guard lock(mutex_);
  const auto line = plain_line(why, 500);
  database_.prepare("UPDATE messages SET attempts = attempts + 1, next_ms = ?1, error = ?2 WHERE id = ?3").bind(1, next_ms).bind(2, line).bind(3, delivery).run();
}

void Ledger::give_up(std::int64_t delivery) {
  const std::lock_guard lock(mutex_);
  database_.prepare("DELETE FROM messages WHERE id = ?1").bind(1, delivery).run();
  ++given_up_;
}

}  // namespace weir
