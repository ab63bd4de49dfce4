// "Why is it higher?": what is in a stretch of time, how it differs from other stretches, and the few items that
// explain the difference. Figures are those of run_query(), which answers every part of the question; the same store
// gives the same answer. Any thread; nothing is kept between calls.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "query/query.hpp"

namespace weir {

enum class Against : std::uint8_t { kBefore, kLastWeek, kRange };

// A stretch to compare with, as long as the one that is asked about.
struct Baseline {
  Against against = Against::kBefore;
  TimeRange range;
};
// The stretch of the same length just before, and the same stretch seven days earlier.
Baseline before_of(const TimeRange& range);
Baseline last_week_of(const TimeRange& range);

inline constexpr std::size_t kMaxBaselines = 4, kMaxCauses = 3;

struct ExplainQuery {
  TimeRange range;
  std::string filter;
  Measure measure = Measure::kOctets;
  std::vector<Baseline> against;  // empty: before and last week
  bool unscaled = false;
  std::optional<std::vector<IpAddress>> allowed_exporters;  // as in Query
};

enum class Comparable : std::uint8_t {
  kWhole,
  kPart,           // the rest was not heard in one of the two
  kNothingStored,  // nothing is stored of that time
  kNotHeard,       // of less than half of the time both are known
  kSampling,       // all exporters sample differently, and their rates are not known
};
enum class Change : std::uint8_t { kSame, kRose, kFell };

// An exporter that samples differently in the two stretches.
struct SamplingChange {
  std::uint32_t exporter = 0;
  IpAddress address;
  std::uint64_t now = 0, then = 0;  // 1 in N; 0: nobody said
  Measures now_measures, then_measures;
  bool scaled = false;  // both rates are known, so that octets and packets can be compared
};

// One number of the stretch and of what it is compared with.
struct Pair {
  std::uint64_t now = 0, then = 0;
};

struct Comparison {
  Baseline baseline;
  Comparable comparable = Comparable::kWhole;
  TimeRange now, then;                  // the parts that are compared, equally long
  std::vector<std::uint32_t> left_out;  // exporters: not heard in one of the two, or sampled differently
  Measures now_totals, then_totals;     // of the parts, without the exporters left out
  Change change = Change::kSame;        // of the measure asked for
  std::vector<SamplingChange> sampling;
  QualitySummary quality;  // of the baseline
  RangeQuality missing;    // of the baseline
  bool is_compared() const { return comparable == Comparable::kWhole || comparable == Comparable::kPart; }
};

// Traffic that one key, or several fields together, select.
struct TrafficItem {
  std::vector<FieldId> by;
  std::vector<KeyValue> key;
  std::string filter;  // as the filter language says it, without the filter asked for
};

struct Cause {
  TrafficItem item;
  Measure measure = Measure::kOctets;
  std::size_t comparison = 0;  // that it explains
  bool rose = true;
  double share = 0;  // of the change, 1: all of it; more when others went the other way
  struct Figures {
    Measures now, then;
  };
  std::vector<std::optional<Figures>> figures;  // by comparison; none: not compared
  std::optional<std::int64_t> since_ms;         // the bucket in which it began to rise or fall
  std::int64_t bucket_ms = 0;
  bool since_earlier = false;  // before the stretch
  // How many there are in it, where no single one stands for it; none: one does, or it says nothing.
  std::optional<Pair> clients, servers, ports;
  bool usual = false;  // about as much the same time last week
  // What the traffic moved from; the item is what it moved to.
  std::optional<TrafficItem> moved_from;
  Pair moved_from_figures{};
  // An exporter that reports what another one reports, too.
  std::optional<IpAddress> also_reported_by;
};

enum class ExplainVerdict : std::uint8_t { kNothingUnusual, kUsualForHour, kUnusual, kNotComparable, kNoTraffic };

struct Explanation {
  TimeRange range;
  Measure measure = Measure::kOctets;
  Measures totals;
  QualitySummary quality;
  RangeQuality missing;
  // The largest of a field by the measure: client, server, port and protocol. Nothing without traffic.
  struct Largest {
    TrafficItem item;
    Measures measures;
  };
  std::vector<Largest> largest;
  std::vector<Comparison> comparisons;  // as asked
  std::vector<Cause> causes;            // the most important first
  // The total changed, and nothing stands out: many changed a little.
  bool spread = false;
  ExplainVerdict verdict = ExplainVerdict::kNothingUnusual;
  std::vector<std::string> warnings;
  std::uint64_t sessions_scanned = 0;
};

// Errors are those of run_query, and baselines of another length or too many.
Result<Explanation> explain(const ExplainQuery& query, Store& store, const QueryControl& control = {});

}  // namespace weir
