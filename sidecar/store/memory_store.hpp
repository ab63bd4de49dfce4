// A Store that keeps everything in memory, for tests of the stages that read one. Nothing is bounded; any thread.
#pragma once
#include <map>
#include <vector>

#include "core/guarded.hpp"
#include "store/store.hpp"

namespace weir {

class MemoryStore final : public Store {
 public:
  // Small segments make a test cross their borders.
  explicit MemoryStore(std::uint32_t rows_per_segment = kSegmentRows) : rows_per_segment_(rows_per_segment) {}

  void add_exporter(ExporterName exporter);

  void on_sessions(SessionBatch&& batch) override;
  Snapshot snapshot(std::optional<TimeRange> range) override;
  void flush() override {}
  StoreStatus status() const override;
  // Answers what a test says is missing, whatever the range.
  void set_quality(RangeQuality quality);
  RangeQuality quality(const TimeRange& range, const std::vector<std::uint32_t>& exporters,
                       std::int64_t now_ms) override;

 private:
  struct State {
    std::map<std::uint64_t, Session> rows;                 // by id
    std::vector<std::shared_ptr<const Segment>> segments;  // of all rows, newest first; empty: to be made
    std::vector<ExporterName> exporters;
    RangeQuality quality;
  };
  void make_segments(State& state) const;

  const std::uint32_t rows_per_segment_;
  Guarded<State> state_;
};

}  // namespace weir
