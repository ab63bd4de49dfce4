// Rows go from file to file as they are: nothing is decoded. Ids of segments are never given twice, and their checksums
// tell those of another file.
#include "store/sqlite/backup.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>

#include "sqlite/database_files.hpp"
#include "store/sqlite/day_file.hpp"
#include "store/sqlite/folder_lock.hpp"
#include "store/sqlite/snapshot_parts.hpp"

namespace weir {

namespace {

namespace fs = std::filesystem;

// In the copy: the folder that it is a copy of.
constexpr const char* kCopyOf = "/copy-of";
constexpr const char* kOtherFiles[] = {"alerts.sqlite", "monitor.sqlite", "devices.sqlite", "catalog.sqlite"};

std::map<std::int64_t, SegmentInfo> segments_by_id(Database& database) {
  std::map<std::int64_t, SegmentInfo> segments;
  for (const auto& info : read_segments(database)) segments.emplace(info.id, info);
  return segments;
}

class DayCopy {
 public:
  DayCopy(Database& from, Database& to, BackupReport& report) : from_(from), to_(to), report_(report) {}

  void run() {
    Transaction reading(from_, false);
    if (!check_day_schema(from_)) return;
    Transaction writing(to_, true);
    const auto stored = segments_by_id(from_);
    const auto copied = segments_by_id(to_);
    for (const auto& [id, info] : copied) {
      const auto same = stored.find(id);
      if (same == stored.end()) remove_segment(to_, id);
    }
    for (const auto& [id, info] : stored) {
      const auto there = copied.find(id);
      if (there != copied.end() && there->second.checksum == info.checksum) {
        ++report_.segments_kept;
      } else if (read_segment(info)) {
        remove_segment(to_, id);
        write_segment(info);
        ++report_.segments_copied;
      }
    }
    copy_journal();
    copy_small_tables();
    writing.commit();
    reading.commit();
  }

 private:
  // False when a page of it is damaged.
  bool read_segment(const SegmentInfo& info) {
    parts_.clear();
    try {
      for (const auto& column : read_column_list(from_, info.id)) {
        if (auto part = read_part(from_, column_key(info.id, column.id))) parts_.push_back(std::move(*part));
      }
      if (parts_.size() != info.columns)
        throw SqliteError(from_.path(),
                          "has " + std::to_string(parts_.size()) + " of " + std::to_string(info.columns) + " columns",
                          0);
    } catch (const SqliteError& e) {
      if (!e.is_damage() && e.code() != 0) throw;
      report_.damage.push_back("segment " + std::to_string(info.id) + " of " + e.what());
      return false;
    }
    return true;
  }

  void write_segment(const SegmentInfo& info) {
    insert_segment(to_, info, parts_);
    for (const auto& part : parts_) report_.bytes_copied += part.frame.size();
  }

  void copy_journal() {
    to_.execute("DELETE FROM journal");
    auto rows =
        from_.prepare("SELECT seq, run, lane, first_id, last_id, rows, min_start_ms, max_end_ms, data FROM journal");
    while (rows.step()) {
      auto row = to_.prepare(
          "INSERT INTO journal (seq, run, lane, first_id, last_id, rows, min_start_ms, max_end_ms, data) VALUES (?1, "
          "?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");
      for (int column = 0; column < 8; ++column) row.bind(column + 1, rows.integer(column));
      const auto data = rows.blob(8);
      row.bind(9, data).run();
      report_.bytes_copied += data.size();
      ++report_.unsealed_batches;
    }
  }

  void copy_small_tables() {
    to_.execute("DELETE FROM sealed");
    auto sealed = from_.prepare("SELECT run, lane, below FROM sealed");
    while (sealed.step()) {
      to_.prepare("INSERT INTO sealed (run, lane, below) VALUES (?1, ?2, ?3)")
          .bind(1, sealed.integer(0))
          .bind(2, sealed.integer(1))
          .bind(3, sealed.integer(2))
          .run();
    }
    auto exporters = from_.prepare("SELECT id, address FROM exporter");
    while (exporters.step()) {
      const auto address = exporters.text(1);
      to_.prepare("INSERT OR REPLACE INTO exporter (id, address) VALUES (?1, ?2)")
          .bind(1, exporters.integer(0))
          .bind(2, std::string_view(address))
          .run();
    }
    auto progress = from_.prepare("SELECT commits FROM progress");
    if (progress.step()) to_.prepare("UPDATE progress SET commits = ?1").bind(1, progress.integer(0)).run();
  }

