// The statements of a day file.
#include "store/sqlite/day_file.hpp"

#include <sqlite3.h>

#include <algorithm>

#include "store/sqlite/schema.hpp"

namespace weir {

namespace {

constexpr std::int64_t kDayVersion = 1;

}  // namespace

bool check_day_schema(Database& database) {
  const auto version = database.number_of("PRAGMA user_version");
  if (version == kDayVersion) return true;
  if (version > kDayVersion) {
    throw SqliteError(database.path(),
                      "made by a newer version of Weir (format " + std::to_string(version) + "); update this one",
                      SQLITE_MISMATCH);
  }
  if (database.number_of("SELECT count(*) FROM sqlite_master") != 0)
    throw SqliteError(database.path(), "not a day file of Weir", SQLITE_NOTADB);
  return false;
}

std::vector<SegmentInfo> read_segments(Database& database) {
  std::vector<SegmentInfo> segments;
  auto statement = database.prepare(
      "SELECT id, rows, min_start_ms, max_end_ms, columns, sealed_ms, checksum FROM segment ORDER BY id");
  while (statement.step()) {
    segments.push_back({.id = statement.integer(0),
                        .rows = static_cast<std::uint32_t>(statement.integer(1)),
                        .min_start_ms = statement.integer(2),
                        .max_end_ms = statement.integer(3),
                        .columns = static_cast<std::uint32_t>(statement.integer(4)),
                        .sealed_ms = statement.integer(5),
                        .checksum = statement.unsigned_integer(6)});
  }
  return segments;
}

DayFile::DayFile(const std::string& path) : database_(path, Database::Access::kCreate) {
  if (!check_day_schema(database_)) {
    Transaction transaction(database_, true);
    database_.execute(kDaySchema);
    transaction.commit();
  }
  // What a start reads must be sound before more is written: a damaged page can take rows without complaint, and not
  // show them.
  for (const auto* table : {"PRAGMA quick_check(segment)", "PRAGMA quick_check(journal)", "PRAGMA quick_check(sealed)",
                            "PRAGMA quick_check(exporter)", "PRAGMA quick_check(progress)"}) {
    auto statement = database_.prepare(table);
    if (statement.step() && statement.text(0) != "ok")
      throw SqliteError(path, "database disk image is malformed (" + statement.text(0) + ")", SQLITE_CORRUPT);
  }
  commits_ = static_cast<std::uint64_t>(database_.number_of("SELECT commits FROM progress"));
  // Each transaction writes one segment at most, so that the ids of deleted ones are not given again either.
  next_segment_ = std::max(database_.number_of("SELECT max(id) FROM segment"), static_cast<std::int64_t>(commits_)) + 1;
}

std::vector<SegmentInfo> DayFile::write(const DayCommit& commit) {
  std::vector<SegmentInfo> written;
  Transaction transaction(database_, true);
  for (const auto& [id, address] : commit.exporters) {
    database_.prepare("INSERT OR REPLACE INTO exporter (id, address) VALUES (?1, ?2)")
        .bind(1, id)
        .bind(2, std::string_view(address.text()))
        .run();
  }
  for (const auto& segment : commit.segments)
    written.push_back(insert(segment, next_segment_ + static_cast<std::int64_t>(written.size())));
  const auto newest = database_.number_of("SELECT max(seq) FROM journal");
  for (const auto& batch : commit.journal) append_batch(database_, batch);
  for (const auto& [lane, below] : commit.sealed_below) mark_sealed(database_, lane, below);
  for (const auto& lane : commit.finished) forget_lane(database_, lane);
  count_commit();
  verify(written, newest, commit.journal.size());
  transaction.commit();
  ++commits_;
  next_segment_ =
      std::max(next_segment_ + static_cast<std::int64_t>(written.size()), static_cast<std::int64_t>(commits_) + 1);
  return written;
}

// For pages of segment_column, which are too many to be checked each time.
void DayFile::verify(const std::vector<SegmentInfo>& segments, std::int64_t newest_seq, std::size_t batches) {
  const auto fail = [&](const std::string& what) {
    throw SqliteError(database_.path(), "database disk image is malformed (" + what + " cannot be read back)",
                      SQLITE_CORRUPT);
  };
  for (const auto& info : segments) {
    const auto columns = read_column_list(database_, info.id);
    if (columns.size() != info.columns || segment_checksum(info, columns) != info.checksum)
      fail("the segment just written");
  }
  auto statement = database_.prepare("SELECT count(*) FROM journal WHERE seq > ?1");
  statement.bind(1, newest_seq);
  if (!statement.step() || statement.unsigned_integer(0) != batches) fail("the journal just written");
}

void DayFile::count_commit() {
  database_.prepare("UPDATE progress SET commits = ?1").bind_unsigned(1, commits_ + 1).run();
}

void DayFile::forget_segments(const std::vector<std::int64_t>& ids) {
  {
    Transaction transaction(database_, true);
    for (const auto id : ids) {
      remove_segment(database_, id);
    }
    count_commit();
    transaction.commit();
  }
  ++commits_;
  next_segment_ = std::max(next_segment_, static_cast<std::int64_t>(commits_) + 1);
  database_.release_free_pages();
  database_.checkpoint();
}

SegmentInfo DayFile::insert(const EncodedSegment& segment, std::int64_t id) {
  SegmentInfo info = segment.info;
  info.id = id;
  std::vector<StoredColumnInfo> columns;
  for (const auto& column : segment.columns) columns.push_back(column.info);
  info.checksum = segment_checksum(info, columns);
  insert_segment(database_, info, segment.columns);
  return info;
}

std::vector<std::pair<std::uint32_t, IpAddress>> DayFile::exporters() {
  std::vector<std::pair<std::uint32_t, IpAddress>> exporters;
  auto statement = database_.prepare("SELECT id, address FROM exporter");
  while (statement.step()) {
    if (const auto address = parse_ip_address(statement.text(1)))
      exporters.emplace_back(static_cast<std::uint32_t>(statement.integer(0)), *address);
  }
  return exporters;
}

void DayFile::checkpoint(bool finish) {
  if (finish) {
    database_.leave_log_mode();
  } else if (database_.log_bytes() > log_bytes_) {
    database_.checkpoint();
  }
}

void DayFile::keep_log_below(std::uint64_t bytes) {
  log_bytes_ = bytes;
  database_.keep_log_below(bytes);
}

}  // namespace weir
