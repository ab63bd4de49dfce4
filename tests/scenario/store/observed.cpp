// Columns to rows.
#include "scenario/store/observed.hpp"

#include <algorithm>

namespace weir::testing {

Observed observe(const Snapshot& snapshot) {
  Observed seen{.rows = {},
                .warnings = snapshot.warnings,
                .unread = {},
                .stored = snapshot.stored,
                .exporters = snapshot.exporters};
  for (const auto& segment : snapshot.segments) {
    try {
      const auto mark = segment->column(ColumnId::kClientMac), version = segment->column(ColumnId::kOctetsToServer),
                 start = segment->column(ColumnId::kStart), duration = segment->column(ColumnId::kDuration),
                 client = segment->column(ColumnId::kClient), exporter = segment->column(ColumnId::kExporter);
      for (std::uint32_t row = 0; row < segment->rows(); ++row) {
        const auto start_ms = static_cast<std::int64_t>(start->number_at(row));
        seen.rows.push_back({.mark = mark->number_at(row),
                             .version = version->number_at(row),
                             .start_ms = start_ms,
                             .end_ms = start_ms + static_cast<std::int64_t>(duration->number_at(row)),
                             .client = client->address_at(row),
                             .exporter = static_cast<std::uint32_t>(exporter->number_at(row))});
      }
    } catch (const std::runtime_error& e) {
      seen.unread.emplace_back(e.what());
    }
  }
  std::sort(seen.rows.begin(), seen.rows.end(), [](const auto& a, const auto& b) { return a.mark < b.mark; });
  return seen;
}

}  // namespace weir::testing
