// Names the worst exporters, and counts the others.
#include "console/quality_text.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <vector>

#include "api/quality_sums.hpp"
#include "console/plain_text.hpp"
#include "core/counted.hpp"

namespace weir {

namespace {

constexpr std::size_t kNamed = 3, kShownGaps = 5;

class QualityLines {
 public:
  QualityLines(const QualitySums& sums, const ResultContext& context, const KeyNames& names)
      : sums_(sums), context_(context), names_(names) {}

  std::string name(std::uint32_t exporter) const {
    const auto address = context_.exporter_address ? context_.exporter_address(exporter) : IpAddress{};
    const auto label = names_.exporter ? names_.exporter(address) : std::string();
    return clean_text(label.empty() ? key_text(address) : label);
  }
  // "80 datagrams lost on the way (edge-1)"
  void add(std::uint64_t count, const std::string& one, const std::string& many,
           const std::function<std::uint64_t(const ExporterSums&)>& of) {
    if (count == 0) return;
    std::vector<const ExporterSums*> most;
    for (const auto& e : sums_.exporters) {
      if (of(e) != 0) most.push_back(&e);
    }
    std::stable_sort(most.begin(), most.end(), [&](const auto* a, const auto* b) { return of(*a) > of(*b); });
    std::string who;
    for (std::size_t i = 0; i < std::min(most.size(), kNamed); ++i)
      who += (i == 0 ? "" : ", ") + name(most[i]->counts.exporter);
    if (most.size() > kNamed) who += " and " + std::to_string(most.size() - kNamed) + " more";
    text_ += (text_.empty() ? "Missing or repaired: " : "; ") + counted(count, one, many) +
             (who.empty() ? "" : " (" + who + ")");
  }
  std::string text() const { return text_.empty() ? "" : text_ + "\n"; }

 private:
  const QualitySums& sums_;
  const ResultContext& context_;
  const KeyNames& names_;
  std::string text_;
};

}  // namespace

std::string quality_text(const QualitySummary& sessions, const TimeRange& range, const ResultContext& context,
                         const KeyNames& names, const TimeZone& zone) {
  const auto sums = sum_quality(context.missing, range, context.now_ms);
  QualityLines lines(sums, context, names);
  const auto& c = sums.counts;
  const std::string units =
      sums.unit == LostUnit::kMixed ? "datagrams and records" : std::string(lost_unit_word(sums.unit));
  const std::string unit = sums.unit == LostUnit::kMixed ? "datagram or record" : units.substr(0, units.size() - 1);
  lines.add(c.lost, unit + " lost on the way", units + " lost on the way", [](const auto& e) { return e.counts.lost; });
  lines.add(c.dropped, "datagram dropped here", "datagrams dropped here",
            [](const auto& e) { return e.counts.dropped; });
  lines.add(c.waiting, "data set without its template", "data sets without their template",
            [](const auto& e) { return e.counts.waiting; });
  lines.add(c.malformed, "datagram malformed", "datagrams malformed", [](const auto& e) { return e.counts.malformed; });
  lines.add(c.refused, "record refused", "records refused", [](const auto& e) { return e.counts.refused; });
  lines.add(c.duplicates, "datagram that came twice and counts once", "datagrams that came twice and count once",
            [](const auto& e) { return e.counts.duplicates; });
  lines.add(sessions.time_repaired, "session with repaired times", "sessions with repaired times",
            [](const auto& e) { return e.counts.repaired; });
  lines.add(sessions.unsampled, "session of an unknown sampling rate", "sessions of an unknown sampling rate",
            [](const auto& e) { return e.counts.unsampled; });
  lines.add(sessions.scaled_later, "session scaled by a rate that was announced after it",
            "sessions scaled by a rate that was announced after them", [](const auto&) { return std::uint64_t{0}; });
  lines.add(sessions.counters_uncertain, "session of running totals that began before they were known",
            "sessions of running totals that began before they were known",
            [](const auto&) { return std::uint64_t{0}; });
  lines.add(sessions.no_counters, "session without counters", "sessions without counters",
            [](const auto&) { return std::uint64_t{0}; });
  auto text = lines.text();
  for (const auto& away : context.away)
    text +=
        "Not answering: " + clean_text(away.name) + " (" + clean_text(away.why) + "); what it has is missing here\n";

  std::size_t shown = 0;
  for (const auto& gap : context.missing.gaps) {
    if (shown++ == kShownGaps) break;
    const bool down = gap.reason == GapReason::kCollectorDown;
    text += (down ? std::string("Collector down: ") : "Not heard: " + lines.name(gap.exporter) + ", ") +
            zone.text(gap.from_ms) + " to " + zone.text(gap.to_ms) + " (" + duration_text(gap.to_ms - gap.from_ms) +
            ")\n";
  }
  if (context.missing.gaps.size() > kShownGaps)
    text += "and " + counted(context.missing.gaps.size() - kShownGaps, "more gap", "more gaps") + ", " +
            duration_text(sums.not_heard_ms) + " of the range in all\n";
  if (sums.late_ms != 0)
    text += "Not complete yet: the last " + duration_text(sums.late_ms) + ", which exporters still report\n";
  return text;
}

}  // namespace weir
