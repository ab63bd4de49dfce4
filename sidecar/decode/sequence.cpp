// Sequence arithmetic: gaps, late datagrams, restarts.
#include "decode/sequence.hpp"

#include <algorithm>
#include <utility>

namespace weir {

namespace {

constexpr std::size_t kMaxStreams = 8;      // exporters behind one address and domain that are told apart
constexpr std::uint32_t kRestartRun = 3;    // so many "late" messages in a row are an exporter that began anew

}  // namespace

SequenceTracker::Stream& SequenceTracker::stream_of(std::uint16_t port, const SequenceStep& step) {
  ++clock_;
  for (auto& s : streams_) {
    if (s.port == port) {
      s.used = clock_;
      return s;
    }
  }
  for (auto& s : streams_) {
    const std::uint32_t gap = step.sequence - s.next;
    if (s.synced && gap <= step.reorder) {
      s.port = port;
      s.used = clock_;
      return s;
    }
  }
  if (streams_.size() < kMaxStreams) return streams_.emplace_back(Stream{.port = port, .used = clock_});
  auto& oldest = *std::min_element(streams_.begin(), streams_.end(), [](auto& a, auto& b) { return a.used < b.used; });
  return oldest = Stream{.port = port, .used = clock_};
}

std::int64_t SequenceTracker::advance(std::uint16_t port, const SequenceStep& step) {
  Stream& s = stream_of(port, step);
  const auto units_of = [&](bool options) { return options ? step.units : step.units - step.options; };
  const auto begin_of = [&](bool own, bool options) { return own ? step.sequence - units_of(options) : step.sequence; };
  if (s.synced && step.known && begin_of(s.counts_own, s.counts_options) != s.next) {
    const auto next_of = [&](bool own, bool options) { return own ? s.last : s.last + s.last_units - (options ? 0 : s.last_options); };
    // Where another way to count leaves no gap, the exporter counts that way.
    const std::pair<bool, bool> others[] = {{!s.counts_own, s.counts_options}, {s.counts_own, !s.counts_options}, {!s.counts_own, !s.counts_options}};
    for (const auto& [own, options] : others) {
      if (begin_of(own, options) != next_of(own, options)) continue;
      s.counts_own = own;
      s.counts_options = options;
      s.next = next_of(own, options);
      break;
    }
  }
  const std::uint32_t units = units_of(s.counts_options), begin = begin_of(s.counts_own, s.counts_options), after = begin + units;
  const std::uint32_t gap = begin - s.next, back = s.next - begin;
  if (s.synced && gap != 0 && back <= step.reorder) {
    s.late_run = s.late_run != 0 && begin == s.late_next ? s.late_run + 1 : 1;
    s.late_next = after;
    if (s.late_run < kRestartRun) {
      const bool fills_gap = begin - s.gap_from < s.gap_size;
      const std::uint32_t found = fills_gap ? std::min(units, s.missing) : 0;
      s.missing -= found;
      return -static_cast<std::int64_t>(found);
    }
  }
  std::int64_t lost = 0;
  if (s.synced && gap != 0 && gap < step.absurd_jump) lost = gap;
  if (gap != 0) {
    s.gap_from = s.next;
    s.gap_size = s.missing = static_cast<std::uint32_t>(lost);
  }
  s.late_run = 0;
  s.last = step.sequence;
  s.last_units = step.units;
  s.last_options = step.options;
  s.next = after;
  s.synced = step.known;
  return lost;
}

}  // namespace weir
