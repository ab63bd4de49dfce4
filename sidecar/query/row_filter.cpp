// The sessions as a segment, and the filter bound to it.
#include "query/row_filter.hpp"

#include <algorithm>
#include <array>

#include "query/bound_filter.hpp"
#include "query/resolve_filter.hpp"
#include "store/row_segment.hpp"

namespace weir {

Result<RowFilter> RowFilter::make(std::string_view text, const TimeBasis& basis, std::vector<ExporterName> exporters,
                                  DerivedSources sources) {
  auto parsed = parse_filter(text, basis);
  if (!parsed) return parsed.error();
  auto resolved = resolve_filter(*std::move(parsed), exporters, std::nullopt, sources);
  if (!resolved) return resolved.error();
  RowFilter filter;
  filter.root_ = *std::move(resolved);
  filter.exporters_ = std::move(exporters);
  filter.sources_ = std::move(sources);
  return filter;
}

std::vector<bool> RowFilter::passes(const std::vector<Session>& sessions) const {
  std::vector<bool> all(sessions.size(), false);
  if (sessions.empty()) return all;
  const RowSegment segment(sessions);
  SegmentColumns columns(segment, sources_);
  const SamplingRates rates(exporters_, false);
  const RowRates row_rates(rates, columns);
  const BoundFilter filter(root_, columns, row_rates);
  std::array<std::uint8_t, kBlockRows> passes;
  for (std::uint32_t row = 0; row < segment.rows(); row += kBlockRows) {
    const auto n = std::min<std::uint32_t>(kBlockRows, segment.rows() - row);
    for (const auto side : {kToServer, kToClient}) {
      filter.evaluate(side, row, n, passes.data());
      for (std::uint32_t i = 0; i < n; ++i) {
        if (passes[i] != 0 && sessions[row + i].halves[side].reported()) all[row + i] = true;
      }
    }
  }
  return all;
}

}  // namespace weir
