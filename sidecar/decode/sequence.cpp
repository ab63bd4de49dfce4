// Sequence arithmetic: gaps, late datagrams, restarts, and which ports go on in which sequence.
#include "decode/sequence.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace weir {

namespace {

constexpr std::uint32_t kRestartRun = 3;     // so many "late" messages in a row are an exporter that began anew
constexpr std::uint32_t kFirstSequence = 1;  // where counting begins: RFC 7011 at 0, some at 1
constexpr std::uint32_t kFewMessages = 3;    // from so many on a sequence is one
constexpr std::uint32_t kLargestMessage = 4096, kHalfRange = std::uint32_t{1} << 31;
constexpr std::size_t kLinesLookedAt = 64;  // for one that a new port goes on in
constexpr std::int64_t kSameBootMs = 5'000, kDriftOf = 10'000, kMostDriftMs = 600'000;  // 100 ppm

std::uint32_t units_of(const SequenceStep& step, bool options) {
  return options ? step.units : step.units - step.options;
}

}  // namespace

bool may_be_one_boot(std::int64_t a_ms, std::int64_t b_ms, std::int64_t now_ms) {
  if (a_ms == 0 || b_ms == 0) return true;
  const std::int64_t drift_ms = std::clamp((now_ms - std::min(a_ms, b_ms)) / kDriftOf, kSameBootMs, kMostDriftMs);
  // Both are known up to a wrap of the 32-bit uptime.
  return std::abs(static_cast<std::int64_t>(static_cast<std::int32_t>(static_cast<std::uint32_t>(a_ms - b_ms)))) <=
         drift_ms;
}

std::uint32_t SequenceTracker::begin_of(const Line& line, const SequenceStep& step) {
  return line.counts_own ? step.sequence - units_of(step, line.counts_options) : step.sequence;
}

SequenceTracker::Lines::iterator SequenceTracker::line_continued(const SequenceStep& step, std::uint32_t max_gap,
                                                                 const Line* except) {
  auto best = lines_.end();
  std::uint32_t least = 0;
  std::size_t looked_at = 0;
  for (auto at = lines_.begin(); at != lines_.end() && looked_at < kLinesLookedAt; ++at, ++looked_at) {
    if (&*at == except || !at->synced || !may_be_one_boot(at->boot_ms, step.boot_ms, step.arrival_ms)) continue;
    const std::uint32_t gap = begin_of(*at, step) - at->next;
    if (gap > max_gap || (best != lines_.end() && gap >= least)) continue;
    best = at;
    least = gap;
  }
  return best;
}

void SequenceTracker::leave(Port& port) {
  if (port.line != lines_.end() && --port.line->ports == 0) lines_.erase(port.line);
  port.line = lines_.end();
}

void SequenceTracker::join(Port& port, Lines::iterator line) {
  ++line->ports;
  leave(port);
  port.line = line;
}

void SequenceTracker::start_line(Port& port, const SequenceStep& step) {
  lines_.push_front(Line{.boot_ms = step.boot_ms});
  join(port, lines_.begin());
}

SequenceTracker::Port& SequenceTracker::port_of(std::uint16_t number, const SequenceStep& step) {
  if (!ports_.empty() && ports_.front().number == number) {
    choose_line(ports_.front(), step);
    return ports_.front();
  }
  if (const auto known = by_number_.find(number); known != by_number_.end()) {
    ports_.splice(ports_.begin(), ports_, known->second);
    choose_line(ports_.front(), step);
    return ports_.front();
  }
  if (ports_.size() >= kMaxPorts) {
    leave(ports_.back());
    by_number_.erase(ports_.back().number);
    ports_.pop_back();
  }
  ports_.push_front(Port{.number = number, .line = lines_.end()});
  by_number_[number] = ports_.begin();
  auto& port = ports_.front();
  const auto line = step.known ? line_continued(step, step.reorder, nullptr) : lines_.end();
  if (line == lines_.end()) {
    start_line(port, step);
    return port;
  }
  join(port, line);
  const std::uint32_t gap = begin_of(*line, step) - line->next;
  // It may as well be a device that was not heard before: only if both ports go on by turns, something was missing.
  line->pending = gap;
  line->next += gap;
  return port;
}

