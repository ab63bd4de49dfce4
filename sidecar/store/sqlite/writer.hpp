// The writing side of the store: takes sessions in, commits them to the day files, seals segments, deletes old days,
// and puts everything back together at start-up. One thread; it shares StoreState with the snapshots.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "store/sqlite/day_file.hpp"
#include "store/sqlite/exporter_ledger.hpp"
#include "store/sqlite/learnt_ledger.hpp"
#include "store/sqlite/live_catalog.hpp"
#include "store/sqlite/quality_ledger.hpp"
#include "store/sqlite/retention_clock.hpp"
#include "store/sqlite/settings.hpp"
#include "store/sqlite/store_state.hpp"

namespace weir {

class Writer {
 public:
  Writer(const SqliteStoreSettings& settings, const Clock& clock, ExporterTable& exporters, Guarded<StoreState>& state,
         LiveCatalog& catalog, TemplateLedger& templates, RateLedger& rates, ToldLedger& told, ColumnCache& cache,
         ReaderPool& readers);

  // Finds the days, reloads the journals, sets damaged files aside. Throws std::runtime_error when the data folder
  // cannot be used at all. Before anything else.
  void recover();

  void add(const SessionBatch& batch);
  // Seals what is full; and once per commit interval commits everything.
  void work();
  // Commits everything now. False when the disk refused; StoreState::last_error says why, and the rows stay in memory.
  bool commit();
  // Seals everything and closes the files: nothing more will come.
  void finish();

 private:
  // A file that is open for writing.
  struct OpenDay {
    std::unique_ptr<DayFile> file;
    std::uint64_t used = 0;  // of uses_, when it was wanted last
    // A transaction failed in a way that leaves its outcome unknown: its number, and what it would have sealed.
    struct Unknown {
      std::uint64_t number = 0;
      std::int64_t segment = 0;  // the id that it would have
      std::vector<PendingRows::Part> parts;
    };
    std::optional<Unknown> unknown;
    bool marked = false;        // in the catalog, as open
    std::size_t exporters = 0;  // how many of them the file has
  };
  struct Plan {
    std::vector<PendingRows::Part> sealing;
    std::vector<PendingRows::Unjournaled> journal;
    std::vector<Lane> finished;
  };

  // Recovery.
  void remove_leftovers();
  void load_day(std::int32_t day, const std::optional<CatalogDay>& known);
  // Tries again to read a day whose file could not be opened before. False when it still cannot.
  bool read_unread(std::int32_t day);
  void load_sound_day(std::int32_t day, const std::optional<CatalogDay>& known);
  // False, and nothing done, when the file has a journal all the same.
  bool load_closed_day(std::int32_t day);
  void load_unwritable_day(std::int32_t day);
  void tolerate_refusal(const std::function<void()>& write);
  void load_open_day(std::int32_t day);
  void load_segments(std::int32_t day, const std::vector<SegmentInfo>& segments);
  void restore_journal(std::int32_t day, JournalContent content);

  // One transaction in one file: a segment of at most seal_rows final rows, and the journal. False when it failed.
  enum class Seal { kNothing, kFinal };
  bool commit_day(std::int32_t day, Seal seal, bool journal);
  void write_day(std::int32_t day, Seal seal, bool journal);
  Plan plan(std::int32_t day, Seal seal, bool journal) const;
  DayCommit encode(const Plan& plan);
  void apply(std::int32_t day, const std::vector<SegmentInfo>& segments, const Plan& plan);
  OpenDay& open_day(std::int32_t day);
  void settle_unknown(std::int32_t day, OpenDay& open);
  void close_day(std::int32_t day);
  void close_least_used();

  bool seal_full_days();
  // False when nothing is final, or it failed.
  bool seal_largest_day();
  bool commit_all(bool seal_all);
  bool commit_days(bool seal_all);
  void save_catalog();
  void note_failure(const std::string& what);
  void tell_dropped(std::uint64_t sessions);

  // Care for the files (day_keeping.cpp).
  void look_after_files();
  // Day files that were deleted or replaced are written again, or said to be lost.
  void look_for_lost_files();
  void put_back_day(std::int32_t day, OpenDay& open);
  void measure_files();
  void keep_within_limits();
  void delete_days(const std::vector<std::int32_t>& days, const std::string& why);
  void cut_day(const Retention::Cut& cut, const std::string& why);
  void delete_cut_segments();
  void tell_cuts();

  // A damaged day (damaged_day.cpp). `at_start`: its journal is read from the file, and is not in memory yet. False
  // when the disk refuses; then all is as it was.
  bool try_set_day_aside(std::int32_t day, const std::string& why, bool at_start);
  void set_day_aside(std::int32_t day, const std::string& why, bool at_start);
  // Makes PATH.restoring of what can be read; there is none when that is nothing. Returns what was rescued, for people.
  std::string restore_damaged(std::int32_t day, bool at_start);

  // The catalog was made anew: tells it all that it had been told.
  void refill_catalog();
  static CatalogDay summary_of(std::int32_t day, const DayEntry& entry);
  std::string day_path(std::int32_t day) const;
  // How long the log of an open day may get.
  std::uint64_t log_bytes() const;

  const SqliteStoreSettings& settings_;
  const Clock& clock_;
  Guarded<StoreState>& state_;
  LiveCatalog& catalog_;
  TemplateLedger& templates_;
  RateLedger& rates_;
  ToldLedger& told_;
  ColumnCache& cache_;
  ReaderPool& readers_;
  ExporterLedger ledger_;
  QualityLedger quality_;
  Compressor compressor_;
  ColumnScratch scratch_;
  std::map<std::int32_t, OpenDay> open_;
  const std::uint64_t run_ = new_run();
  std::uint64_t uses_ = 0, catalog_generation_ = 0;
  // On the steady clock.
  std::int64_t last_commit_ms_ = 0, retry_at_ms_ = 0, told_dropped_ms_ = 0, told_cuts_ms_ = 0;
  std::uint64_t dropped_untold_ = 0;
  bool failed_ = false;  // the commit at hand

  RetentionClock retention_clock_;
  struct CutSegment {
    std::int32_t day = 0;
    std::shared_ptr<const SealedSegment> segment;
    std::uint64_t bytes = 0;  // about
  };
  std::vector<CutSegment> cut_;  // deleted once no snapshot holds them
  std::uint64_t cut_sessions_untold_ = 0;
  std::string cut_why_;
  bool limit_told_ = false;
};

}  // namespace weir
