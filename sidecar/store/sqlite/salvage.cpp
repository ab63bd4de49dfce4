// Tables are walked from both ends up to the damage, rows are taken one by one, and a segment counts only when its
// checksum is right. A segment whose row of the list is lost is made again from its columns.
#include "store/sqlite/salvage.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <optional>
#include <set>
#include <vector>

#include "core/counted.hpp"
#include "store/encoding.hpp"
#include "store/sqlite/day_file.hpp"

namespace weir {

namespace {

struct Numbers {
  std::set<std::int64_t> all;
  bool complete = true;
};

// The numbers that a query gives, ascending and descending, each up to the first damage.
Numbers numbers_of(Database& database, const char* ascending, const char* descending) {
  Numbers numbers;
  for (const auto* sql : {ascending, descending}) {
    try {
      auto statement = database.prepare(sql);
      while (statement.step()) numbers.all.insert(statement.integer(0));
    } catch (const SqliteError& e) {
      if (!e.is_damage()) throw;
      numbers.complete = false;
    }
  }
  return numbers;
}

std::optional<Column> column_of(const EncodedSegment& segment, ColumnId id) {
  const auto part =
      std::find_if(segment.columns.begin(), segment.columns.end(), [&](const auto& p) { return p.info.id == id; });
  if (part == segment.columns.end()) return std::nullopt;
  const auto bytes = decompress(part->frame, kMaxColumnBytes);
  if (!bytes) return std::nullopt;
  auto column = read_column(*bytes);
  if (!column) return std::nullopt;
  return std::move(*column);
}

// Every column that is there can be read and has the rows that the list says.
bool is_sound(const EncodedSegment& segment) {
  return std::all_of(segment.columns.begin(), segment.columns.end(), [&](const auto& part) {
    if (is_filter(part.info.id)) return decompress(part.frame, kMaxColumnBytes).has_value();
    const auto column = column_of(segment, part.info.id);
    return column && column->rows == segment.info.rows && column->form == part.info.form;
  });
}

// The list's row is lost: rows and times come from the columns.
bool describe(EncodedSegment& segment) {
  const auto start = column_of(segment, ColumnId::kStart), duration = column_of(segment, ColumnId::kDuration),
             client = column_of(segment, ColumnId::kClient);
  if (!start || !client || start->rows == 0) return false;
  segment.info.rows = start->rows;
  segment.info.min_start_ms = static_cast<std::int64_t>(start->number_at(0));
  segment.info.max_end_ms = segment.info.min_start_ms;
  if (duration && duration->rows != start->rows) return false;
  for (std::uint32_t row = 0; row < start->rows; ++row) {
    const auto from = static_cast<std::int64_t>(start->number_at(row));
    segment.info.min_start_ms = std::min(segment.info.min_start_ms, from);
    segment.info.max_end_ms =
        std::max(segment.info.max_end_ms, from + (duration ? static_cast<std::int64_t>(duration->number_at(row)) : 0));
  }
  segment.info.columns = static_cast<std::uint32_t>(segment.columns.size());
  return true;
}

std::optional<EncodedSegment> read_segment(Database& database, std::int64_t id, const Numbers& keys) {
  EncodedSegment segment;
  bool listed = false;
  std::uint64_t checksum = 0;
  try {
    auto row = database.prepare(
        "SELECT rows, min_start_ms, max_end_ms, columns, sealed_ms, checksum FROM segment WHERE id = ?1");
    row.bind(1, id);
    if ((listed = row.step())) {
      segment.info = {.id = id,
                      .rows = static_cast<std::uint32_t>(row.integer(0)),
                      .min_start_ms = row.integer(1),
                      .max_end_ms = row.integer(2),
                      .columns = static_cast<std::uint32_t>(row.integer(3)),
                      .sealed_ms = row.integer(4),
                      .checksum = 0};
      checksum = row.unsigned_integer(5);
    }
  } catch (const SqliteError& e) {
    if (!e.is_damage()) throw;
  }
  std::vector<StoredColumnInfo> infos;
  for (auto key = keys.all.lower_bound(id << 16); key != keys.all.end() && *key >> 16 == id; ++key) {
    try {
      auto part = read_part(database, *key);
      if (!part) return std::nullopt;
      infos.push_back(part->info);
      segment.columns.push_back(std::move(*part));
    } catch (const SqliteError& e) {
      if (!e.is_damage()) throw;
      return std::nullopt;
    }
  }
  if (listed) {
    if (infos.size() != segment.info.columns || segment_checksum(segment.info, infos) != checksum) return std::nullopt;
  } else if (!keys.complete || !describe(segment)) {
    // A column that is lost as well would read as absent.
    return std::nullopt;
  }
  if (!is_sound(segment)) return std::nullopt;
  return segment;
}

std::optional<JournalBatch> read_batch(Database& database, std::int64_t seq) {
  try {
    auto row = database.prepare(
        "SELECT run, lane, first_id, last_id, rows, min_start_ms, max_end_ms, data FROM journal WHERE seq = ?1");
    row.bind(1, seq);
    if (!row.step()) return std::nullopt;
    JournalBatch batch{.lane = {.run = row.unsigned_integer(0), .range = row.unsigned_integer(1)},
                       .first_id = row.unsigned_integer(2),
                       .last_id = row.unsigned_integer(3),
                       .rows = static_cast<std::uint32_t>(row.integer(4)),
                       .min_start_ms = row.integer(5),
                       .max_end_ms = row.integer(6),
                       .frame = {}};
    const auto frame = row.blob(7);
    batch.frame.assign(frame.begin(), frame.end());
    if (!decode_batch(batch.frame)) return std::nullopt;
    return batch;
  } catch (const SqliteError& e) {
    if (!e.is_damage()) throw;
    return std::nullopt;
  }
}

// False when not all can be read: then nobody knows which rows of the journal are in a segment already.
bool read_sealed(Database& database, DayCommit& rest) {
  try {
    auto sealed = database.prepare("SELECT run, lane, below FROM sealed");
    while (sealed.step()) {
      rest.sealed_below.emplace_back(Lane{.run = sealed.unsigned_integer(0), .range = sealed.unsigned_integer(1)},
                                     sealed.unsigned_integer(2));
    }
  } catch (const SqliteError& e) {
    if (!e.is_damage()) throw;
    return false;
  }
  return true;
}

void read_exporters(Database& database, DayCommit& rest) {
  try {
    auto exporters = database.prepare("SELECT id, address FROM exporter");
    while (exporters.step()) {
      if (const auto address = parse_ip_address(exporters.text(1)))
        rest.exporters.emplace_back(static_cast<std::uint32_t>(exporters.integer(0)), *address);
    }
  } catch (const SqliteError& e) {
    if (!e.is_damage()) throw;
  }
}

}  // namespace

std::string Salvaged::text() const {
  std::string text = "a new file has what could be read of it: " + counted(segments, "segment", "segments") + " with " +
                     counted(segment_sessions, "session", "sessions");
  if (lost_segments != 0) text += " (" + std::to_string(lost_segments) + " could not be read)";
  if (batches + lost_batches != 0) text += ", " + counted(batches, "batch", "batches") + " of the journal";
  if (lost_batches != 0) text += " (" + std::to_string(lost_batches) + " could not be read)";
  return text;
}

Salvaged salvage_day(const std::string& damaged, const std::string& fresh, bool with_journal) {
  Salvaged saved;
  Database from(damaged, Database::Access::kSalvage);
  const auto keys = numbers_of(from, "SELECT key FROM segment_column ORDER BY key",
                               "SELECT key FROM segment_column ORDER BY key DESC");
  auto ids = numbers_of(from, "SELECT id FROM segment ORDER BY id", "SELECT id FROM segment ORDER BY id DESC").all;
  for (const auto key : keys.all) ids.insert(key >> 16);
  DayFile to(fresh);
  DayCommit rest;
  read_exporters(from, rest);
  for (const auto id : ids) {
    auto segment = read_segment(from, id, keys);
    if (!segment) {
      ++saved.lost_segments;
      continue;
    }
    ++saved.segments;
    saved.segment_sessions += segment->info.rows;
    DayCommit commit;
    commit.segments.push_back(std::move(*segment));
    to.write(commit);
    to.checkpoint(false);
  }
  if (with_journal) {
    const bool known = read_sealed(from, rest);
    for (const auto seq :
         numbers_of(from, "SELECT seq FROM journal ORDER BY seq", "SELECT seq FROM journal ORDER BY seq DESC").all) {
      // A session that counts twice is worse than one that is lost and told.
      auto batch = known ? read_batch(from, seq) : std::nullopt;
      if (batch) rest.journal.push_back(std::move(*batch));
      else ++saved.lost_batches;
    }
    saved.batches = rest.journal.size();
  }
  to.write(rest);
  return saved;
}

}  // namespace weir
