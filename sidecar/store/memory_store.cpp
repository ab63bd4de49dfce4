// Rows by id, cut into segments when a snapshot is asked for.
#include "store/memory_store.hpp"

#include <algorithm>

#include "store/row_segment.hpp"

namespace weir {

void MemoryStore::add_exporter(ExporterName exporter) {
  state_.with([&](State& s) {
    std::erase_if(s.exporters, [&](const ExporterName& known) { return known.id == exporter.id; });
    s.exporters.push_back(std::move(exporter));
  });
}

void MemoryStore::on_sessions(SessionBatch&& batch) {
  state_.with([&](State& s) {
    for (const auto& row : batch.sessions) s.rows.insert_or_assign(row.id, row);
    s.segments.clear();
  });
}

Snapshot MemoryStore::snapshot(std::optional<TimeRange> range) {
  return state_.with([&](State& s) {
    if (s.segments.empty()) make_segments(s);
    Snapshot snapshot{.segments = {}, .exporters = s.exporters, .stored = {}, .warnings = {}};
    for (const auto& segment : s.segments) {
      if (!snapshot.stored)
        snapshot.stored = TimeRange{.from_ms = segment->min_start_ms(), .to_ms = segment->max_end_ms() + 1};
      snapshot.stored->from_ms = std::min(snapshot.stored->from_ms, segment->min_start_ms());
      snapshot.stored->to_ms = std::max(snapshot.stored->to_ms, segment->max_end_ms() + 1);
      if (!range || may_touch(*segment, *range)) snapshot.segments.push_back(segment);
    }
    return snapshot;
  });
}

StoreStatus MemoryStore::status() const {
  return state_.with([](const State& s) { return StoreStatus{.sessions = s.rows.size(), .unsealed = s.rows.size()}; });
}

void MemoryStore::set_quality(RangeQuality quality) {
  state_.with([&](State& s) { s.quality = std::move(quality); });
}

RangeQuality MemoryStore::quality(const TimeRange& /*range*/, const std::vector<std::uint32_t>& /*exporters*/,
                                  std::int64_t /*now_ms*/) {
  return state_.with([](const State& s) { return s.quality; });
}

void MemoryStore::make_segments(State& state) const {
  std::vector<Session> rows;
  const auto cut = [&] {
    if (!rows.empty()) state.segments.push_back(std::make_shared<RowSegment>(std::move(rows)));
    rows.clear();
  };
  for (const auto& [id, row] : state.rows) {
    rows.push_back(row);
    if (rows.size() == rows_per_segment_) cut();
  }
  cut();
  std::stable_sort(state.segments.begin(), state.segments.end(),
                   [](const auto& a, const auto& b) { return a->max_end_ms() > b->max_end_ms(); });
}

}  // namespace weir
