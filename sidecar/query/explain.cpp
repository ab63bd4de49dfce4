// The order of things: what can be compared, what changed, what explains it, whether that is usual.
#include "query/explain.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "core/durations.hpp"
#include "query/explain_causes.hpp"
#include "query/explain_narrowing.hpp"
#include "query/explain_parts.hpp"
#include "query/explain_since.hpp"
#include "query/query_setup.hpp"

namespace weir {

namespace {

constexpr std::int64_t kWeekMs = 7 * kDayMs;
constexpr std::uint32_t kNoiseBuckets = 64;
// A total that differs by less has not changed. Weeks differ more than neighbours do, and what nobody asked about has
// to stand out to be told.
struct Limits {
  double rise, fall;
};
constexpr Limits kAsked{0.3, 0.23}, kOtherDay{0.4, 0.3}, kNotAsked{0.6, 0.45};
// Differences within so many standard errors are noise.
constexpr double kNoise = 4.5, kCountNoise = 6;
// A rate counts when so much of an exporter's flows have it.
constexpr double kRatePart = 0.8;
// Enough of the change is told.
constexpr double kExplained = 0.5;

class Explainer {
 public:
  Explainer(const ExplainQuery& query, ExplainQuestions& questions) : query_(query), questions_(questions) {}

  Explanation run() {
    const auto& all = questions_.ask({.range = query_.range, .measure = query_.measure, .buckets = buckets()});
    e_ = {.range = query_.range,
          .measure = query_.measure,
          .totals = all.totals,
          .quality = all.quality,
          .missing = questions_.missing(query_.range, all.quality.exporters)};
    for (const auto& baseline : query_.against) e_.comparisons.push_back(compare(baseline));
    explain_changes();
    find_largest();
    e_.verdict = verdict();
    e_.warnings = questions_.warnings();
    e_.sessions_scanned = questions_.sessions_scanned();
    return std::move(e_);
  }

 private:
  std::uint32_t buckets() const {
    return static_cast<std::uint32_t>(std::min<std::int64_t>(kNoiseBuckets, query_.range.to_ms - query_.range.from_ms));
  }

  Comparison compare(const Baseline& baseline) {
    const auto& all = questions_.ask({.range = baseline.range, .measure = query_.measure, .buckets = buckets()});
    Comparison c{.baseline = baseline,
                 .quality = all.quality,
                 .missing = questions_.missing(baseline.range, all.quality.exporters)};
    const auto part = compared_part(query_.range, e_.missing, baseline.range, c.missing, questions_.held().stored(),
                                    questions_.now_ms());
    c.comparable = part.comparable;
    c.now = part.now;
    c.then = part.then;
    c.left_out = part.left_out;
    if (!c.is_compared()) return c;
    leave_out_other_sampling(c);
    if (!c.is_compared()) return c;
    auto now = now_question(c, query_.measure), then = then_question(c, query_.measure);
    now.buckets = then.buckets = buckets();
    c.now_totals = questions_.ask(now).totals;
    c.then_totals = questions_.ask(then).totals;
    c.change = change_of(c, query_.measure, c.baseline.against == Against::kBefore ? kAsked : kOtherDay);
    return c;
  }

  // The rate that nearly all flows of an exporter have, and what it sent.
  struct Sampled {
    std::map<std::uint64_t, std::uint64_t> flows;
    Measures measures;
    std::optional<std::uint64_t> rate() const {
      for (const auto& [rate, count] : flows) {
        if (static_cast<double>(count) >= kRatePart * static_cast<double>(measures.flows)) return rate;
      }
      return std::nullopt;
    }
  };
  std::map<IpAddress, Sampled> sampled(const QueryResult& result, const TimeRange& range) const {
    std::map<IpAddress, Sampled> by_exporter;
    for (const auto& row : result.rows) {
      const auto& address = std::get<IpAddress>(row.key[0]);
      auto& one = by_exporter[address];
      one.flows[known_rate(address, std::get<std::uint64_t>(row.key[1]), range)] += row.measures.flows;
      one.measures.octets += row.measures.octets;
      one.measures.packets += row.measures.packets;
      one.measures.flows += row.measures.flows;
      one.measures.sessions += row.measures.sessions;
    }
    return by_exporter;
  }
  // What flows that say no rate are scaled by.
  std::uint64_t known_rate(const IpAddress& address, std::uint64_t rate, const TimeRange& range) const {
    if (rate != 0) return rate;
    for (const auto& exporter : questions_.held().exporters()) {
      if (exporter.address != address) continue;
      for (const auto& late : exporter.late_rates) {
        if (late.touches(range.from_ms, range.to_ms)) return late.rate;
      }
      return exporter.configured_sampling;
    }
    return 0;
  }