void SequenceTracker::choose_line(Port& port, const SequenceStep& step) {
  auto& line = *port.line;
  if (!step.known || !line.synced || !port.synced) return;
  const std::uint32_t begin = begin_of(line, step);
  if (begin == line.next) {
    // Back in a sequence that another port has gone on in: they share it.
    if (line.ports > 1 && begin != port.next) line.shared = true;
    return;
  }
  if (line.ports > 1) {
    // Where it would go on alone, it is a device of its own, and nothing was missing when the other port came.
    const std::uint32_t gap_alone = begin - port.next, gap_shared = begin - line.next;
    const bool is_late = line.next - begin <= step.reorder;
    if (gap_alone == 0 || (!line.shared && !is_late && gap_alone < gap_shared)) {
      if (!line.shared) line.pending = 0;
      Line own = line;
      own.next = port.next;
      own.ports = 0;
      own.pending = own.gap_size = own.missing = own.late_run = 0;
      own.shared = false;
      lines_.push_front(own);
      join(port, lines_.begin());
    }
    return;
  }
  if (line.next - begin <= step.reorder) return;  // late
  if (const auto other = line_continued(step, 0, &line); other != lines_.end()) join(port, other);
}

std::int64_t SequenceTracker::advance(std::uint16_t number, const SequenceStep& step) {
  Port& port = port_of(number, step);
  if (step.restarted) {
    start_line(port, step);
    port.synced = false;
  }
  auto& line = *port.line;
  if (port.line != lines_.begin()) lines_.splice(lines_.begin(), lines_, port.line);
  std::int64_t lost = advance(line, step);
  if (line.pending != 0 && line.shared) lost += std::exchange(line.pending, 0);
  ++line.messages;
  line.heard_ms = step.arrival_ms;
  if (step.boot_ms != 0) line.boot_ms = step.boot_ms;
  const std::uint32_t after = begin_of(line, step) + units_of(step, line.counts_options);
  if (line.ports == 1 || !port.synced) port.next = line.ports == 1 ? line.next : after;
  else if (after - port.next <= std::uint32_t{1} << 31) port.next = after;  // one that comes late leaves it
  port.synced = step.known;
  return lost;
}

std::int64_t SequenceTracker::advance(Line& s, const SequenceStep& step) {
  const auto begin_if = [&](bool own, bool options) {
    return own ? step.sequence - units_of(step, options) : step.sequence;
  };
  if (s.synced && step.known && begin_if(s.counts_own, s.counts_options) != s.next) {
    const auto next_of = [&](bool own, bool options) {
      return own ? s.last : s.last + s.last_units - (options ? 0 : s.last_options);
    };
    // Where another way to count leaves no gap, the exporter counts that way.
    const std::pair<bool, bool> others[] = {
        {!s.counts_own, s.counts_options}, {s.counts_own, !s.counts_options}, {!s.counts_own, !s.counts_options}};
    for (const auto& [own, options] : others) {
      if (begin_if(own, options) != next_of(own, options)) continue;
      s.counts_own = own;
      s.counts_options = options;
      s.next = next_of(own, options);
      break;
    }
  }
  const std::uint32_t units = units_of(step, s.counts_options), begin = begin_of(s, step), after = begin + units;
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
  // Past the wrap and right where counting begins: it has begun anew. Where an uptime goes on, it has not.
  const bool anew = begin < s.next && begin <= kFirstSequence && step.boot_ms == 0;
  std::int64_t lost = 0;
  if (s.synced && gap != 0 && gap < step.absurd_jump && !anew) lost = gap;
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

SequencePlace SequenceTracker::place_of(std::uint16_t number, std::uint32_t sequence) const {
  const auto known = by_number_.find(number);
  if (known == by_number_.end() || !known->second->line->synced) return SequencePlace::kUnknown;
  const auto& line = *known->second->line;
  // Those that count the message itself say more than what came before it.
  if (line.counts_own)
    return sequence == line.last                     ? SequencePlace::kBack
           : sequence - line.last <= kLargestMessage ? SequencePlace::kNext
           : sequence - line.last < kHalfRange       ? SequencePlace::kAhead
                                                     : SequencePlace::kBack;
  if (sequence == line.next || sequence == known->second->next) return SequencePlace::kNext;
  return sequence - line.next < kHalfRange ? SequencePlace::kAhead : SequencePlace::kBack;
}

std::size_t SequenceTracker::lines_since(std::int64_t arrival_ms) const {
  std::size_t lines = 0;
  for (const auto& line : lines_) lines += line.messages >= kFewMessages && line.heard_ms >= arrival_ms ? 1 : 0;
  return lines;
}

}  // namespace weir
