// Writes a sentence for each fact of an explanation.
#include "api/explain_text.hpp"

#include <algorithm>

#include "api/explain_titles.hpp"

namespace weir {

namespace {

class Sentences {
 public:
  Sentences(const Explanation& e, const SentenceWords& words) : e_(e), words_(words) {}

  std::vector<ExplainSentence> all() {
    stretch();
    verdict();
    for (const auto& c : e_.comparisons) comparison(c);
    for (const auto& c : e_.causes) cause(c);
    for (const auto& c : e_.comparisons) {
      sampling(c);
      left_out(c);
    }
    largest();
    return std::move(said_);
  }

 private:
  void say(SentenceKind kind, std::string text, std::string filter = {}) {
    const bool again = std::any_of(said_.begin(), said_.end(), [&](const auto& one) { return one.text == text; });
    if (!again) said_.push_back({.kind = kind, .text = std::move(text), .filter = std::move(filter)});
  }

  std::int64_t length() const { return e_.range.to_ms - e_.range.from_ms; }
  std::int64_t day_of(std::int64_t ms) const { return (ms + words_.zone.offset_ms(ms)) / 86'400'000; }
  // "2026-11-23 02:55:10", without what is as in the end of the stretch.
  std::string clock(std::int64_t ms, bool with_date = false) const {
    const auto text = words_.zone.text(ms);  // 2026-11-23T02:55:10.250Z
    auto time = text.substr(11, 8);
    if (time.ends_with(":00")) time.resize(5);
    return with_date || day_of(ms) != day_of(e_.range.to_ms - 1) ? text.substr(0, 10) + ' ' + time : time;
  }
  std::string zone() const {
    return words_.names_zone ? (words_.zone.is_utc() ? " UTC" : " " + words_.zone.name()) : "";
  }
  std::string span(const TimeRange& range) const { return clock(range.from_ms) + " to " + clock(range.to_ms) + zone(); }

  std::string then_words(const Comparison& c) const {
    switch (c.baseline.against) {
      case Against::kBefore: return "the " + length_text(length()) + " before";
      case Against::kLastWeek: return "the same time last week";
      case Against::kRange:
        return clock(c.baseline.range.from_ms, true) + " to " + clock(c.baseline.range.to_ms) + zone();
    }
    return {};
  }
  std::string in_then(const Comparison& c) const {
    switch (c.baseline.against) {
      case Against::kBefore: return "in " + then_words(c);
      case Against::kLastWeek: return "at " + then_words(c);
      case Against::kRange: return "from " + then_words(c);
    }
    return {};
  }
  std::string exporter(std::uint32_t id) const {
    const auto address = words_.exporter_address ? words_.exporter_address(id) : IpAddress{};
    const auto name = words_.names.exporter ? words_.names.exporter(address) : std::string();
    return name.empty() ? address.text() : name + " (" + address.text() + ")";
  }

  void stretch() {
    say(SentenceKind::kStretch,
        clock(e_.range.from_ms, true) + " to " + clock(e_.range.to_ms) + zone() + " (" + length_text(length()) +
            "): " + octets_text(e_.totals.octets) + ", " + rate_of_octets(e_.totals.octets, length()) +
            " on average, " + number_of(e_.totals.packets, "packet", "packets") + ", " +
            number_of(e_.totals.sessions, "session", "sessions") +
            (e_.totals.saturated ? "; what senders claim is more than can be counted" : "") + ".");
  }

  void verdict() {
    const auto text = [&]() -> std::string {
      switch (e_.verdict) {
        case ExplainVerdict::kNothingUnusual: return "Nothing unusual.";
        case ExplainVerdict::kUsualForHour: return "Usual for this time: it was about as much last week.";
        case ExplainVerdict::kUnusual:
          return e_.spread ? "The change is spread over many: no host, port or interface stands out." : "";
        case ExplainVerdict::kNotComparable:
          return "There is nothing to compare with, so nobody can say whether this is usual.";
        case ExplainVerdict::kNoTraffic: return "No traffic, neither now nor then.";
      }
      return "";
    }();
    if (!text.empty()) say(SentenceKind::kVerdict, text);
  }