  // Figures as exported say nothing about traffic when the rate has changed and is not known on one side. Numbers of
  // flows and sessions never do.
  void leave_out_other_sampling(Comparison& c) {
    auto now = now_question(c, query_.measure), then = then_question(c, query_.measure);
    now.by = then.by = {FieldId::kExporter, FieldId::kSampling};
    const auto sampled_now = sampled(questions_.ask(now), c.now), sampled_then = sampled(questions_.ask(then), c.then);
    std::size_t exporters = sampled_now.size();
    for (const auto& [address, one] : sampled_then) exporters += sampled_now.count(address) == 0 ? 1 : 0;
    std::size_t left_out = 0;
    for (const auto& [address, one] : sampled_now) {
      const auto before = sampled_then.find(address);
      if (before == sampled_then.end()) continue;
      const auto rate_now = one.rate(), rate_then = before->second.rate();
      if (!rate_now || !rate_then || *rate_now == *rate_then || std::max(*rate_now, *rate_then) <= 1) continue;
      SamplingChange change{.address = address,
                            .now = *rate_now,
                            .then = *rate_then,
                            .now_measures = one.measures,
                            .then_measures = before->second.measures,
                            .scaled = *rate_now != 0 && *rate_then != 0 && !query_.unscaled};
      for (const auto& exporter : questions_.held().exporters()) {
        if (exporter.address == address) change.exporter = exporter.id;
      }
      c.sampling.push_back(change);
      const bool is_count = query_.measure == Measure::kFlows || query_.measure == Measure::kSessions;
      if (change.scaled && !is_count) continue;
      c.left_out.push_back(change.exporter);
      ++left_out;
    }
    std::sort(c.left_out.begin(), c.left_out.end());
    if (left_out > 0 && left_out == exporters) c.comparable = Comparable::kSampling;
  }

  Change change_of(const Comparison& c, Measure measure, const Limits& limits) {
    if (c.now_totals.saturated || c.then_totals.saturated) return Change::kSame;
    const auto now = static_cast<double>(value_of(c.now_totals, measure)),
               then = static_cast<double>(value_of(c.then_totals, measure));
    const double difference = now - then;
    if (difference > 0 ? difference < limits.rise * then : -difference <= limits.fall * then) return Change::kSame;
    if (difference == 0) return Change::kSame;
    if (measure == Measure::kFlows || measure == Measure::kSessions) {
      if (std::abs(difference) < kCountNoise * std::sqrt(now + then)) return Change::kSame;
    } else if (const auto noise = noise_between(c, measure)) {
      if (std::abs(difference) < kNoise * std::sqrt(2.0) * *noise * (now + then) / 2) return Change::kSame;
    }
    return difference > 0 ? Change::kRose : Change::kFell;
  }

  // Of the quieter of the two: what explains a difference is in one of them.
  std::optional<double> noise_between(const Comparison& c, Measure measure) {
    std::optional<double> least;
    for (auto question : {now_question(c, query_.measure), then_question(c, query_.measure)}) {
      question.buckets = buckets();
      const auto& series = questions_.ask(question).series;
      if (series.empty()) continue;
      const auto noise = noise_of(measure == Measure::kPackets ? series.back().packets : series.back().octets);
      if (noise && (!least || *noise < *least)) least = noise;
    }
    return least;
  }

  void add_causes(std::size_t comparison, Measure measure) {
    if (e_.causes.size() >= kMaxCauses) return;
    const Examined examined{query_, questions_, e_.comparisons};
    std::vector<Cause> known;
    // Those of another measure are other numbers of what may be the same traffic.
    for (const auto& cause : e_.causes) {
      if (cause.figures[comparison]) known.push_back(cause);
    }
    auto found = find_causes(examined, comparison, measure, known, kMaxCauses - e_.causes.size());
    for (auto& cause : found) {
      const bool again = std::any_of(e_.causes.begin(), e_.causes.end(),
                                     [&](const Cause& other) { return is_same_traffic(cause.item, other.item); });
      if (!again) e_.causes.push_back(std::move(cause));
    }
  }

  double explained(std::size_t comparison, Measure measure) const {
    const auto& c = e_.comparisons[comparison];
    double share = 0;
    for (const auto& cause : e_.causes) {
      if (!cause.figures[comparison]) continue;
      share += share_of({.key = {},
                         .now = value_of(cause.figures[comparison]->now, measure),
                         .then = value_of(cause.figures[comparison]->then, measure)},
                        value_of(c.now_totals, measure), value_of(c.then_totals, measure));
    }
    return share;
  }

