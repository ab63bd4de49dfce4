// Writes the members in the order of the schema.
#include "api/quality_json.hpp"

#include <algorithm>

#include "api/quality_sums.hpp"

namespace weir {

namespace {

constexpr std::size_t kListedExporters = 100;

void write_counts(JsonWriter& w, const ExporterQuality& counts, LostUnit unit) {
  w.key("lost")
      .number(counts.lost)
      .key("lost_unit")
      .text(lost_unit_word(unit))
      .key("waiting")
      .number(counts.waiting)
      .key("refused")
      .number(counts.refused);
  w.key("malformed")
      .number(counts.malformed)
      .key("dropped")
      .number(counts.dropped)
      .key("duplicates")
      .number(counts.duplicates);
}

std::string address_text(const ResultContext& context, std::uint32_t exporter) {
  return key_text(context.exporter_address ? context.exporter_address(exporter) : IpAddress{});
}

}  // namespace

ResultContext context_of(AnswerGaps&& gaps, std::int64_t took_ms, std::int64_t now_ms) {
  return {.took_ms = took_ms,
          .now_ms = now_ms,
          .missing = std::move(gaps.quality),
          .unlisted_exporters = gaps.unlisted_exporters,
          .exporter_address =
              [exporters = std::move(gaps.exporters)](std::uint32_t number) {
                const auto found = exporters.find(number);
                return found == exporters.end() ? IpAddress{} : found->second;
              },
          .away = std::move(gaps.away),
          .collector = std::move(gaps.collector)};
}

void write_quality(JsonWriter& w, const QualitySummary& sessions, const TimeRange& range, const ResultContext& context,
                   const KeyNames& names) {
  const auto sums = sum_quality(context.missing, range, context.now_ms);
  w.key("quality").begin_object();
  w.key("sampled").boolean(!sessions.sampling_rates.empty()).key("rates").numbers(sessions.sampling_rates);
  w.key("more_rates").boolean(sessions.more_sampling_rates);
  w.key("unknown_sampling")
      .boolean(sessions.sampling_unknown)
      .key("unsampled")
      .number(sessions.unsampled)
      .key("scaled_later")
      .number(sessions.scaled_later)
      .key("time_repaired")
      .number(sessions.time_repaired);
  w.key("counters_uncertain").number(sessions.counters_uncertain).key("no_counters").number(sessions.no_counters);
  write_counts(w, sums.counts, sums.unit);
  w.key("late_ms").number(sums.late_ms).key("not_heard_ms").number(sums.not_heard_ms);

  w.key("exporters").begin_array();
  for (std::size_t i = 0; i < std::min(sums.exporters.size(), kListedExporters); ++i) {
    const auto& of = sums.exporters[i];
    w.begin_object().key("exporter").text(address_text(context, of.counts.exporter));
    const auto label = names.exporter && context.exporter_address
                           ? names.exporter(context.exporter_address(of.counts.exporter))
                           : std::string();
    if (!label.empty()) w.key("label").text(label);
    write_counts(w, of.counts, lost_unit(of.counts.protocols));
    w.key("repaired").number(of.counts.repaired).key("unsampled").number(of.counts.unsampled);
    w.key("late_ms").number(of.late_ms).key("not_heard_ms").number(of.not_heard_ms).end_object();
  }
  w.end_array().key("exporters_in_question").number(sums.in_question + context.unlisted_exporters);

  w.key("gaps").begin_array();
  for (const auto& gap : context.missing.gaps) {
    w.begin_object().key("from_ms").number(gap.from_ms).key("to_ms").number(gap.to_ms);
    switch (gap.reason) {
      case GapReason::kNotHeard:
        w.key("reason").text("not_heard").key("exporter").text(address_text(context, gap.exporter));
        break;
      case GapReason::kCollectorDown: w.key("reason").text("collector_down"); break;
    }
    w.end_object();
  }
  w.end_array().key("more_gaps").boolean(context.missing.more_gaps);
  w.key("away").begin_array();
  for (const auto& away : context.away)
    w.begin_object().key("name").text(away.name).key("why").text(to_valid_utf8(away.why)).end_object();
  w.end_array();
  if (!context.collector.empty()) w.key("collector").text(context.collector);
  w.end_object();
}

}  // namespace weir
