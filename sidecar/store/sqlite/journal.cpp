// A batch holds the same columns as a segment, preceded by the ids, in one zstd frame.
#include "store/sqlite/journal.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <random>

#include "store/store.hpp"

namespace weir {

namespace {

constexpr std::size_t kMaxBatchBytes = 512u << 20;  // above kSegmentRows rows that do not compress at all
constexpr std::uint32_t kIdColumn = 0;              // ColumnId starts at 1
constexpr std::size_t kBatchHeaderBytes = 8, kColumnHeaderBytes = 8;

void put_u32(std::vector<std::uint8_t>& out, std::size_t at, std::uint32_t value) {
  std::memcpy(out.data() + at, &value, sizeof value);
}
std::uint32_t get_u32(std::span<const std::uint8_t> bytes, std::size_t at) {
  std::uint32_t value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

void append_numbered(std::uint32_t number, const Column& column, std::vector<std::uint8_t>& out) {
  const auto at = out.size();
  out.resize(at + kColumnHeaderBytes);
  append_column(column, out);
  put_u32(out, at, number);
  put_u32(out, at + 4, static_cast<std::uint32_t>(out.size() - at - kColumnHeaderBytes));
}

}  // namespace

std::uint64_t new_run() {
  std::random_device entropy;
  const std::uint64_t number = std::uint64_t{entropy()} << 32 | entropy();
  return std::max<std::uint64_t>(number >> 1, 1);
}

JournalBatch encode_batch(const Lane& lane, std::span<const std::span<const Session>> parts, Compressor& compressor,
                          ColumnScratch& scratch) {
  const Session &first = parts.front().front(), &last = parts.back().back();
  JournalBatch batch{.lane = lane,
                     .first_id = first.id,
                     .last_id = last.id,
                     .min_start_ms = first.start_ms,
                     .max_end_ms = first.end_ms,
                     .frame = {}};
  std::vector<std::uint64_t> ids;
  for (const auto part : parts) {
    for (const auto& row : part) {
      ids.push_back(row.id);
      batch.min_start_ms = std::min(batch.min_start_ms, row.start_ms);
      batch.max_end_ms = std::max(batch.max_end_ms, row.end_ms);
    }
  }
  batch.rows = static_cast<std::uint32_t>(ids.size());
  std::vector<std::uint8_t> bytes(kBatchHeaderBytes);
  append_numbered(kIdColumn, encode_numbers(ids), bytes);
  const auto columns = encode_columns(parts, scratch);
  for (std::size_t i = 0; i < kColumnCount; ++i)
    append_numbered(static_cast<std::uint32_t>(kColumns[i].id), columns[i], bytes);
  put_u32(bytes, 0, batch.rows);
  put_u32(bytes, 4, static_cast<std::uint32_t>(kColumnCount + 1));
  batch.frame = compressor.compress(bytes);
  return batch;
}

Result<std::vector<Session>> decode_batch(std::span<const std::uint8_t> frame) {
  const auto opened = decompress(frame, kMaxBatchBytes);
  if (!opened) return opened.error();
  const std::span<const std::uint8_t> bytes = *opened;
  if (bytes.size() < kBatchHeaderBytes) return error("shorter than its header");
  const auto rows = get_u32(bytes, 0), count = get_u32(bytes, 4);
  if (rows > kSegmentRows) return error("longer than a segment");
  std::array<Column, kColumnCount> columns;
  for (std::size_t i = 0; i < kColumnCount; ++i) columns[i] = default_column(kColumns[i].id, rows);
  Column ids;
  std::size_t at = kBatchHeaderBytes;
  for (std::uint32_t i = 0; i < count; ++i) {
    if (bytes.size() - at < kColumnHeaderBytes) return error("cut off");
    const auto number = get_u32(bytes, at), size = get_u32(bytes, at + 4);
    at += kColumnHeaderBytes;
    if (bytes.size() - at < size) return error("cut off");
    auto column = read_column(bytes.subspan(at, size));
    at += size;
    if (!column) return error("a column is " + column.error().message);
    if (column->rows != rows) return error("of columns of unequal length");
    if (number == kIdColumn) {
      if (column->is_address) return error("without ids");
      ids = std::move(*column);
      continue;
    }
    const auto known = std::find_if(kColumns.begin(), kColumns.end(),
                                    [&](const auto& c) { return static_cast<std::uint32_t>(c.id) == number; });
    if (known == kColumns.end()) continue;  // of a newer version
    if (column->is_address != (known->type == ColumnType::kAddress)) return error("of mixed-up columns");
    columns[static_cast<std::size_t>(known - kColumns.begin())] = std::move(*column);
  }
  if (ids.rows != rows) return error("without ids");
  auto sessions = decode_rows(rows, [&](ColumnId id) -> const Column& { return columns[column_index(id)]; });
  for (std::uint32_t row = 0; row < rows; ++row) sessions[row].id = ids.number_at(row);
  return sessions;
}

bool has_journal(Database& database) { return database.prepare("SELECT 1 FROM journal LIMIT 1").step(); }

JournalContent read_journal(Database& database) {
  JournalContent content;
  std::map<Lane, std::uint64_t> sealed_below;
  auto sealed = database.prepare("SELECT run, lane, below FROM sealed");
  while (sealed.step()) {
    const Lane lane{.run = sealed.unsigned_integer(0), .range = sealed.unsigned_integer(1)};
    sealed_below[lane] = sealed.unsigned_integer(2);
  }
  std::map<Lane, std::map<std::uint64_t, Session>> latest;
  auto batches = database.prepare("SELECT run, lane, data, seq, rows, last_id FROM journal ORDER BY seq");
  while (batches.step()) {
    const Lane lane{.run = batches.unsigned_integer(0), .range = batches.unsigned_integer(1)};
    // Sealing forgets such batches in its own transaction. One that is here came afterwards, from a later run that had
    // the same number: format 1 was once written by versions that gave a number again after a clean stop.
    if (const auto below = sealed_below.find(lane);
        below != sealed_below.end() && batches.unsigned_integer(5) < below->second) {
      sealed_below.erase(below);
    }
    const auto rows = decode_batch(batches.blob(2));
    if (!rows) {
      content.damage.push_back(database.path() + ": journal batch " + std::to_string(batches.integer(3)) + " with " +
                               std::to_string(batches.integer(4)) + " sessions is " + rows.error().message);
      continue;
    }
    const auto below = sealed_below.find(lane);
    for (const auto& row : *rows) {
      if (below == sealed_below.end() || row.id >= below->second) latest[lane].insert_or_assign(row.id, row);
    }
  }
  for (auto& [lane, rows] : latest) {
    auto& list = content.rows[lane];
    list.reserve(rows.size());
    for (auto& [id, row] : rows) list.push_back(row);
  }
  return content;
}

void append_batch(Database& database, const JournalBatch& batch) {
  database
      .prepare(
          "INSERT INTO journal (run, lane, first_id, last_id, rows, min_start_ms, max_end_ms, data) VALUES (?1, ?2, "
          "?3, ?4, ?5, ?6, ?7, ?8)")
      .bind_unsigned(1, batch.lane.run)
      .bind_unsigned(2, batch.lane.range)
      .bind_unsigned(3, batch.first_id)
      .bind_unsigned(4, batch.last_id)
      .bind(5, batch.rows)
      .bind(6, batch.min_start_ms)
      .bind(7, batch.max_end_ms)
      .bind(8, std::span<const std::uint8_t>(batch.frame))
      .run();
}

void mark_sealed(Database& database, const Lane& lane, std::uint64_t below) {
  database
      .prepare(
          "INSERT INTO sealed (run, lane, below) VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET below = excluded.below")
      .bind_unsigned(1, lane.run)
      .bind_unsigned(2, lane.range)
      .bind_unsigned(3, below)
      .run();
  database.prepare("DELETE FROM journal WHERE run = ?1 AND lane = ?2 AND last_id < ?3")
      .bind_unsigned(1, lane.run)
      .bind_unsigned(2, lane.range)
      .bind_unsigned(3, below)
      .run();
  database
      .prepare(
          "DELETE FROM sealed WHERE run = ?1 AND lane = ?2 AND NOT EXISTS "
          "(SELECT 1 FROM journal WHERE run = ?1 AND lane = ?2 AND first_id < ?3)")
      .bind_unsigned(1, lane.run)
      .bind_unsigned(2, lane.range)
      .bind_unsigned(3, below)
      .run();
}

void forget_lane(Database& database, const Lane& lane) {
  for (const char* sql :
       {"DELETE FROM journal WHERE run = ?1 AND lane = ?2", "DELETE FROM sealed WHERE run = ?1 AND lane = ?2"}) {
    database.prepare(sql).bind_unsigned(1, lane.run).bind_unsigned(2, lane.range).run();
  }
}

}  // namespace weir
