// Rows in the order of their numbers.
#include "monitor/value_queue.hpp"

namespace weir {

namespace {
constexpr const char* kSchema =
    "CREATE TABLE IF NOT EXISTS waiting (id INTEGER PRIMARY KEY, host TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, clock_s INTEGER NOT NULL, ns INTEGER NOT NULL)";
constexpr std::int64_t kNsPerS = 1'000'000'000;
}  // namespace

ValueQueue::ValueQueue(const std::string& path, std::uint64_t max_values) : max_values_(max_values), database_(path, Database::Access::kCreate) {
  database_.execute("PRAGMA synchronous = NORMAL");
  database_.execute(kSchema);
  auto count = database_.prepare("SELECT count(*) FROM waiting");
  count.step();
  size_ = count.unsigned_integer(0);
}

void ValueQueue::push(std::span<const SenderValue> values) {
  std::uint64_t over = 0;
  Transaction transaction(database_, true);
  for (const auto& v : values) {
    database_.prepare("INSERT INTO waiting (host, key, value, clock_s, ns) VALUES (?1, ?2, ?3, ?4, ?5)")
        .bind(1, v.host).bind(2, v.key).bind(3, v.value).bind(4, v.stamp.clock_s).bind(5, v.stamp.ns).run();
  }
  const auto total = size_ + values.size();
  if (total > max_values_) {
    over = total - max_values_;
    database_.prepare("DELETE FROM waiting WHERE id IN (SELECT id FROM waiting ORDER BY id LIMIT ?1)").bind_unsigned(1, over).run();
  }
  transaction.commit();
  size_ = total - over;
  given_up_ += over;
}

std::vector<SenderValue> ValueQueue::front(std::size_t limit) {
  std::vector<SenderValue> values;
  auto rows = database_.prepare("SELECT host, key, value, clock_s, ns FROM waiting ORDER BY id LIMIT ?1");
  rows.bind_unsigned(1, limit);
  while (rows.step()) values.push_back({.host = rows.text(0), .key = rows.text(1), .value = rows.text(2), .stamp = {.clock_s = rows.integer(3), .ns = rows.integer(4)}});
  return values;
}

void ValueQueue::pop(std::size_t count) {
  database_.prepare("DELETE FROM waiting WHERE id IN (SELECT id FROM waiting ORDER BY id LIMIT ?1)").bind_unsigned(1, count).run();
  size_ -= std::min<std::uint64_t>(size_, count);
}

std::int64_t ValueQueue::newest_stamp_ns() {
  auto row = database_.prepare("SELECT clock_s, ns FROM waiting ORDER BY id DESC LIMIT 1");
  return row.step() ? row.integer(0) * kNsPerS + row.integer(1) : 0;
}

}  // namespace weir
