// `said` of an incident: 0 nothing yet, 1 that it opened, 2 that it closed, 3 never.
#include "alert/ledger_file.hpp"

#include "sqlite/row_copy.hpp"

namespace weir {

namespace {

constexpr const char* kVersion1 = R"(
CREATE TABLE IF NOT EXISTS incidents (
  id TEXT PRIMARY KEY, rule TEXT NOT NULL, key TEXT NOT NULL, state INTEGER NOT NULL, said INTEGER NOT NULL, fired_ms INTEGER NOT NULL,
  resolved_ms INTEGER NOT NULL, acknowledged_ms INTEGER NOT NULL, acknowledged_by TEXT NOT NULL, storm TEXT NOT NULL, body TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS incidents_by_state ON incidents (state, rule, key);
CREATE INDEX IF NOT EXISTS incidents_by_said ON incidents (said, state);
CREATE TABLE IF NOT EXISTS silences (id INTEGER PRIMARY KEY AUTOINCREMENT, rule TEXT NOT NULL, key TEXT NOT NULL, until_ms INTEGER NOT NULL, by TEXT NOT NULL, comment TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS messages (
  id INTEGER PRIMARY KEY AUTOINCREMENT, target TEXT NOT NULL, incident TEXT NOT NULL, opens INTEGER NOT NULL, at_ms INTEGER NOT NULL,
  next_ms INTEGER NOT NULL, attempts INTEGER NOT NULL, error TEXT NOT NULL, body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS messages_by_target ON messages (target, next_ms);
CREATE INDEX IF NOT EXISTS messages_by_incident ON messages (target, incident);
CREATE TABLE IF NOT EXISTS rule_ends (rule TEXT PRIMARY KEY, end_ms INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS rule_keys (rule TEXT NOT NULL, key TEXT NOT NULL, phase INTEGER NOT NULL, since_ms INTEGER NOT NULL, clear_since_ms INTEGER NOT NULL,
  PRIMARY KEY (rule, key)) WITHOUT ROWID;
)";

// What `live` leaves out are resolved incidents of which everything is said, beyond the newest.
constexpr RowCopy kIncidents{.select =
                                 "SELECT id, rule, key, state, said, fired_ms, resolved_ms, acknowledged_ms, "
                                 "acknowledged_by, storm, body FROM incidents",
                             .insert =
                                 "INSERT OR REPLACE INTO incidents (id, rule, key, state, said, fired_ms, resolved_ms, "
                                 "acknowledged_ms, acknowledged_by, storm, body) "
                                 "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
                             .columns = 11};
constexpr RowCopy kLiveIncidents{
    .select =
        "SELECT id, rule, key, state, said, fired_ms, resolved_ms, acknowledged_ms, acknowledged_by, storm, body FROM "
        "incidents "
        "WHERE state = 1 OR said < 2 OR id IN (SELECT id FROM incidents ORDER BY fired_ms DESC LIMIT 1000)",
    .insert = kIncidents.insert,
    .columns = 11};
constexpr RowCopy kOthers[] = {
    {.select = "SELECT id, rule, key, until_ms, by, comment FROM silences",
     .insert = "INSERT OR REPLACE INTO silences (id, rule, key, until_ms, by, comment) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
     .columns = 6},
    {.select = "SELECT id, target, incident, opens, at_ms, next_ms, attempts, error, body FROM messages ORDER BY id",
     .insert = "INSERT OR REPLACE INTO messages (id, target, incident, opens, at_ms, next_ms, attempts, error, body) "
               "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
     .columns = 9},
    {.select = "SELECT rule, end_ms FROM rule_ends",
     .insert = "INSERT OR REPLACE INTO rule_ends (rule, end_ms) VALUES (?1, ?2)",
     .columns = 2},
    {.select = "SELECT rule, key, phase, since_ms, clear_since_ms FROM rule_keys",
     .insert =
         "INSERT OR REPLACE INTO rule_keys (rule, key, phase, since_ms, clear_since_ms) VALUES (?1, ?2, ?3, ?4, ?5)",
     .columns = 5},
    // Numbers are given once, also those of rows that have been deleted.
    {.select = "SELECT seq, name FROM sqlite_sequence",
     .insert = "UPDATE sqlite_sequence SET seq = max(seq, ?1) WHERE name = ?2",
     .columns = 2},
};

bool copy_ledger(Database& from, Database& to, bool live) {
  to.execute(
      "INSERT INTO sqlite_sequence (name, seq) SELECT name, 0 FROM (SELECT 'messages' AS name UNION SELECT 'silences') "
      "WHERE name NOT IN (SELECT name FROM sqlite_sequence)");
  bool whole = copy_rows(from, to, live ? kLiveIncidents : kIncidents);
  for (const auto& rows : kOthers) whole = copy_rows(from, to, rows) && whole;
  return whole;
}

}  // namespace

KeptDatabase::Plan ledger_file(const std::string& path) {
  return {.path = path,
          .stage = "alert",
          .content = "alerts, silences and waiting messages",
          // Few writes, and an alert that was announced must not be forgotten with the power.
          .pragmas = "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 500",
          .versions = {kVersion1},
          .copy = copy_ledger,
          .clear_live = [](Database& to) {
            to.execute("DELETE FROM silences; DELETE FROM messages; DELETE FROM rule_ends; DELETE FROM rule_keys");
          }};
}

}  // namespace weir
