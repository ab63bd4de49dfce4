// One writer function per part.
#include "api/explain_json.hpp"

#include "api/explain_titles.hpp"
#include "api/query_json.hpp"

namespace weir {

namespace {

std::string_view against_word(Against against) {
  switch (against) {
    case Against::kBefore: return "before";
    case Against::kLastWeek: return "last_week";
    case Against::kRange: return "range";
  }
  return "";
}

std::string_view comparable_word(Comparable comparable) {
  switch (comparable) {
    case Comparable::kWhole: return "whole";
    case Comparable::kPart: return "part";
    case Comparable::kNothingStored: return "nothing_stored";
    case Comparable::kNotHeard: return "not_heard";
    case Comparable::kSampling: return "sampling";
  }
  return "";
}

std::string_view change_word(Change change) {
  switch (change) {
    case Change::kSame: return "same";
    case Change::kRose: return "rose";
    case Change::kFell: return "fell";
  }
  return "";
}

std::string_view measure_word(Measure measure) { return kMeasureWords[static_cast<std::size_t>(measure)]; }

std::string_view sentence_kind_word(SentenceKind kind) {
  switch (kind) {
    case SentenceKind::kStretch: return "stretch";
    case SentenceKind::kVerdict: return "verdict";
    case SentenceKind::kComparison: return "comparison";
    case SentenceKind::kCause: return "cause";
    case SentenceKind::kSampling: return "sampling";
    case SentenceKind::kLeftOut: return "left_out";
    case SentenceKind::kLargest: return "largest";
  }
  return "";
}

std::string_view verdict_word(ExplainVerdict verdict) {
  switch (verdict) {
    case ExplainVerdict::kNothingUnusual: return "nothing_unusual";
    case ExplainVerdict::kUsualForHour: return "usual_for_hour";
    case ExplainVerdict::kUnusual: return "unusual";
    case ExplainVerdict::kNotComparable: return "not_comparable";
    case ExplainVerdict::kNoTraffic: return "no_traffic";
  }
  return "";
}

void write_measures_as(JsonWriter& w, std::string_view name, const Measures& measures) {
  w.key(name).begin_object();
  write_measures(w, measures);
  w.end_object();
}

void write_item(JsonWriter& w, const TrafficItem& item, const KeyNames& names) {
  w.key("title").text(to_valid_utf8(item_title(item, names))).key("filter").text(item.filter).key("key");
  write_key(w, item.by, item.key);
}

void write_pair(JsonWriter& w, std::string_view name, const Pair& pair) {
  w.key(name).begin_object().key("now").number(pair.now).key("then").number(pair.then).end_object();
}

void write_comparison(JsonWriter& w, const Comparison& c, const ResultContext& context, const KeyNames& names) {
  const auto address = [&](std::uint32_t id) {
    return key_text(context.exporter_address ? context.exporter_address(id) : IpAddress{});
  };
  w.begin_object().key("against").text(against_word(c.baseline.against)).key("range");
  write_range(w, c.baseline.range);
  w.key("comparable").text(comparable_word(c.comparable));
  if (c.is_compared()) {
    w.key("compared").begin_object().key("now");
    write_range(w, c.now);
    w.key("then");
    write_range(w, c.then);
    w.end_object();
    write_measures_as(w, "now", c.now_totals);
    write_measures_as(w, "then", c.then_totals);
    w.key("change").text(change_word(c.change));
  }
  w.key("left_out").begin_array();
  for (const auto id : c.left_out) w.text(address(id));
  w.end_array().key("sampling").begin_array();
  for (const auto& s : c.sampling) {
    w.begin_object()
        .key("exporter")
        .text(key_text(s.address))
        .key("now")
        .number(s.now)
        .key("then")
        .number(s.then)
        .key("scaled")
        .boolean(s.scaled)
        .end_object();
  }
  w.end_array();
  auto then = context;
  then.missing = c.missing;
  write_quality(w, c.quality, c.baseline.range, then, names);
  w.end_object();
}

void write_cause(JsonWriter& w, const Cause& cause, const KeyNames& names) {
  w.begin_object();
  write_item(w, cause.item, names);
  w.key("measure")
      .text(measure_word(cause.measure))
      .key("comparison")
      .number(static_cast<std::uint64_t>(cause.comparison));
  w.key("change").text(cause.rose ? "rose" : "fell").key("share").number(cause.share).key("figures").begin_array();
  for (const auto& figures : cause.figures) {
    if (!figures) {
      w.null();
      continue;
    }
    w.begin_object();
    write_measures_as(w, "now", figures->now);
    write_measures_as(w, "then", figures->then);
    w.end_object();
  }
  w.end_array().key("since_ms");
  cause.since_ms ? w.number(*cause.since_ms) : w.null();
  w.key("since_within_ms")
      .number(cause.bucket_ms)
      .key("since_earlier")
      .boolean(cause.since_earlier)
      .key("usual")
      .boolean(cause.usual);
  if (cause.clients) write_pair(w, "clients", *cause.clients);
  if (cause.servers) write_pair(w, "servers", *cause.servers);
  if (cause.ports) write_pair(w, "ports", *cause.ports);
  if (cause.moved_from) {
    w.key("moved_from").begin_object();
    write_item(w, *cause.moved_from, names);
    w.key("now").number(cause.moved_from_figures.now).key("then").number(cause.moved_from_figures.then).end_object();
  }
  if (cause.also_reported_by) w.key("also_reported_by").text(key_text(*cause.also_reported_by));
  w.end_object();
}

}  // namespace

std::string explanation_json(const Explanation& e, const ResultContext& context, const SentenceWords& words) {
  JsonWriter w;
  w.begin_object().key("range");
  write_range(w, e.range);
  w.key("measure").text(measure_word(e.measure));
  write_measures_as(w, "totals", e.totals);
  w.key("verdict").text(verdict_word(e.verdict)).key("spread").boolean(e.spread).key("sentences").begin_array();
  for (const auto& sentence : explain_sentences(e, words)) {
    w.begin_object().key("kind").text(sentence_kind_word(sentence.kind)).key("text").text(to_valid_utf8(sentence.text));
    if (!sentence.filter.empty()) w.key("filter").text(to_valid_utf8(sentence.filter));
    w.end_object();
  }
  w.end_array().key("comparisons").begin_array();
  for (const auto& comparison : e.comparisons) write_comparison(w, comparison, context, words.names);
  w.end_array().key("causes").begin_array();
  for (const auto& cause : e.causes) write_cause(w, cause, words.names);
  w.end_array().key("largest").begin_array();
  for (const auto& one : e.largest) {
    w.begin_object();
    write_item(w, one.item, words.names);
    write_measures_as(w, "measures", one.measures);
    w.end_object();
  }
  w.end_array();
  auto now = context;
  now.missing = e.missing;
  write_quality(w, e.quality, e.range, now, words.names);
  w.key("took_ms").number(context.took_ms).key("sessions_scanned").number(e.sessions_scanned);
  write_warnings(w, e.warnings);
  return w.end_object().take();
}

}  // namespace weir
