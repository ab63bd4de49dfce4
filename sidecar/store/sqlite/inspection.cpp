// Counts come from the tables, decoding goes the way that queries go.
#include "store/sqlite/inspection.hpp"

#include <filesystem>

#include "store/sqlite/day_file.hpp"
#include "store/sqlite/snapshot_parts.hpp"

namespace weir {

namespace {

std::string path_of(const std::string& dir, const std::string& name) { return dir + "/days/" + name + ".sqlite"; }

void decode_segments(const std::vector<SegmentInfo>& infos, const std::shared_ptr<DayHandle>& handle, DayReport& report,
                     const std::function<void()>& on_segment) {
  ColumnCache nothing_kept(0);
  for (const auto& info : infos) {
    const SealedSegment segment(info, handle, nothing_kept);
    try {
      for (const auto& column : kColumns) segment.column(column.id);
      segment.check_filters();
    } catch (const std::exception& e) {
      report.damage.emplace_back(e.what());
    }
    if (on_segment) on_segment();
  }
}

}  // namespace

std::vector<std::string> inspected_days(const std::string& dir) {
  std::vector<std::string> names;
  for (const auto day : list_days(dir + "/days")) names.push_back(day_name(day));
  return names;
}

std::optional<DayReport> inspect_day(const std::string& dir, const std::string& name, bool decode,
                                     const std::function<void()>& on_segment) {
  DayReport report{.name = name, .path = path_of(dir, name), .range = {}, .column_bytes = {}, .damage = {}};
  ReaderPool readers(1);
  const auto handle = std::make_shared<DayHandle>(parse_day_name(name).value_or(0), report.path, readers);
  std::vector<SegmentInfo> infos;
  try {
    auto lease = handle->lease();
    Transaction transaction(*lease, false);
    if (check_day_schema(*lease)) {
      infos = read_segments(*lease);
      const auto journal = read_journal(*lease);
      for (const auto& [lane, rows] : journal.rows) {
        report.unsealed += rows.size();
        for (const auto& row : rows) widen(report.range, row.start_ms, row.end_ms);
      }
      report.damage.insert(report.damage.end(), journal.damage.begin(), journal.damage.end());
      auto sizes = lease->prepare("SELECT key & 65535, SUM(LENGTH(data)) FROM segment_column GROUP BY 1");
      while (sizes.step()) {
        const auto id = static_cast<ColumnId>(sizes.integer(0));
        if (is_filter(id)) report.filter_bytes += sizes.unsigned_integer(1);
        else report.column_bytes[id] = sizes.unsigned_integer(1);
      }
    } else {
      report.damage.push_back(report.path + ": the file is empty");
    }
    transaction.commit();
  } catch (const SqliteError& e) {
    if (!std::filesystem::exists(report.path)) return std::nullopt;
    report.damage.emplace_back(e.what());
  }
  report.bytes = file_bytes(report.path);
  report.segments = infos.size();
  for (const auto& info : infos) {
    report.sealed += info.rows;
    widen(report.range, info.min_start_ms, info.max_end_ms);
  }
  if (decode) decode_segments(infos, handle, report, on_segment);
  return report;
}

}  // namespace weir