  Database& from_;
  Database& to_;
  BackupReport& report_;
  std::vector<EncodedSegment::Part> parts_;  // of the segment at hand
};

void copy_day(const std::string& from, const std::string& to, BackupReport& report) {
  DayFile{to};  // makes it, or sees that it is a sound day file
  Database target(to, Database::Access::kCreate);
  try {
    Database source(from, Database::Access::kReadOnly);
    DayCopy(source, target, report).run();
  } catch (const SqliteError& e) {
    if (e.path() != from || !e.is_damage()) throw;
    report.damage.emplace_back(e.what());
  }
  target.leave_log_mode();
}

// Databases of which all is copied each time: they are small.
void copy_whole(const std::string& from, const std::string& to, BackupReport& report) {
  const auto fresh = to + kRestoringSuffix;
  remove_database(fresh);
  try {
    Database(from, Database::Access::kReadOnly).copy_to(fresh);
  } catch (const SqliteError& e) {
    remove_database(fresh);
    if (e.path() != from || !e.is_damage()) throw;
    report.damage.emplace_back(e.what());
    return;
  }
  remove_database(to);
  rename_database(fresh, to);
  report.bytes_copied += file_bytes(to);
}

void refuse_nested(const std::string& from, const std::string& to) {
  const auto inside = fs::weakly_canonical(to), outside = fs::weakly_canonical(from);
  if (std::mismatch(outside.begin(), outside.end(), inside.begin(), inside.end()).first == outside.end()) {
    throw std::runtime_error(to + " is within the data folder " + from +
                             ": a backup belongs elsewhere, best on another disk");
  }
}

}  // namespace

// A folder that has files is written to only if they are a copy of the same folder: another one's would be mixed with
// them, and a folder of other things would get the rights of a data folder.
void refuse_foreign(const std::string& from, const std::string& to) {
  if (!fs::exists(to) || fs::is_empty(to)) return;
  std::ifstream file(to + kCopyOf);
  std::string of;
  if (std::getline(file, of) && of == fs::weakly_canonical(from).string()) return;
  throw std::runtime_error(to +
                           (of.empty() ? " has files and is no copy that this command made" : " is a copy of " + of) +
                           ": name a folder that is empty or does not exist, or the one of the last backup of " + from);
}

BackupReport back_up(const std::string& from, const std::string& to, bool mirror,
                     const std::function<void(std::uint64_t, std::uint64_t)>& on_day) {
  refuse_nested(from, to);
  refuse_foreign(from, to);
  const FolderLock lock(to);
  std::ofstream(to + kCopyOf) << fs::weakly_canonical(from).string() << "\n";
  fs::create_directories(to + "/days");
  BackupReport report;
  const auto days = list_days(from + "/days");
  report.days = days.size();
  std::uint64_t done = 0;
  for (const auto day : days) {
    const auto name = "/days/" + day_name(day) + ".sqlite";
    // Retention may have taken it meanwhile.
    if (fs::exists(from + name)) copy_day(from + name, to + name, report);
    if (on_day) on_day(++done, days.size());
  }
  for (const auto day : list_days(to + "/days")) {
    if (std::find(days.begin(), days.end(), day) != days.end()) continue;
    if (mirror) {
      remove_database(to + "/days/" + day_name(day) + ".sqlite");
    } else {
      report.older_days.push_back(day_name(day));
    }
  }
  for (const auto* file : kOtherFiles) {
    if (const auto path = from + "/" + file; fs::exists(path)) copy_whole(path, to + "/" + file, report);
  }
  return report;
}

}  // namespace weir
