// An answer lists the exporters that have most to tell; the others are a number, and what they have together.
#include "peers/peer_quality.hpp"

#include <algorithm>

#include "flow/exporter_table.hpp"

namespace weir {

namespace {

// An answer lists so many exporters at most (api/quality_json).
constexpr std::size_t kMostListed = 100, kMostRates = 64;
constexpr std::uint64_t ExporterQuality::*kCounters[] = {&ExporterQuality::lost,    &ExporterQuality::waiting,
                                                         &ExporterQuality::refused, &ExporterQuality::malformed,
                                                         &ExporterQuality::dropped, &ExporterQuality::duplicates};

// Bits that the word stands for: what it counts is all that is known of the protocols.
std::uint32_t protocols_of(std::string_view unit) {
  if (unit == "datagrams") return kDatagramSequences;
  if (unit == "mixed") return kDatagramSequences | kRecordSequences;
  return kRecordSequences;
}

class Exporters {
 public:
  explicit Exporters(AnswerGaps& gaps) : gaps_(gaps) {}
  std::uint32_t number_of(const std::string& address_text) {
    const auto [at, is_new] = numbers_.try_emplace(address_text, next_);
    if (is_new) {
      const auto address = parse_ip_address(address_text);
      gaps_.exporters.emplace(next_++, address ? *address : IpAddress{});
    }
    return at->second;
  }

 private:
  AnswerGaps& gaps_;
  std::map<std::string, std::uint32_t> numbers_;
  std::uint32_t next_ = 1;
};

}  // namespace

QualitySummary read_quality(const JsonMembers& q) {
  QualitySummary summary{.more_sampling_rates = q.flag("more_rates"),
                         .sampling_unknown = q.flag("unknown_sampling"),
                         .unsampled = q.number("unsampled"),
                         .scaled_later = q.number("scaled_later"),
                         .time_repaired = q.number("time_repaired"),
                         .counters_uncertain = q.number("counters_uncertain"),
                         .no_counters = q.number("no_counters")};
  for (const auto& rate : q.list("rates", kMostRates)) {
    if (rate.is_int64()) summary.sampling_rates.push_back(static_cast<std::uint32_t>(rate.get_int64()));
  }
  return summary;
}

AnswerGaps read_gaps(const JsonMembers& q, std::int64_t to_ms) {
  AnswerGaps gaps;
  Exporters exporters(gaps);
  const auto counters = [](const JsonMembers& of) {
    ExporterQuality e{.lost = of.number("lost"),
                      .waiting = of.number("waiting"),
                      .refused = of.number("refused"),
                      .malformed = of.number("malformed"),
                      .dropped = of.number("dropped"),
                      .duplicates = of.number("duplicates")};
    e.protocols = protocols_of(of.text("lost_unit"));
    return e;
  };
  auto rest = counters(q);
  std::int64_t late_ms = q.time("late_ms");
  q.each("exporters", kMostListed, [&](const JsonMembers& e) {
    auto one = counters(e);
    one.exporter = exporters.number_of(e.text("exporter"));
    one.repaired = e.number("repaired");
    one.unsampled = e.number("unsampled");
    if (const auto late = e.time("late_ms"); late != 0) one.complete_to_ms = to_ms - std::min(late, to_ms);
    if (e.time("late_ms") == late_ms) late_ms = 0;
    for (const auto counter : kCounters) rest.*counter -= std::min(rest.*counter, one.*counter);
    gaps.quality.exporters.push_back(one);
  });
  const auto in_question = q.number("exporters_in_question");
  gaps.unlisted_exporters = in_question - std::min<std::uint64_t>(in_question, gaps.quality.exporters.size());
  // What those have that are too many to be listed.
  if (rest.any() || late_ms != 0) {
    rest.exporter = exporters.number_of("");
    if (late_ms != 0) rest.complete_to_ms = to_ms - std::min(late_ms, to_ms);
    gaps.quality.exporters.push_back(rest);
    if (gaps.unlisted_exporters != 0) --gaps.unlisted_exporters;
  }
  q.each("gaps", kMaxGaps, [&](const JsonMembers& g) {
    const auto exporter = g.text("exporter");
    gaps.quality.gaps.push_back({.from_ms = g.time("from_ms"),
                                 .to_ms = g.time("to_ms"),
                                 .reason = exporter.empty() ? GapReason::kCollectorDown : GapReason::kNotHeard,
                                 .exporter = exporter.empty() ? 0 : exporters.number_of(exporter)});
  });
  gaps.quality.more_gaps = q.flag("more_gaps");
  gaps.collector = q.text("collector");
  return gaps;
}

}  // namespace weir
