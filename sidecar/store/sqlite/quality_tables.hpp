// The tables of the catalog about what is missing: losses per minute and hour, silences of exporters, and when a
// collector ran. One thread at a time (the catalog's owner); errors are SqliteError.
#pragma once
#include <cstdint>
#include <vector>

#include "sqlite/database.hpp"
#include "store/range_quality.hpp"
#include "store/silence_watch.hpp"
#include "store/store.hpp"

namespace weir {

// What one exporter lost or had repaired in the minute that starts at minute * 60 s. Signed: what came after all is
// taken back from its minute.
struct QualityMinute {
  std::int64_t minute = 0;
  std::uint32_t exporter = 0;
  std::int64_t lost = 0, malformed = 0, waiting_for_template = 0, kernel_drops = 0, queue_drops = 0, time_repaired = 0,
               rejected = 0, unsampled = 0, duplicates = 0;
  bool any() const {
    return (lost | malformed | waiting_for_template | kernel_drops | queue_drops | time_repaired | rejected |
            unsampled | duplicates) != 0;
  }
  void add(const QualityMinute& other);
  void subtract(const QualityMinute& other);
};

// How an exporter sends, for the next run of the collector.
struct ExporterRhythm {
  std::uint32_t exporter = 0;
  std::int64_t tolerated_ms = 0;  // see SilenceWatch
  std::int64_t report_ms = 0;     // traffic is reported so long after it passed, at the latest
  friend bool operator==(const ExporterRhythm&, const ExporterRhythm&) = default;
};

struct ExporterSilence {
  std::uint32_t exporter = 0;
  SilentTime silence;
};

// A time in which a collector ran, or that an imported capture covers.
struct CollectedTime {
  std::int64_t start_ms = 0, end_ms = 0;
  bool imported = false;
};

class QualityTables {
 public:
  explicit QualityTables(Database& database) : database_(database) {}
  // Brings the tables of an older program up to date. Within a transaction.
  void upgrade();

  // Adds to what the minutes have already. All in one transaction.
  struct Changes {
    std::vector<QualityMinute> minutes;
    std::vector<ExporterSilence> silences;  // a silence that ended replaces the one that goes on
    std::vector<ExporterRhythm> rhythms;
    std::vector<CollectedTime> times;
    bool empty() const { return minutes.empty() && silences.empty() && rhythms.empty() && times.empty(); }
  };
  void save(const Changes& changes);

  // Summed per exporter over the minutes that touch the range; `minute` is not set.
  std::vector<QualityMinute> sums(const TimeRange& range);
  std::vector<ExporterSilence> silences(const TimeRange& range);
  std::vector<ExporterSilence> open_silences();
  std::vector<ExporterRhythm> rhythms();
  // Those that touch the range, the last one before it and the first one behind it, in the order of their starts.
  std::vector<CollectedTime> times(const TimeRange& range);
  void forget_before(std::int64_t epoch_ms);

  // All of it, of these exporters (ascending ids). `is_running`: a collector runs now.
  RangeQuality in_range(const TimeRange& range, const std::vector<std::uint32_t>& exporters, std::int64_t now_ms,
                        bool is_running);
  // The last collector said so lately.
  bool is_running(std::int64_t now_ms);

 private:
  bool has_column(std::string_view table, std::string_view name);
  Database& database_;
};

// What is left of [from, to) between the times in which a collector ran, without those that captures cover. Before the
// first and, while one runs, behind the last nothing is missing.
std::vector<Gap> collector_gaps(const std::vector<CollectedTime>& times, const TimeRange& range, std::int64_t now_ms,
                                bool is_running);

// A collector says that it runs so often, in milliseconds.
inline constexpr std::int64_t kBeatMs = 10'000;

}  // namespace weir