  void explain_changes() {
    bool changed = false;
    for (std::size_t i = 0; i < e_.comparisons.size(); ++i) {
      const auto& c = e_.comparisons[i];
      if (!c.is_compared() || c.change == Change::kSame) continue;
      changed = true;
      if (explained(i, query_.measure) >= kExplained) continue;
      const auto before = e_.causes.size();
      add_causes(i, query_.measure);
      if (before == 0 && e_.causes.empty()) e_.spread = true;
    }
    if (!e_.causes.empty()) e_.spread = false;
    const auto first =
        std::find_if(e_.comparisons.begin(), e_.comparisons.end(), [](const Comparison& c) { return c.is_compared(); });
    if (first == e_.comparisons.end()) return;
    const auto i = static_cast<std::size_t>(first - e_.comparisons.begin());
    // What the asked measure does not show: a scan has few octets.
    for (const auto measure : {Measure::kOctets, Measure::kSessions, Measure::kPackets}) {
      if (measure == query_.measure) continue;
      if (measure == Measure::kSessions && !first->sampling.empty()) continue;
      if (change_of(*first, measure, kNotAsked) == Change::kSame || explained(i, measure) >= kExplained) continue;
      add_causes(i, measure);
    }
    if (changed || !e_.causes.empty()) return;
    if (auto moved = find_move({query_, questions_, e_.comparisons}, i, query_.measure))
      e_.causes.push_back(*std::move(moved));
  }

  void find_largest() {
    using enum FieldId;
    if (value_of(e_.totals, query_.measure) == 0) return;
    for (const auto& by : {std::vector{kClient}, std::vector{kServer}, std::vector{kProtocol, kServerPort}}) {
      const auto& result = questions_.ask({.range = query_.range, .by = by, .measure = query_.measure});
      if (!result.rows.empty())
        e_.largest.push_back({.item = item_of(by, result.rows.front().key), .measures = result.rows.front().measures});
    }
  }

  ExplainVerdict verdict() const {
    bool compared = false, changed = !e_.causes.empty(), as_last_week = false, sampling = false;
    std::uint64_t traffic = value_of(e_.totals, query_.measure);
    for (const auto& c : e_.comparisons) {
      traffic += value_of(c.then_totals, query_.measure);
      sampling = sampling || !c.sampling.empty();
      if (!c.is_compared()) continue;
      compared = true;
      changed = changed || c.change != Change::kSame;
      if (c.baseline.against == Against::kLastWeek && c.change == Change::kSame) as_last_week = true;
    }
    if (!compared) return ExplainVerdict::kNotComparable;
    if (sampling) return ExplainVerdict::kUnusual;
    if (traffic == 0) return ExplainVerdict::kNoTraffic;
    if (!changed) return ExplainVerdict::kNothingUnusual;
    const bool all_usual =
        std::all_of(e_.causes.begin(), e_.causes.end(), [](const Cause& cause) { return cause.usual; });
    return as_last_week && all_usual ? ExplainVerdict::kUsualForHour : ExplainVerdict::kUnusual;
  }

  const ExplainQuery& query_;
  ExplainQuestions& questions_;
  Explanation e_;
};

}  // namespace

Baseline before_of(const TimeRange& range) {
  return {.against = Against::kBefore, .range = {.from_ms = 2 * range.from_ms - range.to_ms, .to_ms = range.from_ms}};
}

Baseline last_week_of(const TimeRange& range) {
  return {.against = Against::kLastWeek, .range = {.from_ms = range.from_ms - kWeekMs, .to_ms = range.to_ms - kWeekMs}};
}

Result<Explanation> explain(const ExplainQuery& query, Store& store, const QueryControl& control) {
  const auto length = query.range.to_ms - query.range.from_ms;
  if (query.range.from_ms < kEarliestMs || query.range.to_ms > kLatestMs || length <= 0)
    return error("range: expected 0 <= from < to in epoch milliseconds");
  auto complete = query;
  if (complete.against.empty()) {
    for (const auto& baseline : {before_of(query.range), last_week_of(query.range)}) {
      if (baseline.range.from_ms >= kEarliestMs) complete.against.push_back(baseline);
    }
  }
  if (complete.against.size() > kMaxBaselines)
    return error("against: at most " + std::to_string(kMaxBaselines) + " stretches, found " +
                 std::to_string(complete.against.size()));
  for (const auto& baseline : complete.against) {
    if (baseline.range.to_ms - baseline.range.from_ms != length) {
      return error("against: expected a stretch as long as the range, " + std::to_string(length) + " ms, found " +
                   std::to_string(baseline.range.to_ms - baseline.range.from_ms));
    }
    if (baseline.range.from_ms < kEarliestMs) return error("against: begins before 1970");
  }
  try {
    ExplainQuestions questions(complete, store, control);
    return Explainer(complete, questions).run();
  } catch (const ExplainFailure& failure) {
    return failure.error;
  } catch (const std::runtime_error& e) {
    return error(std::string("the store cannot be read: ") + e.what());
  }
}

}  // namespace weir