  void comparison(const Comparison& c) {
    const auto then = then_words(c);
    const auto say_it = [&](const std::string& text) { say(SentenceKind::kComparison, text); };
    switch (c.comparable) {
      case Comparable::kNothingStored: return say_it("Nothing is stored of " + then + ": no comparison with it.");
      case Comparable::kNotHeard:
        return say_it("The collector or its exporters were not heard for most of the time now or in " + then +
                      ": no comparison, and no rise or fall can be told.");
      case Comparable::kSampling: return say_it("Exporters sampled otherwise " + in_then(c) + ": no comparison.");
      case Comparable::kWhole:
      case Comparable::kPart: break;
    }
    const auto m = e_.measure;
    const auto ms = c.now.to_ms - c.now.from_ms;
    const auto now = value_of(c.now_totals, m), before = value_of(c.then_totals, m);
    std::string text;
    if (c.now_totals.saturated || c.then_totals.saturated) {
      text = "Figures of now or of " + then + " are more than can be counted: no comparison.";
    } else if (c.change == Change::kSame) {
      text = "About as much as " + in_then(c) + ": " + level(c.now_totals, m, ms) + " now, " +
             level(c.then_totals, m, ms) + " then" + difference(now, before) + ".";
    } else {
      const bool rose = c.change == Change::kRose;
      text = std::string(rose ? "More" : "Less") + " than " + in_then(c) + ": " + level(c.now_totals, m, ms) +
             " now, " + level(c.then_totals, m, ms) + " then, " + (rose ? "a rise" : "a fall") + " of " +
             level_of(rose ? now - before : before - now, m, ms) + difference(now, before) + ".";
    }
    if (c.comparable == Comparable::kPart) {
      text += " Compared over " + span(c.now) +
              " only: in the rest the collector or an exporter was not heard, now or then.";
    }
    say_it(text);
  }

  std::string difference(std::uint64_t now, std::uint64_t then) const {
    if (now == then) return "";
    if (then == 0) return "";
    const double times = static_cast<double>(now) / static_cast<double>(then);
    char text[48];
    if (times >= 2)
      std::snprintf(text, sizeof text, times < 100 ? " (%.1f times as much)" : " (%.0f times as much)", times);
    else std::snprintf(text, sizeof text, " (%+.0f %%)", (times - 1) * 100);
    return text;
  }

  // "9.8 GB, 120 MB in the 2 min before, 9.5 GB at the same time last week".
  std::string figures(const Cause& cause) const {
    const auto& own = *cause.figures[cause.comparison];
    auto text = amount(own.now, cause.measure);
    bool any = false;
    for (const auto& one : cause.figures) any = any || (one && value_of(one->then, cause.measure) > 0);
    std::string nowhere;
    for (std::size_t i = 0; i < cause.figures.size(); ++i) {
      if (!cause.figures[i]) continue;
      const auto when = in_then(e_.comparisons[i]);
      if (value_of(cause.figures[i]->then, cause.measure) == 0) {
        if (any) text += ", nothing " + when;
        else nowhere += (nowhere.empty() ? ", not seen " : " nor ") + when;
      } else {
        text += ", " + amount(cause.figures[i]->then, cause.measure) + ' ' + when;
      }
    }
    return text + nowhere;
  }

