// Reads the records of a data set on trial.
#include "decode/layout_trial.hpp"

#include <algorithm>
#include <cstdlib>

#include "core/durations.hpp"

namespace weir {

namespace {

constexpr std::size_t kMaxPadding = 3;
// A flow ends before its export, by a day at the most; its clock may be that of another time zone.
constexpr std::int64_t kEarliestMs = 2 * kDayMs, kLatestMs = kDayMs, kFarthestMs = 365 * kDayMs;
constexpr std::int64_t kLongestMs = 14 * kDayMs;
constexpr std::uint64_t kLargestPacket = 1 << 20;  // IPv6 jumbograms of a host's own offload

bool could_be_source(const IpAddress& a) {
  if (a.is_unset() || !a.is_v4()) return true;
  const unsigned first = a.bytes[12];
  const bool all_zero = (a.bytes[12] | a.bytes[13] | a.bytes[14] | a.bytes[15]) == 0;
  return all_zero || (first != 0 && first < 224);
}

bool could_be_destination(const IpAddress& a) {
  if (a.is_unset() || !a.is_v4()) return true;
  const bool broadcast = (a.bytes[12] & a.bytes[13] & a.bytes[14] & a.bytes[15]) == 255;
  const bool all_zero = (a.bytes[12] | a.bytes[13] | a.bytes[14] | a.bytes[15]) == 0;
  return all_zero || broadcast || (a.bytes[12] != 0 && a.bytes[12] < 240);
}

bool could_be_times(const FlowTimes& t, const MessageTime& message) {
  using T = FlowTimes;
  if (t.has(T::kStartUptime | T::kEndUptime) && (t.start_uptime_ms | t.end_uptime_ms) != 0) {
    const std::int64_t duration = static_cast<std::int32_t>(t.end_uptime_ms - t.start_uptime_ms);
    if (duration < -kMinuteMs || duration > kLongestMs) return false;
  }
  if (t.has(T::kEndUptime) && t.end_uptime_ms != 0 && message.has_uptime) {
    const std::int64_t lag = static_cast<std::int32_t>(message.uptime_ms - t.end_uptime_ms);
    if (lag < -kMinuteMs || lag > kLongestMs) return false;
  }
  const auto near = [&](std::int64_t ms) {
    return ms > message.export_ms - kEarliestMs && ms < message.export_ms + kLatestMs;
  };
  const auto near_arrival = [&](std::int64_t ms) {
    return ms > message.arrival_ms - kEarliestMs && ms < message.arrival_ms + kLatestMs;
  };
  if (t.has(T::kEnd) && !near(t.end_ms) && !near_arrival(t.end_ms)) return false;
  if (t.has(T::kStart | T::kEnd) && std::llabs(t.end_ms - t.start_ms) > kFarthestMs) return false;
  return true;
}

bool could_be(const FlowRecord& r, const RecordNotes& notes, const MessageTime& time) {
  return could_be_source(r.src) && could_be_destination(r.dst) && could_be_times(notes.times, time) &&
         (r.packets == 0 || r.octets / r.packets <= kLargestPacket) && (r.octets == 0 || r.packets <= r.octets);
}

bool is_padding(std::span<const std::uint8_t> bytes) {
  return bytes.size() <= kMaxPadding || std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t b) { return b == 0; });
}

}  // namespace

std::size_t octets_left(ByteCursor set, const RecordPlan& plan) {
  if (plan.fixed_length()) {
    const std::size_t left = set.remaining() % plan.minimum_length();
    if (left <= kMaxPadding) return 0;
    set.skip(set.remaining() - left);
    return is_padding(set.take(left)) ? 0 : left;
  }
  while (set.remaining() >= plan.minimum_length()) {
    ByteCursor rest = set;
    if (is_padding(rest.take(rest.remaining()))) return 0;
    const std::size_t before = set.remaining();
    if (!plan.step_over(set)) return before;
  }
  const std::size_t left = set.remaining();
  return is_padding(set.take(left)) ? 0 : left;
}

bool layout_fits(ByteCursor set, const Template& layout, const MessageTime& time, RecordPlan::Parts& parts) {
  const auto& plan = layout.plan;
  if (set.remaining() < plan.minimum_length() || octets_left(set, plan) != 0) return false;
  while (set.remaining() >= plan.minimum_length()) {
    if (!plan.fixed_length() && set.remaining() <= kMaxPadding) break;
    FlowRecord record;
    RecordNotes notes;
    if (!plan.decode(set, record, notes, parts)) return false;
    if (!layout.record.options && !could_be(record, notes, time)) return false;
  }
  return true;
}

}  // namespace weir
