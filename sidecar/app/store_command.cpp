// `weir store`: the files of a data folder, beside a running collector or without one; repair without one.
#include <filesystem>
#include <iostream>
#include <map>
#include <stdexcept>

#include "app/commands.hpp"
#include "app/progress_bar.hpp"
#include "app/stage_settings.hpp"
#include "console/plain_text.hpp"
#include "core/clock.hpp"
#include "core/counted.hpp"
#include "store/sqlite/backup.hpp"
#include "store/sqlite/inspection.hpp"
#include "store/sqlite/repair.hpp"
#include "store/sqlite/sqlite_store.hpp"

namespace weir {

namespace {

std::string data_folder(const CommonOptions& common) {
  auto dir = load_settings(common).path("store.dir").string();
  if (!std::filesystem::is_directory(dir))
    throw std::runtime_error(dir +
                             ": no such data folder; name the one that `weir run` or `weir import` wrote to (--data)");
  return dir;
}

std::string per_session(std::uint64_t bytes, std::uint64_t sessions) {
  return sessions == 0 ? "" : std::to_string(bytes / sessions) + "." + std::to_string(bytes * 10 / sessions % 10);
}

void add_row(TextTable& table, const std::string& name, const DayReport& day) {
  table.row({name, count_text(day.sealed + day.unsealed), count_text(day.unsealed), count_text(day.segments),
             bytes_text(day.bytes), per_session(day.bytes, day.sealed + day.unsealed),
             day.range ? utc_text(day.range->from_ms) : "", day.range ? utc_text(day.range->to_ms - 1) : ""});
}

void print_columns(const std::map<ColumnId, std::uint64_t>& bytes, std::uint64_t filter_bytes, std::uint64_t sealed) {
  TextTable table({"column", ">bytes", ">per session"});
  for (const auto& column : kColumns) {
    const auto found = bytes.find(column.id);
    if (found != bytes.end())
      table.row({std::string(column.name), bytes_text(found->second), per_session(found->second, sealed)});
  }
  if (filter_bytes != 0)
    table.row({"filters of addresses", bytes_text(filter_bytes), per_session(filter_bytes, sealed)});
  if (!table.empty())
    std::cout << "\nSealed columns, compressed; one that is not listed is the same in every row:\n" << table.text();
}

}  // namespace

int store_stats_command(const CommonOptions& common) {
  const auto dir = data_folder(common);
  const auto names = inspected_days(dir);
  if (names.empty()) {
    std::cout << "Nothing is stored in " << dir << " yet.\n";
    return 0;
  }
  TextTable table({"day", ">sessions", ">not sealed", ">segments", ">size", ">per session", "from", "to"});
  DayReport total;
  int damaged = 0;
  for (const auto& name : names) {
    const auto day = inspect_day(dir, name, false);
    if (!day) continue;
    add_row(table, name, *day);
    total.sealed += day->sealed, total.unsealed += day->unsealed, total.segments += day->segments,
        total.bytes += day->bytes;
    for (const auto& [column, bytes] : day->column_bytes) total.column_bytes[column] += bytes;
    total.filter_bytes += day->filter_bytes;
    if (day->range && total.range)
      total.range = TimeRange{.from_ms = std::min(total.range->from_ms, day->range->from_ms),
                              .to_ms = std::max(total.range->to_ms, day->range->to_ms)};
    else if (day->range) total.range = day->range;
    for (const auto& what : day->damage) std::cerr << "weir store: " << what << "\n", ++damaged;
  }
  if (names.size() > 1) add_row(table, "all", total);
  std::cout << table.text();
  print_columns(total.column_bytes, total.filter_bytes, total.sealed);
  return damaged == 0 ? 0 : 1;
}

int store_check_command(const CommonOptions& common) {
  const auto dir = data_folder(common);
  const auto names = inspected_days(dir);
  std::uint64_t segments = 0, sessions = 0, damaged = 0, done = 0;
  for (const auto& name : names) {
    if (const auto day = inspect_day(dir, name, false)) segments += day->segments;
  }
  ProgressBar bar;
  for (const auto& name : names) {
    const auto day = inspect_day(dir, name, true, [&] { bar.show("Checking", ++done, segments); });
    if (!day) continue;
    sessions += day->sealed + day->unsealed;
    for (const auto& what : day->damage) std::cerr << "weir store: " << what << "\n", ++damaged;
  }
  std::cout << counted(names.size(), "day", "days") << ", " << counted(done, "segment", "segments") << ", "
            << counted(sessions, "session", "sessions")
            << " read: " << (damaged == 0 ? "all whole" : std::to_string(damaged) + " damaged") << "\n";
  if (damaged != 0)
    std::cerr << "weir store: queries leave out what is damaged and say so; the rest goes on. `weir store repair` sets "
                 "damaged files aside while the collector is stopped; a day's file of a backup, put in its place then, "
                 "brings all of it back\n";
  return damaged == 0 ? 0 : 1;
}

int store_backup_command(const StoreBackupOptions& options) {
  const auto dir = data_folder(options.common);
  ProgressBar bar;
  const auto report = back_up(dir, options.folder, options.mirror,
                              [&](std::uint64_t done, std::uint64_t all) { bar.show("Copying days", done, all); });
  std::cout << counted(report.days, "day", "days") << ": " << counted(report.segments_copied, "segment", "segments")
            << " and " << counted(report.unsealed_batches, "batch", "batches") << " copied ("
            << bytes_text(report.bytes_copied) << "), " << counted(report.segments_kept, "segment was", "segments were")
            << " there already\n";
  if (!report.older_days.empty()) {
    std::cout << options.folder << " also has " << counted(report.older_days.size(), "day", "days") << " that " << dir
              << " has no more, from " << report.older_days.front() << " on (--mirror deletes them)\n";
  }
  std::cout << "The secret of tokens is not copied: a collector that runs on the copy makes one of its own, and "
               "monitors need new tokens\n";
  for (const auto& what : report.damage) std::cerr << "weir store: not in the copy: " << what << "\n";
  return report.damage.empty() ? 0 : 1;
}

int store_repair_command(const CommonOptions& common) {
  const auto dir = data_folder(common);
  std::uint64_t segments = 0, done = 0;
  for (const auto& name : inspected_days(dir)) {
    if (const auto day = inspect_day(dir, name, false)) segments += day->segments;
  }
  ProgressBar bar;
  const SystemClock clock;
  const auto report = repair_folder(dir, clock, [&] { bar.show("Reading", ++done, segments); });
  for (const auto& file : report.repaired) {
    std::cout << file.path << ": " << file.damage << "\n  " << file.saved << "\n";
    if (!file.aside.empty())
      std::cout << "  the damaged file is " << file.aside << "; delete it when you need it no more\n";
  }
  for (const auto& what : report.left) std::cerr << "weir store: left as it is: " << what << "\n";
  std::cout << counted(report.days, "day", "days") << " read: "
            << (report.repaired.empty() && report.left.empty()
                    ? "all whole, nothing was changed"
                    : counted(report.repaired.size(), "file", "files") + " repaired")
            << "\n";
  return report.left.empty() ? 0 : 1;
}

int store_sums_command(const CommonOptions& common) {
  const auto settings = load_settings(common);
  const auto dir = data_folder(common);
  auto of_store = store_settings(settings);
  if (!of_store.sums) throw std::runtime_error("store.sums is false in weir.toml: questions would not read the sums");
  of_store.dir = dir;
  of_store.collects = false;
  of_store.deletes = false;
  const SystemClock clock;
  ExporterTable exporters(static_cast<std::uint32_t>(settings.integer("exporters.max")));
  SqliteStore store(of_store, clock, exporters);
  ProgressBar bar;
  do {
    const auto status = store.status();
    bar.show("Adding up sessions", status.summed_sessions, status.sessions);
  } while (store.make_sums());
  const auto status = store.status();
  if (!store.sums_failure().empty()) {
    std::cerr << "weir store: sums could not be made: " << store.sums_failure() << " (see who owns " << dir
              << "/sums and whether the disk has room)\n";
    return 1;
  }
  std::cout << "There are sums of " << count_text(status.summed_sessions) << " sessions, of "
            << count_text(status.sessions) << " in all";
  if (status.summed_sessions != status.sessions)
    std::cout << "; days of fewer than 20,000 sessions and the end of today have none";
  std::cout << "\n";
  return 0;
}

}  // namespace weir