  void cause(const Cause& c) {
    const auto& comparison = e_.comparisons[c.comparison];
    const auto measure_word = [&]() -> std::string {
      switch (c.measure) {
        case Measure::kOctets: return "";
        case Measure::kPackets: return " of packets";
        case Measure::kFlows: return " of flows";
        case Measure::kSessions: return " of sessions";
      }
      return "";
    }();
    std::string text;
    if (c.moved_from) {
      const auto from = item_title(*c.moved_from, words_.names);
      text = "Traffic moved from " + from + " to " + cause_title(c, words_.names) + ": " + figures(c) + "; " + from +
             " has " + level_value(c.moved_from_figures.now, c.measure) + ", it had " +
             level_value(c.moved_from_figures.then, c.measure) + '.';
    } else {
      text = cause_title(c, words_.names) + " explains " + (c.share > 1.005 ? "more than all" : percent(c.share)) +
             " of the " + (c.rose ? "rise" : "fall") + measure_word + " against " + then_words(comparison) + ": " +
             figures(c) + '.';
      text[0] = static_cast<char>(text[0] >= 'a' && text[0] <= 'z' ? text[0] - 'a' + 'A' : text[0]);
    }
    if (c.also_reported_by) {
      text += " " + exporter_title(*c.also_reported_by) +
              " reports the same conversations: this traffic is counted twice, and is not more than before.";
    }
    if (c.since_ms) {
      const auto at = *c.since_ms;
      text += std::string(" Since ") + (c.bucket_ms >= 60'000 ? "about " : "") + clock(at) + zone() +
              (c.since_earlier ? ", before this stretch" : "") + '.';
    }
    if (c.usual) text += " Usual for this time.";
    say(SentenceKind::kCause, text, c.item.filter);
  }

  std::string level_value(std::uint64_t value, Measure measure) const {
    Measures measures;
    measures.octets = measures.packets = measures.flows = measures.sessions = value;
    return amount(measures, measure);
  }

  std::string exporter_title(const IpAddress& address) const {
    const auto name = words_.names.exporter ? words_.names.exporter(address) : std::string();
    return "Exporter " + (name.empty() ? address.text() : name + " (" + address.text() + ")");
  }

  void sampling(const Comparison& c) {
    const auto rate = [](std::uint64_t n) {
      return n == 0 ? std::string("does not say how it samples") : "samples 1 in " + grouped(n);
    };
    const auto was = [](std::uint64_t n) {
      return n == 0 ? std::string("did not say how it sampled") : "sampled 1 in " + grouped(n);
    };
    for (const auto& s : c.sampling) {
      auto text = exporter_title(s.address) + " changed its sampling: it " + rate(s.now) + ", and " + was(s.then) +
                  ' ' + in_then(c) + '.';
      if (s.scaled) {
        text += " Octets and packets are scaled and can be compared; numbers of sessions and flows cannot.";
      } else {
        text += " Its figures cannot be compared: " + octets_text(s.now_measures.octets) + " now and " +
                octets_text(s.then_measures.octets) + " then are no change of traffic. Set its rate to compare them.";
      }
      say(SentenceKind::kSampling, text, key_filter({FieldId::kExporter}, {s.address}));
    }
  }

  void left_out(const Comparison& c) {
    if (!c.is_compared()) return;
    for (const auto id : c.left_out) {
      const bool sampled =
          std::any_of(c.sampling.begin(), c.sampling.end(), [&](const auto& s) { return s.exporter == id; });
      if (sampled) continue;
      say(SentenceKind::kLeftOut,
          "Exporter " + exporter(id) + " is left out of the comparison with " + then_words(c) +
              ": it was not heard all the time, now or then. What it did not report is unknown, not zero.",
          words_.exporter_address ? key_filter({FieldId::kExporter}, {words_.exporter_address(id)}) : "");
    }
  }

  void largest() {
    const auto whole = static_cast<double>(value_of(e_.totals, e_.measure));
    for (const auto& one : e_.largest) {
      const auto value = value_of(one.measures, e_.measure);
      auto title = item_title(one.item, words_.names);
      const char* what = one.item.by.front() == FieldId::kProtocol ? "Largest port: " : "Largest ";
      say(SentenceKind::kLargest,
          what + title + ", " + amount(one.measures, e_.measure) +
              (whole > 0 && !e_.totals.saturated ? " (" + percent(static_cast<double>(value) / whole) + ")" : "") + '.',
          one.item.filter);
    }
  }

  const Explanation& e_;
  const SentenceWords& words_;
  std::vector<ExplainSentence> said_;
};

}  // namespace

std::vector<ExplainSentence> explain_sentences(const Explanation& explanation, const SentenceWords& words) {
  return Sentences(explanation, words).all();
}

std::string explanation_text(const Explanation& explanation, const SentenceWords& words) {
  std::string text;
  for (const auto& sentence : explain_sentences(explanation, words)) {
    text += sentence.text + "\n";
    if (sentence.kind != SentenceKind::kLargest && !sentence.filter.empty())
      text += "    filter: " + sentence.filter + "\n";
  }
  for (const auto& warning : explanation.warnings) text += "Left out: " + warning + "\n";
  return text;
}

}  // namespace weir
