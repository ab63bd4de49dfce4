// The writing side of one day's file: what a commit does to it, in one transaction. The writer's thread; errors are
// SqliteError, after which the object must be dropped and made anew.
#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/ip_address.hpp"
#include "sqlite/database.hpp"
#include "store/sqlite/journal.hpp"
#include "store/sqlite/segment.hpp"

namespace weir {

// Everything that changes in a file at once.
struct DayCommit {
  std::vector<EncodedSegment> segments;
  std::vector<std::pair<Lane, std::uint64_t>> sealed_below;  // what the segments hold of the journal's lanes
  std::vector<Lane> finished;                                // lanes of which nothing is left and nothing comes
  std::vector<JournalBatch> journal;
  std::vector<std::pair<std::uint32_t, IpAddress>> exporters;
};

// The segments of an open file, whoever reads it. Throws SqliteError.
std::vector<SegmentInfo> read_segments(Database& database);
// Throws SqliteError: "made by a newer version" (not damage), or damage when it is no day file. False for a file
// without tables, whose maker was killed.
bool check_day_schema(Database& database);

class DayFile {
 public:
  // Opens or makes it.
  explicit DayFile(const std::string& path);

  // Gives the segments their ids. Returns their rows of the table.
  std::vector<SegmentInfo> write(const DayCommit& commit);
  // Transactions that this file has seen: one more after each write() and forget_segments().
  std::uint64_t commits() const { return commits_; }
  // The id of the segment that is written next. No id is given twice.
  std::int64_t next_segment() const { return next_segment_; }
  // Deletes segments that nobody reads any more, and gives their space back.
  void forget_segments(const std::vector<std::int64_t>& ids);

  std::vector<SegmentInfo> segments() { return read_segments(database_); }
  JournalContent journal() { return read_journal(database_); }
  std::vector<std::pair<std::uint32_t, IpAddress>> exporters();

  // Moves the log into the file once it is longer than keep_log_below() said; does away with it when `finish`.
  void checkpoint(bool finish);
  void keep_log_below(std::uint64_t bytes);
  // See Database.
  bool is_in_place() const { return database_.is_in_place(); }
  void copy_to(const std::string& path) { database_.copy_to(path); }
  std::uint64_t kept_bytes() { return database_.kept_bytes(); }

 private:
  SegmentInfo insert(const EncodedSegment& segment, std::int64_t id);

  void verify(const std::vector<SegmentInfo>& segments, std::int64_t newest_seq, std::size_t batches);
  void count_commit();

  Database database_;
  std::uint64_t commits_ = 0, log_bytes_ = std::uint64_t{16} << 20;  // a checkpoint costs two syncs: not for less
  std::int64_t next_segment_ = 1;
};

}  // namespace weir
