// Sums figures over exporters, and joins gaps that overlap.
#include "api/quality_sums.hpp"

#include <algorithm>
#include <map>
#include <tuple>

#include "flow/exporter_table.hpp"

namespace weir {

std::string_view lost_unit_word(LostUnit unit) {
  switch (unit) {
    case LostUnit::kRecords: return "records";
    case LostUnit::kDatagrams: return "datagrams";
    case LostUnit::kMixed: return "mixed";
  }
  return "";
}

LostUnit lost_unit(std::uint32_t protocols) {
  const bool datagrams = (protocols & kDatagramSequences) != 0, records = (protocols & kRecordSequences) != 0;
  return datagrams && records ? LostUnit::kMixed : datagrams ? LostUnit::kDatagrams : LostUnit::kRecords;
}

QualitySums sum_quality(const RangeQuality& quality, const TimeRange& range, std::int64_t now_ms) {
  QualitySums sums;
  sums.in_question = quality.exporters.size();
  std::map<std::uint32_t, std::int64_t> silent;
  std::int64_t heard_to = range.from_ms;
  for (const auto& gap : quality.gaps) {  // ascending
    if (gap.reason == GapReason::kNotHeard) silent[gap.exporter] += gap.to_ms - gap.from_ms;
    sums.not_heard_ms += std::max<std::int64_t>(0, gap.to_ms - std::max(gap.from_ms, heard_to));
    heard_to = std::max(heard_to, gap.to_ms);
  }
  std::uint32_t lossy = 0;  // protocols of those that lost something
  const auto end_ms = std::min(range.to_ms, now_ms);
  for (const auto& e : quality.exporters) {
    auto& all = sums.counts;
    all.lost += e.lost;
    all.waiting += e.waiting;
    all.repaired += e.repaired;
    all.refused += e.refused;
    all.malformed += e.malformed;
    all.dropped += e.dropped;
    all.unsampled += e.unsampled;
    all.duplicates += e.duplicates;
    if (e.lost != 0) lossy |= e.protocols;
    ExporterSums of{.counts = e,
                    .late_ms = e.complete_to_ms == 0
                                   ? 0
                                   : std::clamp<std::int64_t>(end_ms - e.complete_to_ms, 0,
                                                              std::max<std::int64_t>(0, end_ms - range.from_ms))};
    if (const auto it = silent.find(e.exporter); it != silent.end()) of.not_heard_ms = it->second;
    sums.late_ms = std::max(sums.late_ms, of.late_ms);
    if (e.any() || of.late_ms != 0 || of.not_heard_ms != 0) sums.exporters.push_back(of);
  }
  sums.unit = lost_unit(lossy);
  std::stable_sort(sums.exporters.begin(), sums.exporters.end(), [](const ExporterSums& a, const ExporterSums& b) {
    const auto rank = [](const ExporterSums& e) {
      const auto& c = e.counts;
      return std::tuple(e.not_heard_ms, c.lost + c.dropped + c.malformed + c.waiting + c.refused, c.unsampled,
                        c.repaired + c.duplicates, e.late_ms);
    };
    return rank(a) > rank(b);
  });
  return sums;
}

}  // namespace weir
