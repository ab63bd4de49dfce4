// Keeps account of what is missing, for the catalog: what exporters lost per minute, when they were silent, how they
// report, and when the collector ran. It looks about once a second and saves every few. Times are given: those of the
// clock, or of an imported capture. One thread.
#pragma once
#include <cstdint>
#include <deque>
#include <map>
#include <unordered_map>
#include <utility>

#include "flow/exporter_table.hpp"
#include "store/silence_watch.hpp"
#include "store/sqlite/live_catalog.hpp"
#include "store/sqlite/quality_tables.hpp"

namespace weir {

class QualityLedger {
 public:
  enum class Of : std::uint8_t { kCollector, kImport };
  QualityLedger(ExporterTable& table, LiveCatalog& catalog, Of of) : table_(table), catalog_(catalog), of_(of) {}

  // What earlier runs left: call it when the exporters are restored. A collector only.
  void restore(std::int64_t now_ms);
  // Takes down what rose since the last look, under the minute of that look.
  void look(std::int64_t now_ms);
  // Throws SqliteError; what was not saved is saved with the next call.
  void save(std::int64_t now_ms);
  bool is_save_due(std::int64_t now_ms) const;
  // A capture has ended; the time of the next one has nothing to do with its. Saves. Throws SqliteError.
  void end_capture(std::int64_t now_ms);
  // The catalog was made anew.
  void forget_saved() { saved_rhythms_.clear(); }

 private:
  // What may be taken back: counted, newest last, and the minute that it was counted in.
  class Outstanding {
   public:
    void count(std::int64_t minute, std::uint64_t n);
    // Calls taken(minute, n) for each minute that something is taken from.
    template <class F>
    void take_back(std::uint64_t n, F taken);

   private:
    std::deque<std::pair<std::int64_t, std::uint64_t>> minutes_;
  };
  struct Account {
    QualityMinute total;  // at the last look
    Outstanding lost, waiting;
    SilenceWatch silence;
    // The longest times of report, of this span of time and the one before.
    std::int64_t report_ms = 0, report_before_ms = 0, report_since_ms = 0;
  };
  using Accounts = std::unordered_map<std::uint32_t, Account>;
  using Pending = std::map<std::pair<std::int64_t, std::uint32_t>, QualityMinute>;

  void look_at(Exporter& exporter, Account& account, std::int64_t minute, std::int64_t now_ms);
  QualityMinute& pending(std::int64_t minute, std::uint32_t exporter);

  ExporterTable& table_;
  LiveCatalog& catalog_;
  const Of of_;
  Accounts accounts_;
  Pending minutes_;
  QualityTables::Changes changes_;
  std::unordered_map<std::uint32_t, ExporterRhythm> saved_rhythms_;
  std::int64_t started_ms_ = 0, looked_ms_ = 0, saved_ms_ = 0;
};

}  // namespace weir
