// Finishing of records and bookkeeping per datagram: one relaxed add per counter and datagram.
#include "decode/message.hpp"

#include <algorithm>
#include <utility>

namespace weir {

namespace {

constexpr std::size_t kFlushRecords = 256;  // stays in the cache between decoding and pairing
// More than a link of 1 Tbit/s carries in two months. Sums are of 64 bits: a few such counters would wrap them round.
constexpr std::uint64_t kMaxCounter = std::uint64_t{1} << 56;

void add(std::atomic<std::uint64_t>& counter, std::uint64_t n) {
  if (n != 0) counter.fetch_add(n, std::memory_order_relaxed);
}

}  // namespace

bool Message::enter(std::uint16_t version, std::uint32_t domain_id, std::int64_t export_ms) {
  domain = from.domain(version, domain_id, datagram.arrival_ms);
  context.counters.templates.subtract(std::exchange(from.templates_forgotten, 0));
  if (domain == nullptr) {
    context.counters.domains_refused.add(1);
    context.log.note(DecodeFault::kDomainRefused, [&] {
      return sender() + ": domain " + std::to_string(domain_id) + " refused, " + std::to_string(context.limits.max_domains_per_exporter) +
             " domains of this exporter are known already (decode.max_domains_per_exporter)";
    });
    return false;
  }
  if (domain->port != datagram.source_port) {
    domain->port = datagram.source_port;
    from.changed = true;
  }
  time.arrival_ms = datagram.arrival_ms;
  time.export_ms = export_ms;
  time.shift_ms = domain->skew.shift_for(datagram.arrival_ms, export_ms, context.limits.max_clock_skew_ms);
  return true;
}

void Message::finish_record(FlowRecord& record, const FlowTimes& times, const MessageTime& at) {
  const TimeLimits limits{.max_clock_skew_ms = context.limits.max_clock_skew_ms,
                          .max_flow_duration_ms = context.limits.max_flow_duration_ms};
  if (resolve_times(times, at, limits, record)) ++time_repaired_;
  ++records_;
  const auto largest = std::max({record.octets, record.reverse_octets, record.packets, record.reverse_packets});
  if (largest > kMaxCounter) {
    ++rejected_;
    context.log.note(DecodeFault::kMalformed, [&] { return sender() + ": a record was refused, it counts " + std::to_string(largest) + " octets or packets: no flow has so many"; });
    return drop_record();
  }
  octets_ += record.octets + record.reverse_octets;
  packets_ += record.packets + record.reverse_packets;
  if (context.records.size() >= kFlushRecords) flush();
}

void Message::follow_sequence(const SequenceStep& step) {
  const std::int64_t lost = domain->sequence.advance(datagram.source_port, step);
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

void Message::flush() {
  if (context.records.empty()) return;
  context.sink.on_records(context.records);
  context.records.clear();
}

void Message::finish() {
  flush();
  auto& exporter = from.exporter;
  add(exporter.datagrams, 1);
  add(exporter.records, records_);
  add(exporter.options_records, options_records_);
  add(exporter.octets, octets_);
  add(exporter.packets, packets_);
  add(exporter.time_repaired, time_repaired_);
  add(exporter.rejected, rejected_);
  add(exporter.malformed, malformed_ ? 1 : 0);
  add(exporter.lost, static_cast<std::uint64_t>(lost_));  // wraps round for what came late after all
  if (const auto lost = exporter.lost.load(std::memory_order_relaxed); lost > exporter.lost_most.load(std::memory_order_relaxed)) {
    exporter.lost_most.store(lost, std::memory_order_relaxed);
  }
  auto& counters = context.counters;
  counters.records.add(records_);
  counters.options_records.add(options_records_);
  counters.time_repaired.add(time_repaired_);
  if (malformed_) counters.malformed.add(1);
}

std::string Message::sender() const { return datagram.source.text() + " port " + std::to_string(datagram.source_port); }

}  // namespace weir
