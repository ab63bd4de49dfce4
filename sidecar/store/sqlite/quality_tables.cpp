// Statements, and the arithmetic of times.
#include "store/sqlite/quality_tables.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <string>

#include "core/durations.hpp"
#include "flow/exporter_table.hpp"

namespace weir {

namespace {

constexpr std::int64_t kHourMinutes = 60;
// A collector that was heard of for longer is not running.
constexpr std::int64_t kAliveMs = 3 * kBeatMs;
// Rows that an outsider can make: the oldest go first.
constexpr std::int64_t kMaxSilencesPerExporter = 10'000, kMaxTimes = 10'000;

struct Kind {
  const char* column;
  std::int64_t QualityMinute::*member;
};
constexpr Kind kKinds[] = {{"lost", &QualityMinute::lost},
                           {"malformed", &QualityMinute::malformed},
                           {"waiting_for_template", &QualityMinute::waiting_for_template},
                           {"kernel_drops", &QualityMinute::kernel_drops},
                           {"queue_drops", &QualityMinute::queue_drops},
                           {"time_repaired", &QualityMinute::time_repaired},
                           {"rejected", &QualityMinute::rejected},
                           {"unsampled", &QualityMinute::unsampled},
                           {"duplicates", &QualityMinute::duplicates}};

// Kept for ever: statements are found by their text's address.
std::string insert_text(const std::string& table, const std::string& unit) {
  std::string columns, values, updates;
  int parameter = 3;
  for (const auto& kind : kKinds) {
    const std::string column = kind.column;
    columns += ", " + column;
    values += ", max(0, ?" + std::to_string(parameter) + ")";
    updates += std::string(updates.empty() ? "" : ", ") + column + " = max(0, " + column + " + ?" +
               std::to_string(parameter) + ")";
    ++parameter;
  }
  return "INSERT INTO " + table + " (" + unit + ", exporter" + columns + ") VALUES (?1, ?2" + values +
         ") ON CONFLICT DO UPDATE SET " + updates;
}
std::string sum_text(const std::string& table, const std::string& unit) {
  std::string columns;
  for (const auto& kind : kKinds) columns += std::string(", sum(") + kind.column + ")";
  return "SELECT exporter" + columns + " FROM " + table + " WHERE " + unit + " >= ?1 AND " + unit +
         " < ?2 GROUP BY exporter";
}

}  // namespace

void QualityMinute::add(const QualityMinute& other) {
  for (const auto& kind : kKinds) this->*kind.member += other.*kind.member;
}

void QualityMinute::subtract(const QualityMinute& other) {
  for (const auto& kind : kKinds) this->*kind.member -= other.*kind.member;
}

bool QualityTables::has_column(std::string_view table, std::string_view name) {
  return database_.prepare("SELECT 1 FROM pragma_table_info(?1) WHERE name = ?2").bind(1, table).bind(2, name).step();
}

void QualityTables::upgrade() {
  if (!has_column("quality", "unsampled"))
    database_.execute("ALTER TABLE quality ADD COLUMN unsampled INTEGER NOT NULL DEFAULT 0");
  if (!has_column("quality", "duplicates"))
    database_.execute("ALTER TABLE quality ADD COLUMN duplicates INTEGER NOT NULL DEFAULT 0");
  if (database_.prepare("SELECT 1 FROM quality_hour LIMIT 1").step()) return;
  database_.execute(
      "INSERT INTO quality_hour (hour, exporter, lost, malformed, waiting_for_template, kernel_drops, queue_drops, "
      "time_repaired, rejected) "
      "SELECT minute / 60, exporter, sum(lost), sum(malformed), sum(waiting_for_template), sum(kernel_drops), "
      "sum(queue_drops), sum(time_repaired), sum(rejected) "
      "FROM quality GROUP BY minute / 60, exporter");
}

void QualityTables::save(const Changes& changes) {
  static const std::string kMinute = insert_text("quality", "minute"), kHour = insert_text("quality_hour", "hour");
  if (changes.empty()) return;
  Transaction transaction(database_, true);
  for (const auto& minute : changes.minutes) {
    for (const auto& [text, unit] : {std::pair(&kMinute, std::int64_t{1}), std::pair(&kHour, kHourMinutes)}) {
      auto statement = database_.prepare(text->c_str());
      statement.bind(1, minute.minute / unit).bind(2, minute.exporter);
      int parameter = 3;
      for (const auto& kind : kKinds) statement.bind(parameter++, minute.*kind.member);
      statement.run();
    }
  }
  for (const auto& [exporter, silence] : changes.silences) {
    database_.prepare("INSERT OR REPLACE INTO silence (exporter, from_ms, to_ms) VALUES (?1, ?2, ?3)")
        .bind(1, exporter)
        .bind(2, silence.from_ms)
        .bind(3, silence.to_ms)
        .run();
    database_
        .prepare(
            "DELETE FROM silence WHERE exporter = ?1 AND from_ms <= (SELECT from_ms FROM silence WHERE exporter = ?1 "
            "ORDER BY from_ms DESC LIMIT 1 OFFSET ?2)")
        .bind(1, exporter)
        .bind(2, kMaxSilencesPerExporter)
        .run();
  }
  for (const auto& rhythm : changes.rhythms) {
    database_.prepare("INSERT OR REPLACE INTO rhythm (exporter, tolerated_ms, report_ms) VALUES (?1, ?2, ?3)")
        .bind(1, rhythm.exporter)
        .bind(2, rhythm.tolerated_ms)
        .bind(3, rhythm.report_ms)
        .run();
  }
  for (const auto& time : changes.times) {
    database_.prepare("INSERT OR REPLACE INTO collected (start_ms, end_ms, imported) VALUES (?1, ?2, ?3)")
        .bind(1, time.start_ms)
        .bind(2, time.end_ms)
        .bind(3, std::int64_t{time.imported})
        .run();
    database_
        .prepare(
            "DELETE FROM collected WHERE start_ms <= (SELECT start_ms FROM collected ORDER BY start_ms DESC LIMIT 1 "
            "OFFSET ?1)")
        .bind(1, kMaxTimes)
        .run();
  }
  transaction.commit();
}

std::vector<QualityMinute> QualityTables::sums(const TimeRange& range) {
  static const std::string kMinutes = sum_text("quality", "minute"), kHours = sum_text("quality_hour", "hour");
  if (!database_.has_table("quality_hour")) return {};
  const auto first = range.from_ms / kMinuteMs, end = (range.to_ms + kMinuteMs - 1) / kMinuteMs;
  const auto first_hour = (first + kHourMinutes - 1) / kHourMinutes, end_hour = end / kHourMinutes;
  std::map<std::uint32_t, QualityMinute> sums;
  const auto add = [&](const std::string& text, std::int64_t from, std::int64_t to) {
    if (from >= to) return;
    auto statement = database_.prepare(text.c_str());
    statement.bind(1, from).bind(2, to);
    while (statement.step()) {
      QualityMinute sum{.exporter = static_cast<std::uint32_t>(statement.integer(0))};
      int column = 1;
      for (const auto& kind : kKinds) sum.*kind.member = statement.integer(column++);
      auto& of = sums[sum.exporter];
      of.exporter = sum.exporter;
      of.add(sum);
    }
  };
  if (first_hour < end_hour) {
    add(kMinutes, first, first_hour * kHourMinutes);
    add(kHours, first_hour, end_hour);
    add(kMinutes, end_hour * kHourMinutes, end);
  } else {
    add(kMinutes, first, end);
  }
  std::vector<QualityMinute> list;
  for (const auto& [exporter, sum] : sums) list.push_back(sum);
  return list;
}

std::vector<ExporterSilence> QualityTables::silences(const TimeRange& range) {
  std::vector<ExporterSilence> found;
  if (!database_.has_table("silence")) return found;
  auto statement = database_.prepare(
      "SELECT exporter, from_ms, to_ms FROM silence WHERE from_ms < ?2 AND (to_ms = 0 OR to_ms > ?1) ORDER BY from_ms");
  statement.bind(1, range.from_ms).bind(2, range.to_ms);
  while (statement.step()) {
    found.push_back({.exporter = static_cast<std::uint32_t>(statement.integer(0)),
                     .silence = {.from_ms = statement.integer(1), .to_ms = statement.integer(2)}});
  }
  return found;
}

std::vector<ExporterSilence> QualityTables::open_silences() {
  std::vector<ExporterSilence> found;
  if (!database_.has_table("silence")) return found;
  auto statement = database_.prepare("SELECT exporter, from_ms FROM silence WHERE to_ms = 0");
  while (statement.step())
    found.push_back({.exporter = static_cast<std::uint32_t>(statement.integer(0)),
                     .silence = {.from_ms = statement.integer(1), .to_ms = 0}});
  return found;
}

std::vector<ExporterRhythm> QualityTables::rhythms() {
  std::vector<ExporterRhythm> found;
  if (!database_.has_table("rhythm")) return found;
  auto statement = database_.prepare("SELECT exporter, tolerated_ms, report_ms FROM rhythm ORDER BY exporter");
  while (statement.step()) {
    found.push_back({.exporter = static_cast<std::uint32_t>(statement.integer(0)),
                     .tolerated_ms = statement.integer(1),
                     .report_ms = statement.integer(2)});
  }
  return found;
}

std::vector<CollectedTime> QualityTables::times(const TimeRange& range) {
  std::vector<CollectedTime> found;
  if (!database_.has_table("collected")) return found;
  auto statement = database_.prepare(
      "SELECT start_ms, end_ms, imported FROM collected WHERE (end_ms >= ?1 AND start_ms < ?2) "
      "OR start_ms = (SELECT start_ms FROM collected WHERE imported = 0 AND end_ms < ?1 ORDER BY end_ms DESC LIMIT 1) "
      "OR start_ms = (SELECT start_ms FROM collected WHERE imported = 0 AND start_ms >= ?2 ORDER BY start_ms LIMIT 1) "
      "ORDER BY start_ms");
  statement.bind(1, range.from_ms).bind(2, range.to_ms);
  while (statement.step())
    found.push_back(
        {.start_ms = statement.integer(0), .end_ms = statement.integer(1), .imported = statement.integer(2) != 0});
  return found;
}

void QualityTables::forget_before(std::int64_t epoch_ms) {
  database_.prepare("DELETE FROM quality WHERE minute < ?1").bind(1, epoch_ms / kMinuteMs).run();
  database_.prepare("DELETE FROM quality_hour WHERE hour < ?1").bind(1, epoch_ms / kMinuteMs / kHourMinutes).run();
  database_.prepare("DELETE FROM silence WHERE to_ms != 0 AND to_ms < ?1").bind(1, epoch_ms).run();
  database_.prepare("DELETE FROM collected WHERE end_ms < ?1").bind(1, epoch_ms).run();
}

bool QualityTables::is_running(std::int64_t now_ms) {
  if (!database_.has_table("collected")) return false;
  auto statement = database_.prepare("SELECT max(end_ms) FROM collected WHERE imported = 0");
  return statement.step() && !statement.is_null(0) && now_ms - statement.integer(0) <= kAliveMs;
}

RangeQuality QualityTables::in_range(const TimeRange& range, const std::vector<std::uint32_t>& exporters,
                                     std::int64_t now_ms, bool running) {
  RangeQuality quality;
  const auto wanted = [&](std::uint32_t id) { return std::binary_search(exporters.begin(), exporters.end(), id); };
  for (const auto id : exporters) quality.exporters.push_back({.exporter = id});
  const auto of = [&](std::uint32_t id) -> ExporterQuality* {
    const auto at = std::lower_bound(quality.exporters.begin(), quality.exporters.end(), id,
                                     [](const auto& e, auto wanted_id) { return e.exporter < wanted_id; });
    return at == quality.exporters.end() || at->exporter != id ? nullptr : &*at;
  };
  const auto count = [](std::int64_t n) { return static_cast<std::uint64_t>(std::max<std::int64_t>(n, 0)); };
  for (const auto& sum : exporters.empty() ? std::vector<QualityMinute>{} : sums(range)) {
    auto* e = of(sum.exporter);
    if (e == nullptr) continue;
    e->lost = count(sum.lost);
    e->malformed = count(sum.malformed);
    e->waiting = count(sum.waiting_for_template);
    e->dropped = count(sum.kernel_drops) + count(sum.queue_drops);
    e->repaired = count(sum.time_repaired);
    e->refused = count(sum.rejected);
    e->unsampled = count(sum.unsampled);
    e->duplicates = count(sum.duplicates);
  }
  auto heard = database_.prepare("SELECT id, last_seen_ms, protocols FROM exporter");
  std::map<std::uint32_t, std::int64_t> last_seen;
  while (heard.step()) {
    const auto id = static_cast<std::uint32_t>(heard.integer(0));
    last_seen[id] = heard.integer(1);
    if (auto* e = of(id)) e->protocols = static_cast<std::uint32_t>(heard.integer(2));
  }
  if (running) {
    for (const auto& rhythm : rhythms()) {
      auto* e = of(rhythm.exporter);
      if (e != nullptr && rhythm.tolerated_ms != 0 && last_seen.count(rhythm.exporter))
        e->complete_to_ms = std::max<std::int64_t>(last_seen[rhythm.exporter] - rhythm.report_ms, 1);
    }
  }
  const auto end_ms = std::min(range.to_ms, now_ms);
  for (const auto& [exporter, silence] : silences(range)) {
    if (!wanted(exporter)) continue;
    const auto to_ms = silence.to_ms == 0 ? end_ms : std::min(silence.to_ms, end_ms);
    const auto from_ms = std::max(silence.from_ms, range.from_ms);
    if (from_ms < to_ms)
      quality.gaps.push_back(
          {.from_ms = from_ms, .to_ms = to_ms, .reason = GapReason::kNotHeard, .exporter = exporter});
  }
  for (const auto& open : open_silences()) {
    if (auto* e = of(open.exporter)) e->complete_to_ms = 0;
  }
  for (const auto& gap : collector_gaps(times(range), range, now_ms, running)) quality.gaps.push_back(gap);
  if (quality.gaps.size() > kMaxGaps) {
    // The longest say most.
    std::nth_element(quality.gaps.begin(), quality.gaps.begin() + kMaxGaps, quality.gaps.end(),
                     [](const Gap& a, const Gap& b) { return a.to_ms - a.from_ms > b.to_ms - b.from_ms; });
    quality.gaps.resize(kMaxGaps);
    quality.more_gaps = true;
  }
  std::stable_sort(quality.gaps.begin(), quality.gaps.end(),
                   [](const Gap& a, const Gap& b) { return a.from_ms < b.from_ms; });
  return quality;
}

std::vector<Gap> collector_gaps(const std::vector<CollectedTime>& times, const TimeRange& range, std::int64_t now_ms,
                                bool running) {
  std::vector<TimeRange> holes;
  std::int64_t covered_to = 0;
  bool begun = false;
  for (const auto& time : times) {
    if (time.imported) continue;
    if (begun && time.start_ms > covered_to) holes.push_back({.from_ms = covered_to, .to_ms = time.start_ms});
    covered_to = begun ? std::max(covered_to, time.end_ms) : time.end_ms;
    begun = true;
  }
  if (begun && !running && covered_to < now_ms) holes.push_back({.from_ms = covered_to, .to_ms = now_ms});
  for (const auto& time : times) {
    if (!time.imported) continue;
    std::vector<TimeRange> left;
    for (const auto& hole : holes) {
      if (time.end_ms <= hole.from_ms || time.start_ms >= hole.to_ms) {
        left.push_back(hole);
        continue;
      }
      if (hole.from_ms < time.start_ms) left.push_back({.from_ms = hole.from_ms, .to_ms = time.start_ms});
      if (time.end_ms < hole.to_ms) left.push_back({.from_ms = time.end_ms, .to_ms = hole.to_ms});
    }
    holes = std::move(left);
  }
  std::vector<Gap> gaps;
  for (const auto& hole : holes) {
    const auto from_ms = std::max(hole.from_ms, range.from_ms), to_ms = std::min({hole.to_ms, range.to_ms, now_ms});
    if (from_ms < to_ms) gaps.push_back({.from_ms = from_ms, .to_ms = to_ms, .reason = GapReason::kCollectorDown});
  }
  return gaps;
}

}  // namespace weir
