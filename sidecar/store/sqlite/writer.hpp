// The writing side of the store: takes sessions in, commits them to the day files, seals segments, deletes old days, and
// puts everything back together at start-up. One thread; it shares StoreState with the snapshots.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "store/sqlite/catalog.hpp"
#include "store/sqlite/day_file.hpp"
#include "store/sqlite/exporter_ledger.hpp"
#include "store/sqlite/settings.hpp"
#include "store/sqlite/store_state.hpp"
#include "store/sqlite/template_ledger.hpp"

namespace weir {

class Writer {
 public:
  Writer(const SqliteStoreSettings& settings, const Clock& clock, ExporterTable& exporters, Guarded<StoreState>& state,
         Guarded<Catalog>& catalog, TemplateLedger& templates, ColumnCache& cache, ReaderPool& readers);

  // Finds the days, reloads the journals, sets damaged files aside. Throws std::runtime_error when the data folder cannot
  // be used at all. Before anything else.
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
  // False, and nothing done, when the file has a journal all the same.
  bool load_closed_day(std::int32_t day);
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
  void look_after_files();
  void delete_old_days();
  void set_day_aside(std::int32_t day, const std::string& why);
  void note_failure(const std::string& what);
  std::string day_path(std::int32_t day) const;

  const SqliteStoreSettings& settings_;
  const Clock& clock_;
  Guarded<StoreState>& state_;
  Guarded<Catalog>& catalog_;
  TemplateLedger& templates_;
  ColumnCache& cache_;
  ReaderPool& readers_;
  ExporterLedger ledger_;
  Compressor compressor_;
  std::map<std::int32_t, OpenDay> open_;
  const std::uint64_t run_ = new_run();
  std::uint64_t uses_ = 0;
  std::int64_t last_commit_ms_ = 0, retry_at_ms_ = 0, last_minute_ = 0;
};

}  // namespace weir
