// Rows in the order of their numbers.
#include "monitor/zabbix/value_queue.hpp"

#include "sqlite/row_copy.hpp"

namespace weir {

namespace {

constexpr const char* kVersion1 =
    "CREATE TABLE IF NOT EXISTS waiting (id INTEGER PRIMARY KEY, host TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT "
    "NULL, clock_s INTEGER NOT NULL, ns INTEGER NOT NULL)";
constexpr RowCopy kValues{
    .select = "SELECT id, host, key, value, clock_s, ns FROM waiting ORDER BY id",
    .insert = "INSERT OR REPLACE INTO waiting (id, host, key, value, clock_s, ns) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    .columns = 6};
constexpr std::int64_t kNsPerS = 1'000'000'000;

KeptDatabase::Plan queue_file(const std::string& path) {
  return {.path = path,
          .stage = "monitor",
          .content = "values for Zabbix",
          .pragmas = "PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 500",
          .versions = {kVersion1},
          // All of them: they are bounded.
          .copy = [](Database& from, Database& to, bool) { return copy_rows(from, to, kValues); },
          .clear_live = [](Database& to) { to.execute("DELETE FROM waiting"); }};
}

std::uint64_t count(Database& database) {
  auto rows = database.prepare("SELECT count(*) FROM waiting");
  rows.step();
  return rows.unsigned_integer(0);
}

}  // namespace

ValueQueue::ValueQueue(const std::string& path, std::uint64_t max_values, const Clock& clock)
    : max_values_(max_values), kept_(queue_file(path), clock) {}

void ValueQueue::push(std::span<const SenderValue> values) {
  given_up_ += kept_.write([&](Database& database) {
    for (const auto& v : values) {
      database.prepare("INSERT INTO waiting (host, key, value, clock_s, ns) VALUES (?1, ?2, ?3, ?4, ?5)")
          .bind(1, v.host)
          .bind(2, v.key)
          .bind(3, v.value)
          .bind(4, v.stamp.clock_s)
          .bind(5, v.stamp.ns)
          .run();
    }
    const auto total = count(database);
    if (total <= max_values_) return std::uint64_t{0};
    database.prepare("DELETE FROM waiting WHERE id IN (SELECT id FROM waiting ORDER BY id LIMIT ?1)")
        .bind_unsigned(1, total - max_values_)
        .run();
    return total - max_values_;
  });
}

ValueQueue::Front ValueQueue::front(std::size_t limit) {
  return kept_.read([&](Database& database) {
    Front front;
    auto rows = database.prepare("SELECT host, key, value, clock_s, ns, id FROM waiting ORDER BY id LIMIT ?1");
    rows.bind_unsigned(1, limit);
    while (rows.step()) {
      front.values.push_back({.host = rows.text(0),
                              .key = rows.text(1),
                              .value = rows.text(2),
                              .stamp = {.clock_s = rows.integer(3), .ns = rows.integer(4)}});
      front.last = rows.integer(5);
    }
    return front;
  });
}

void ValueQueue::pop(std::int64_t last) {
  kept_.write([&](Database& database) { database.prepare("DELETE FROM waiting WHERE id <= ?1").bind(1, last).run(); });
}

std::uint64_t ValueQueue::size() { return kept_.read(count); }

std::int64_t ValueQueue::newest_stamp_ns() {
  return kept_.read([](Database& database) {
    auto row = database.prepare("SELECT clock_s, ns FROM waiting ORDER BY clock_s DESC, ns DESC LIMIT 1");
    return row.step() ? row.integer(0) * kNsPerS + row.integer(1) : std::int64_t{0};
  });
}

}  // namespace weir
