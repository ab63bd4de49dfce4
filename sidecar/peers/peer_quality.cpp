// An answer lists the exporters that have something to tell; the others are numbers without an address.
#include "peers/peer_quality.hpp"

#include "flow/exporter_table.hpp"

namespace weir {

namespace {

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
  // One of which nothing is missing.
  std::uint32_t another() { return next_++; }

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
  for (const auto& rate : q.list("rates")) {
    if (rate.is_int64()) summary.sampling_rates.push_back(static_cast<std::uint32_t>(rate.get_int64()));
  }
  return summary;
}

AnswerGaps read_gaps(const JsonMembers& q, std::int64_t to_ms) {
  AnswerGaps gaps;
  Exporters exporters(gaps);
  q.each("exporters", [&](const JsonMembers& e) {
    const auto late_ms = e.time("late_ms");
    gaps.quality.exporters.push_back({.exporter = exporters.number_of(e.text("exporter")),
                                      .lost = e.number("lost"),
                                      .waiting = e.number("waiting"),
                                      .repaired = e.number("repaired"),
                                      .refused = e.number("refused"),
                                      .malformed = e.number("malformed"),
                                      .dropped = e.number("dropped"),
                                      .unsampled = e.number("unsampled"),
                                      .duplicates = e.number("duplicates"),
                                      .complete_to_ms = late_ms == 0 ? 0 : to_ms - late_ms,
                                      .protocols = protocols_of(e.text("lost_unit"))});
  });
  for (auto listed = gaps.quality.exporters.size(), all = static_cast<std::size_t>(q.narrow<std::uint32_t>("exporters_in_question")); listed < all; ++listed) {
    gaps.quality.exporters.push_back({.exporter = exporters.another()});
  }
  q.each("gaps", [&](const JsonMembers& g) {
    const auto exporter = g.text("exporter");
    gaps.quality.gaps.push_back({.from_ms = g.time("from_ms"),
                                 .to_ms = g.time("to_ms"),
                                 .reason = exporter.empty() ? GapReason::kCollectorDown : GapReason::kNotHeard,
                                 .exporter = exporter.empty() ? 0 : exporters.number_of(exporter)});
  });
  gaps.quality.more_gaps = q.flag("more_gaps");
  q.each("away", [&](const JsonMembers& a) { gaps.away.push_back({.name = a.text("name"), .why = a.text("why")}); });
  return gaps;
}

}  // namespace weir
