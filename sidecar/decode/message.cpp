// Finishing of records and bookkeeping per datagram: one relaxed add per counter and datagram.
#include "decode/message.hpp"

#include <algorithm>
#include <utility>

#include "core/counted.hpp"
#include "core/durations.hpp"

namespace weir {

namespace {

constexpr std::size_t kFlushRecords = 256;  // stays in the cache between decoding and pairing
// What a flow carried came within its duration, but at least within this: exporters round times, or give none.
constexpr std::uint64_t kLeastDurationMs = 60'000;
// The longest active timeout that routers have by default.
constexpr std::int64_t kLongestReportMs = 30 * 60'000;
// A packet on a link takes at least this with its frame (IEEE 802.3: 64 octets).
constexpr std::uint64_t kLeastPacket = 64;
// Of Decoder::work(): a record is paired and stored, a datagram has a header.
constexpr std::uint64_t kRecordWork = 256, kRejectedWork = 16, kDatagramWork = 128;

void add(std::atomic<std::uint64_t>& counter, std::uint64_t n) {
  if (n != 0) counter.fetch_add(n, std::memory_order_relaxed);
}

}  // namespace

bool Message::enter(std::uint16_t version, std::uint32_t domain_id, std::int64_t export_ms) {
  domain = from.domain(version, domain_id, datagram.arrival_ms);
  if (domain == nullptr && may_look_for_room() && context.make_state_room(from, datagram.arrival_ms)) {
    domain = from.domain(version, domain_id, datagram.arrival_ms);
  }
  if (domain == nullptr) {
    context.counters.domains_refused.add(1);
    context.log.note(DecodeFault::kDomainRefused, [&] {
      return sender() + ": domain " + std::to_string(domain_id) + " refused, " +
             std::to_string(context.limits.max_domains_per_exporter) +
             " domains of this exporter are known already (decode.max_domains_per_exporter), or there is no memory for "
             "more (decode.max_state_bytes)";
    });
    return false;
  }
  if (domain->port != datagram.source_port) {
    domain->port = datagram.source_port;
    from.changed = true;
  }
  time.arrival_ms = datagram.arrival_ms;
  time.export_ms = export_ms;
  const std::uint64_t forgotten = from.streams.forgotten();
  stream =
      &from.streams.of({.version = version, .domain = domain_id, .port = datagram.source_port}, datagram.arrival_ms);
  if (from.streams.forgotten() != forgotten) context.counters.streams_forgotten.add(1);
  time.shift_ms = stream->skew.shift_for(datagram.arrival_ms, export_ms, context.limits.max_clock_skew_ms);
  return true;
}

void Message::set_uptime(std::uint32_t uptime_ms, std::optional<std::uint32_t> sequence) {
  time.uptime_ms = uptime_ms;
  time.has_uptime = true;
  const auto place = sequence ? domain->sequence.place_of(datagram.source_port, *sequence) : SequencePlace::kUnknown;
  if (stream->uptime.observe(uptime_ms, time.export_ms, datagram.arrival_ms, place)) {
    restarted_ = true;
    domain->templates.mark_outdated(datagram.source_port);
  }
  // Some leave it at zero.
  stream->booted_ms = uptime_ms == 0 || stream->uptime.erratic() ? 0 : time.export_ms - uptime_ms;
}

void Message::set_original(FlowRecord& record, const IpAddress& address) {
  if (address.is_unset() || address == from.exporter.address) return;
  auto known = from.originals.find(address);
  if (known == from.originals.end() || !known->second->has_place()) {
    const bool has_room = known != from.originals.end() || from.originals.size() < context.limits.max_originals;
    auto* admitted =
        has_room && context.admit_original ? context.admit_original(address, datagram.arrival_ms) : nullptr;
    if (admitted == nullptr) {
      context.counters.originals_refused.add(1);
      context.log.note(DecodeFault::kExporterRefused, [&] {
        return sender() + ": its records name " + address.text() +
               " as their exporter, for which there is no place (exporters.max, exporters.max_originals); they count "
               "for the sender";
      });
      return;
    }
    known = from.originals.insert_or_assign(address, admitted).first;
  }
  original_ = known->second;
  record.exporter = original_->id;
}

// A flow's direction that the exporter's flows are not counted for.
bool Message::leaves_out(FlowRecord& record) {
  const auto& exporter = original_ != nullptr ? *original_ : from.exporter;
  const Metering metering = original_ != nullptr ? exporter.metering.load(std::memory_order_relaxed) : metering_;
  if (record.direction > 1) return false;
  if (original_ == nullptr) directions_ |= static_cast<std::uint8_t>(1u << record.direction);
  switch (metering) {
    case Metering::kAuto: record.count_once = !record.sample; return false;
    case Metering::kIngress: return record.direction != 0;
    case Metering::kEgress: return record.direction != 1;
    case Metering::kBoth: return false;
  }
  return false;
}

void Message::finish_record(FlowRecord& record, const FlowTimes& times, const MessageTime& at,
                            const FlowReport& report) {
  const auto unrated = std::exchange(next_unrated_, std::nullopt);
  Exporter* const original = original_;
  if (leaves_out(record)) {
    ++left_out_;
    add((original != nullptr ? *original : from.exporter).left_out, 1);
    original_ = nullptr;
    return drop_record();
  }
  original_ = nullptr;
  const TimeLimits limits{.max_clock_skew_ms = context.limits.max_clock_skew_ms,
                          .max_export_delay_ms = context.limits.max_export_delay_ms,
                          .max_flow_duration_ms = context.limits.max_flow_duration_ms};
  const bool repaired = resolve_times(times, at, limits, record);
  if (!is_believable(record)) {
    ++rejected_counters_;
    context.log.note(DecodeFault::kRecordRefused, [&] {
      return sender() + ": a record was refused, it counts " +
             std::to_string(std::max(record.octets, record.reverse_octets)) + " octets and " +
             std::to_string(std::max(record.packets, record.reverse_packets)) + " packets in " +
             std::to_string(record.end_ms - record.start_ms) + " ms, sampled 1 in " + std::to_string(record.sampling) +
             ": more than a link carries (decode.max_link_bps)";
    });
    return drop_record();
  }
  if (record.sampling != 0 && !from.rates.take(record.sampling, datagram.arrival_ms)) {
    ++rejected_rates_;
    context.log.note(DecodeFault::kRecordRefused, [&] {
      return sender() + ": a record was refused, its sampling rate of 1 in " + std::to_string(record.sampling) +
             " is one too many: this exporter's records have had " +
             std::to_string(context.limits.max_record_rates_per_exporter) +
             " others within the hour (decode.max_record_rates_per_exporter)";
    });
    return drop_record();
  }
  // Only of this sender: what waited for a template may be of another.
  if (unrated && stream->key.port == datagram.source_port) {
    context.unrated.push_back({.index = context.records.size() - 1, .arrival_ms = at.arrival_ms, .kind = *unrated});
  } else if (unrated) {
    stream->unrated.add(*unrated, at.arrival_ms);
  }
  if (repaired) ++time_repaired_;
  has_unsampled_ |= (record.quality & kQualitySamplingUnknown) != 0;
  ++records_;
  if (original != nullptr) {
    ++original_records_;
    add(original->records, 1);
    add(original->octets, record.octets + record.reverse_octets);
    add(original->packets, record.packets + record.reverse_packets);
    original->last_seen_ms.store(datagram.arrival_ms, std::memory_order_relaxed);
    original->last_record_ms.store(datagram.arrival_ms, std::memory_order_relaxed);
    if (original->first_seen_ms.load(std::memory_order_relaxed) == 0)
      original->first_seen_ms.store(datagram.arrival_ms, std::memory_order_relaxed);
    original->protocols.fetch_or(from.exporter.protocols.load(std::memory_order_relaxed), std::memory_order_relaxed);
  } else {
    octets_ += record.octets + record.reverse_octets;
    packets_ += record.packets + record.reverse_packets;
  }
  if (FlowMemory::concerns(record, report) && (!repaired || report.counting != Counting::kDelta)) {
    const std::uint64_t of_stream = std::uint64_t{domain->id} << 24 ^ std::uint64_t{datagram.source_port} << 4 ^
                                    domain->version ^ std::uint64_t{record.exporter} << 40;
    const std::uint64_t key = FlowMemory::key_of(record, report, of_stream);
    if (from.flows.follows(key, report)) {
      from.flows.prefetch(key);
      context.unsettled.push_back(
          {.record = context.records.size() - 1, .key = key, .report = report, .original = original});
    }
  }
  has_long_flows_ |= record.end_ms - record.start_ms > kDayMs;
  if (context.records.size() >= kFlushRecords && context.unrated.empty()) flush();
}

void Message::settle_reports() {
  for (const auto& u : context.unsettled) {
    auto& record = context.records[u.record];
    const std::uint64_t octets = record.octets + record.reverse_octets,
                        packets = record.packets + record.reverse_packets;
    const bool was_repaired = (record.quality & kQualityTimeRepaired) != 0;
    from.flows.settle(u.key, record, u.report, datagram.arrival_ms);
    if (!was_repaired && (record.quality & kQualityTimeRepaired) != 0) ++time_repaired_;
    const std::uint64_t fewer_octets = octets - record.octets - record.reverse_octets,
                        fewer_packets = packets - record.packets - record.reverse_packets;
    if ((fewer_octets | fewer_packets) == 0) continue;
    if (u.original == nullptr) {
      octets_ -= fewer_octets;
      packets_ -= fewer_packets;
    } else {
      u.original->octets.fetch_sub(fewer_octets, std::memory_order_relaxed);
      u.original->packets.fetch_sub(fewer_packets, std::memory_order_relaxed);
    }
  }
  context.unsettled.clear();
}

void Message::split_by_day(std::size_t at) {
  const FlowRecord whole = context.records[at];
  const auto duration = static_cast<std::uint64_t>(whole.end_ms - whole.start_ms);
  // What was sent by a time: the parts add up, and to what a query has for the same time.
  const auto sent = [&](std::uint64_t count, std::int64_t by) {
    return static_cast<std::uint64_t>(static_cast<Uint128>(count) * static_cast<std::uint64_t>(by - whole.start_ms) /
                                      duration);
  };
  for (std::int64_t begin = whole.start_ms; begin < whole.end_ms;) {
    const std::int64_t until = std::min(whole.end_ms, (begin / kDayMs + 1) * kDayMs);
    const auto part = [&](std::uint64_t count) { return sent(count, until) - sent(count, begin); };
    FlowRecord day = whole;
    day.start_ms = begin;
    day.end_ms = until;
    day.octets = part(whole.octets);
    day.packets = part(whole.packets);
    day.reverse_octets = part(whole.reverse_octets);
    day.reverse_packets = part(whole.reverse_packets);
    day.continued = begin != whole.start_ms;
    begin = until;
    if (!day.continued) {
      context.records[at] = day;
    } else if ((day.octets | day.packets | day.reverse_octets | day.reverse_packets) != 0) {
      context.records.push_back(day);
      context.work += kRecordWork;
    }
  }
}

bool Message::is_believable(const FlowRecord& r) const {
  const std::uint64_t rate = r.sampling != 0 ? r.sampling : std::max<std::uint64_t>(configured_sampling_, 1);
  const std::uint64_t octets = std::max(r.octets, r.reverse_octets), packets = std::max(r.packets, r.reverse_packets);
  const std::uint64_t per_second = context.limits.max_link_bps / 8;
  // Nearly every record counts what a link carries in the least duration, and that is seen without wide numbers.
  const std::uint64_t at_least = per_second * (kLeastDurationMs / 1000);
  if (rate == 1 && octets <= at_least && packets <= at_least / kLeastPacket) return true;
  const std::uint64_t duration_ms = std::max(static_cast<std::uint64_t>(r.end_ms - r.start_ms), kLeastDurationMs);
  const Uint128 most = static_cast<Uint128>(per_second) * duration_ms;  // thousandths of an octet
  return static_cast<Uint128>(octets) * rate * 1000 <= most &&
         static_cast<Uint128>(packets) * rate * (1000 * kLeastPacket) <= most;
}

void Message::leave_out_record() {
  const auto direction = context.records.back().direction;
  if (direction <= 1) directions_ |= static_cast<std::uint8_t>(1u << direction);
  ++left_out_;
  add(from.exporter.left_out, 1);
  drop_record();
}

void Message::count_samples(const SampleStep& step) {
  auto& exporter = from.exporter;
  if (step.lost != 0) context.counters.samples_lost.add(step.lost);
  if (step.dropped != 0) context.counters.samples_dropped.add(step.dropped);
  add(exporter.samples_lost, step.lost);
  add(exporter.samples_dropped, step.dropped);
  add(exporter.sample_pool, step.pool);
  add(exporter.sample_pool_by_rate, step.expected_pool);
}

void Message::refuse_empty(std::uint64_t records) {
  rejected_empty_ += records;
  context.log.note(DecodeFault::kRecordRefused, [&] {
    return sender() + ": " +
           counted(records, "record was refused: it is shorter than a flow can be, or nothing in it",
                   "records were refused: they are shorter than a flow can be, or nothing in them") +
           " is stored";
  });
}

void Message::follow_sequence(const SequenceStep& step) {
  SequenceStep own = step;
  own.boot_ms = stream->booted_ms;
  own.restarted = restarted_;
  own.arrival_ms = datagram.arrival_ms;
  const std::int64_t lost = domain->sequence.advance(datagram.source_port, own);
  if (lost == 0) return;
  domain->lost = static_cast<std::uint64_t>(static_cast<std::int64_t>(domain->lost) + lost);
  lost_ += lost;
  from.changed = true;
}

void Message::publish_sampling(std::uint32_t rate) {
  if (rate == 0 || rate == from.announced_sampling) return;
  from.announced_sampling = rate;
  from.exporter.announced_sampling.store(rate, std::memory_order_relaxed);
}

void Message::set_rate(FlowRecord& record, std::uint32_t rate) {
  const FlowRecord before = record;
  record.sampling = rate;
  record.quality &= static_cast<std::uint16_t>(~kQualitySamplingUnknown);
  if (is_believable(record) && from.rates.take(rate, datagram.arrival_ms)) return publish_sampling(rate);
  record = before;
  record.quality |= kQualitySamplingUnknown;
  has_unsampled_ = true;
}

void Message::count_unsampled() {
  Exporter* of = &from.exporter;
  for (const auto& record : context.records) {
    if ((record.quality & kQualitySamplingUnknown) == 0 || record.continued) continue;
    if (record.exporter == from.exporter.id) {
      ++unsampled_;
      continue;
    }
    if (of->id != record.exporter) {
      const auto found = std::find_if(from.originals.begin(), from.originals.end(),
                                      [&](const auto& original) { return original.second->id == record.exporter; });
      if (found == from.originals.end()) continue;
      of = found->second;
    }
    add(of->unsampled, 1);
  }
}

void Message::flush() {
  if (context.records.empty()) return;
  if (!context.unsettled.empty()) settle_reports();
  // Longer ones are no reports of a cache, but flows that carry their connection's start.
  std::int64_t earliest_ms = datagram.arrival_ms;
  for (const auto& record : context.records) {
    if (record.start_ms >= datagram.arrival_ms - kLongestReportMs) earliest_ms = std::min(earliest_ms, record.start_ms);
  }
  auto& longest_ms = from.exporter.longest_report_ms;
  if (const auto report_ms = datagram.arrival_ms - earliest_ms;
      report_ms > longest_ms.load(std::memory_order_relaxed)) {
    longest_ms.store(report_ms, std::memory_order_relaxed);
  }
  if (has_long_flows_) {
    has_long_flows_ = false;
    const std::size_t count = context.records.size();
    for (std::size_t i = 0; i < count; ++i) {
      if (context.records[i].end_ms - context.records[i].start_ms > kDayMs) split_by_day(i);
    }
  }
  for (const auto& unrated : context.unrated) stream->unrated.add(unrated.kind, unrated.arrival_ms);
  if (has_unsampled_) count_unsampled();
  has_unsampled_ = false;
  context.sink.on_records(context.records);
  context.records.clear();
  context.unrated.clear();
}

void Message::finish() {
  flush();
  auto& exporter = from.exporter;
  add(exporter.datagrams, 1);
  add(exporter.records, records_ - original_records_);
  add(exporter.options_records, options_records_);
  add(exporter.octets, octets_);
  add(exporter.packets, packets_);
  add(exporter.time_repaired, time_repaired_);
  add(exporter.unsampled, unsampled_);
  add(exporter.rejected, rejected());
  add(exporter.rejected_counters, rejected_counters_);
  add(exporter.rejected_rates, rejected_rates_);
  add(exporter.malformed, malformed_ ? 1 : 0);
  add(exporter.lost, static_cast<std::uint64_t>(lost_));  // wraps round for what came late after all
  if (const auto lost = exporter.lost.load(std::memory_order_relaxed);
      lost > exporter.lost_most.load(std::memory_order_relaxed)) {
    exporter.lost_most.store(lost, std::memory_order_relaxed);
  }
  auto& counters = context.counters;
  counters.records.add(records_);
  counters.options_records.add(options_records_);
  counters.time_repaired.add(time_repaired_);
  if (left_out_ != 0) counters.left_out.add(left_out_);
  if (const auto seen = exporter.directions.load(std::memory_order_relaxed); (seen | directions_) != seen) {
    exporter.directions.store(seen | directions_, std::memory_order_relaxed);
  }
  if (rejected() != 0) {
    counters.rejected_counters.add(rejected_counters_);
    counters.rejected_rates.add(rejected_rates_);
    counters.rejected_empty.add(rejected_empty_);
  }
  if (records_ != 0) {
    exporter.last_record_ms.store(datagram.arrival_ms, std::memory_order_relaxed);
    domain->has_data = true;
  }
  context.work += kDatagramWork + datagram.payload.size() + kRecordWork * (records_ + options_records_) +
                  kRejectedWork * rejected();
  from.settle();
  counters.templates.set(context.state.templates);
  counters.state_bytes.set(context.state.bytes);
  counters.flow_memory_bytes.set(context.state.flows.bytes);
  counters.flows_forgotten.set(context.state.flows.forgotten);
  if (malformed_) counters.malformed.add(1);
}

std::string Message::sender() const { return datagram.source.text() + " port " + std::to_string(datagram.source_port); }

}  // namespace weir
