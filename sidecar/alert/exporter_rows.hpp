// Windows of `source = "exporters"`: one row per exporter, from its live counters, or, for the past, from its sessions.
// One thread; the counters read are atomics of the exporter table.
#pragma once
#include <deque>
#include <map>
#include <vector>

#include "alert/window_scan.hpp"
#include "flow/exporter_table.hpp"

namespace weir {

// How long a silent exporter is remembered in a back-test.
inline constexpr std::int64_t kMaxExporterSilenceMs = 6 * std::int64_t{3'600'000};

class ExporterRows final : public WindowRows {
 public:
  ExporterRows(TimeRange range, std::map<IpAddress, RowFigures> figures);
  const TimeRange& range() const override { return range_; }
  const RowFigures& totals() const override { return totals_; }
  std::size_t size() const override { return rows_.size(); }
  RowFigures figures(std::size_t i) const override { return rows_[i].figures; }
  RowKey key(std::size_t i) const override { return rows_[i].key; }
  RowFigures find(const RowKey& key) const override;

 private:
  TimeRange range_;
  std::vector<RuleRow> rows_;
  RowFigures totals_;
};

// Counters of all exporters over the last windows, sampled by whoever ticks.
class ExporterSamples {
 public:
  explicit ExporterSamples(const ExporterTable& exporters) : exporters_(exporters) {}
  void sample(std::int64_t now_ms);
  // Differences between the samples next to the edges of the range.
  ExporterRows window(const TimeRange& range) const;

 private:
  struct Counters {
    std::uint64_t datagrams = 0, records = 0, lost = 0, malformed = 0, drops = 0;
    std::int64_t last_seen_ms = 0;
  };
  struct Sample {
    std::int64_t at_ms = 0;
    std::map<IpAddress, Counters> counters;
  };
  const ExporterTable& exporters_;
  std::deque<Sample> samples_;
};

// The same from stored sessions: silence counts from the end of the last window with a session.
class StoredExporterRows {
 public:
  explicit StoredExporterRows(std::int64_t window_ms) : window_ms_(window_ms) {}
  // `groups`: the next step, by exporter. The rows are valid until the next call.
  const ExporterRows& next(const WindowGroups& groups);

 private:
  const std::int64_t window_ms_;
  std::map<IpAddress, std::int64_t> last_seen_;
  std::unique_ptr<ExporterRows> rows_;
};

}  // namespace weir
