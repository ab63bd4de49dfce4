// A rate is taken for earlier records only if no other device can have sent them.
#include "decode/late_rates.hpp"

#include <algorithm>
#include <utility>

#include "core/durations.hpp"
#include "decode/sequence.hpp"

namespace weir {

namespace {

// The flows in the first datagram of an exporter ended up to so long before it.
constexpr std::int64_t kBeforeFirstMs = 10 * kMinuteMs;

// The sender's own stream, or what it sent from the port that it had before.
bool is_of(const Stream& stream, const Stream& sender, std::int64_t now_ms) {
  if (stream.key.version != sender.key.version) return false;
  if (stream.key.port == sender.key.port) return true;
  return stream.key.domain == sender.key.domain && stream.last_ms < sender.heard_ms && stream.booted_ms != 0 &&
         sender.booted_ms != 0 && may_be_one_boot(stream.booted_ms, sender.booted_ms, now_ms);
}

// Stored by its beginning.
void publish(const LateRate& late, Exporter& exporter) {
  exporter.late_rates.with([&](std::vector<LateRate>& all) {
    const auto known =
        std::find_if(all.begin(), all.end(), [&](const LateRate& other) { return other.from_ms == late.from_ms; });
    if (known != all.end()) {
      *known = late;
      return;
    }
    // The first stays: sessions of later ones are marked by themselves.
    if (all.size() >= kMaxLateRates) all.erase(all.begin() + 1);
    all.push_back(late);
  });
}

}  // namespace

LateRates::Span* LateRates::open_span(const Stream& sender) {
  const auto known =
      std::find_if(spans_.begin(), spans_.end(), [&](const Span& s) { return s.open && s.is_of(sender.key); });
  return known == spans_.end() ? nullptr : &*known;
}

LateRates::Span& LateRates::add_span(const Stream& sender, std::int64_t from_ms) {
  const auto is_taken = [&](const Span& s) { return s.late.from_ms == from_ms; };
  while (std::any_of(spans_.begin(), spans_.end(), is_taken)) --from_ms;
  if (spans_.size() >= kMaxLateRates) spans_.erase(spans_.begin());
  auto& span = spans_.emplace_back();
  span.version = sender.key.version;
  span.port = sender.key.port;
  span.late.from_ms = from_ms;
  return span;
}

bool LateRates::is_ambiguous(const Span& span, const StreamTable& streams) const {
  const auto& late = span.late;
  const auto by_other_span = [&](const Span& other) {
    return other.late.from_ms <= late.until_ms && other.late.until_ms >= late.from_ms && other.late.rate != late.rate;
  };
  // Of a sender that has not announced its rate.
  const auto by_stream = [&](const Stream& stream) {
    return !span.is_of(stream.key) && stream.unrated.any() && stream.unrated.since_ms <= late.until_ms &&
           stream.last_ms >= late.from_ms;
  };
  return std::any_of(spans_.begin(), spans_.end(), by_other_span) ||
         std::any_of(streams.all().begin(), streams.all().end(), by_stream);
}

std::uint64_t LateRates::learn(const Stream& sender, const PortSampling& sampling, StreamTable& streams,
                               const Announcement& announced, Exporter& exporter) {
  const std::int64_t now_ms = announced.now_ms;
  std::int64_t since_ms = 0;
  std::uint32_t rate = 0, domain = 0;
  UnratedSpan unrated;
  bool any = false, agree = true;
  for (const auto& stream : streams.all()) {
    if (!stream.unrated.any() || !is_of(stream, sender, now_ms)) continue;
    const std::uint32_t of_stream = sampling.common_rate(stream.key.domain, stream.unrated);
    agree = agree && of_stream != 0 && (!any || of_stream == rate);
    since_ms = any ? std::min(since_ms, stream.unrated.since_ms) : stream.unrated.since_ms;
    domain = stream.key.domain;
    unrated = stream.unrated;
    rate = of_stream;
    any = true;
  }
  if (!agree) rate = 0;

  bool changed = any;
  if (any) {
    const std::int64_t first_seen_ms = exporter.first_seen_ms.load(std::memory_order_relaxed);
    const bool is_young = first_seen_ms != 0 && now_ms - first_seen_ms <= kLongestRateWaitMs;
    if (announced.is_first && is_young) since_ms = std::min(since_ms, first_seen_ms - kBeforeFirstMs);
    const bool too_old = announced.is_first ? !is_young : now_ms - since_ms > kLongestRateWaitMs;
    if (too_old) {
      // It may sample since just now only.
      since_ms = now_ms - kLongestRateWaitMs;
      rate = 0;
    }
    Span* span = open_span(sender);
    if (span != nullptr && too_old) span->open = false;
    if (span == nullptr || too_old) span = &add_span(sender, since_ms);
    span->open = rate == 0 && !too_old;
    span->domain = domain;
    span->unrated = std::move(unrated);
    span->learnt_ms = now_ms;
    span->late.until_ms = now_ms + announced.max_skew_ms;
    span->late.rate = rate;
    if (!span->open) {
      for (auto& stream : streams.all()) {
        if (is_of(stream, sender, now_ms)) stream.unrated = {};
      }
    }
  } else {
    for (auto& span : spans_) {
      // The rest of a table that began a moment ago: another rate makes it one of several.
      const bool same_table = span.is_of(sender.key) && now_ms - span.learnt_ms <= kOneTableMs;
      if (!same_table || span.late.rate == 0 || sampling.common_rate(span.domain, span.unrated) == span.late.rate)
        continue;
      span.late.rate = 0;
      changed = true;
    }
  }
  if (!changed) return streams.size();
  for (const auto& span : spans_) {
    auto late = span.late;
    if (is_ambiguous(span, streams)) late.rate = 0;
    publish(late, exporter);
    for (const auto& [address, original] : announced.originals) publish(late, *original);
  }
  return streams.size() * (1 + spans_.size());
}

}  // namespace weir
