// Both stretches are laid over each other: what is unknown of one is unknown of the comparison.
#include "query/explain_parts.hpp"

#include <algorithm>
#include <map>

namespace weir {

namespace {

// A store that begins within so small a part of a stretch has all of it.
constexpr std::int64_t kFirstSession = 20;

// Milliseconds from the beginning of a stretch.
struct Span {
  std::int64_t from = 0, to = 0;
  std::int64_t length() const { return to - from; }
};
using Spans = std::vector<Span>;

void add_span(Spans& spans, std::int64_t from, std::int64_t to, std::int64_t length) {
  from = std::max<std::int64_t>(from, 0);
  to = std::min(to, length);
  if (from < to) spans.push_back({from, to});
}

// Sorted, and without overlap.
Spans joined(Spans spans) {
  std::sort(spans.begin(), spans.end(), [](const Span& a, const Span& b) { return a.from < b.from; });
  Spans out;
  for (const auto& span : spans) {
    if (!out.empty() && span.from <= out.back().to) out.back().to = std::max(out.back().to, span.to);
    else out.push_back(span);
  }
  return out;
}

std::int64_t length_of(const Spans& spans) {
  std::int64_t sum = 0;
  for (const auto& span : joined(spans)) sum += span.length();
  return sum;
}

// The longest part of [0, length) that is in none of `unknown`.
Span longest_known(const Spans& unknown, std::int64_t length) {
  Span best;
  std::int64_t at = 0;
  const auto look = [&](std::int64_t to) {
    if (to - at > best.length()) best = {at, to};
  };
  for (const auto& span : joined(unknown)) {
    look(span.from);
    at = span.to;
  }
  look(length);
  return best;
}

struct Unknown {
  Spans all;                            // of everybody
  std::map<std::uint32_t, Spans> ones;  // of single exporters
};

void add_unknown(Unknown& unknown, const TimeRange& range, const RangeQuality& missing,
                 const std::optional<TimeRange>& stored, std::int64_t now_ms) {
  const auto length = range.to_ms - range.from_ms;
  const auto add = [&](Spans& spans, std::int64_t from_ms, std::int64_t to_ms) {
    add_span(spans, from_ms - range.from_ms, to_ms - range.from_ms, length);
  };
  add(unknown.all, now_ms, range.to_ms);
  // The first session need not begin when the collector did.
  if (stored && (stored->from_ms - range.from_ms) * kFirstSession > length)
    add(unknown.all, range.from_ms, stored->from_ms);
  for (const auto& gap : missing.gaps) {
    switch (gap.reason) {
      case GapReason::kCollectorDown: add(unknown.all, gap.from_ms, gap.to_ms); break;
      case GapReason::kNotHeard: add(unknown.ones[gap.exporter], gap.from_ms, gap.to_ms); break;
    }
  }
  for (const auto& e : missing.exporters) {
    if (e.complete_to_ms != 0) add(unknown.ones[e.exporter], e.complete_to_ms, range.to_ms);
  }
}

}  // namespace

ComparedPart compared_part(const TimeRange& now, const RangeQuality& now_missing, const TimeRange& then,
                           const RangeQuality& then_missing, const std::optional<TimeRange>& stored,
                           std::int64_t now_ms) {
  const auto length = now.to_ms - now.from_ms;
  ComparedPart part{.comparable = Comparable::kWhole, .now = now, .then = then, .left_out = {}};
  if (!stored || then.to_ms <= stored->from_ms) {
    part.comparable = Comparable::kNothingStored;
    return part;
  }
  Unknown unknown;
  add_unknown(unknown, now, now_missing, stored, now_ms);
  add_unknown(unknown, then, then_missing, stored, now_ms);
  std::erase_if(unknown.ones, [](const auto& one) { return one.second.empty(); });

  std::size_t in_question = std::max(now_missing.exporters.size(), then_missing.exporters.size());
  const auto longest_without = [&](auto&& leave_out) {
    part.left_out.clear();
    auto spans = unknown.all;
    for (const auto& [exporter, silent] : unknown.ones) {
      if (leave_out(silent)) part.left_out.push_back(exporter);
      else spans.insert(spans.end(), silent.begin(), silent.end());
    }
    return longest_known(spans, length);
  };
  // When nobody would be left, it is the time that is cut.
  const bool others = unknown.ones.size() < in_question;
  auto known = longest_without([&](const Spans& silent) { return length_of(silent) * 4 > length; });
  if (!others && part.left_out.size() >= in_question) known = longest_without([](const Spans&) { return false; });
  if (known.length() * 2 < length && others) known = longest_without([](const Spans&) { return true; });
  if (known.length() * 2 < length || known.length() < 2) {
    part.comparable = Comparable::kNotHeard;
    return part;
  }
  if (known.length() < length) part.comparable = Comparable::kPart;
  part.now = {.from_ms = now.from_ms + known.from, .to_ms = now.from_ms + known.to};
  part.then = {.from_ms = then.from_ms + known.from, .to_ms = then.from_ms + known.to};
  return part;
}

}  // namespace weir
