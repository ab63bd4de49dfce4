// One datagram on its way through the decoder: where it came from, what its header said of time, what it yielded. The
// protocols' decoders get one each and put finished records into it. One thread.
#pragma once
#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "decode/decode_log.hpp"
#include "decode/decoder.hpp"
#include "decode/exporter_state.hpp"
#include "decode/live_counters.hpp"
#include "decode/record_plan.hpp"
#include "decode/time_repair.hpp"

namespace weir {

// A flow record that has no rate yet.
struct UnratedRecord {
  std::size_t index = 0;  // in DecodeContext::records
  std::int64_t arrival_ms = 0;
  UnratedKind kind;
};

// What outlives a datagram and is shared by all exporters of a decoder.
struct DecodeContext {
  const DecodeLimits& limits;
  RecordSink& sink;
  LiveCounters counters;
  DecodeLog log;
  std::function<void(const StoredTemplate&)> on_template;
  std::function<void(const StoredRate&)> on_rate;
  std::function<void(const StoredName&)> on_name = {};
  std::function<void(const InterfaceCounters&)> on_interface_counters = {};
  std::vector<FlowRecord> records;     // finished, not yet handed on
  std::vector<UnratedRecord> unrated;  // of these, of the message at work
  // Of `records`: those that are settled with earlier reports of their flows before they are handed on.
  struct Unsettled {
    std::size_t record = 0;
    std::uint64_t key = 0;
    FlowReport report;
    Exporter* original = nullptr;  // whose it is, if a mediator sent it
  };
  std::vector<Unsettled> unsettled;
  RecordPlan::Parts parts;
  RecordExtras extras;
  TemplateRecord template_record;
  std::uint64_t waiting_bytes = 0;  // of all exporters
  StateTotal state;
  std::uint64_t work = 0;
  // Forgets something of the exporter that takes most, unless that is this one; false when nothing was won.
  std::function<bool(const ExporterState& of, std::int64_t now_ms)> make_state_room = {};
  std::function<bool(const ExporterState& of, std::uint64_t bytes)> make_waiting_room = {};
  // A place for an exporter that a mediator names; nullptr: there is none.
  std::function<Exporter*(const IpAddress& address, std::int64_t now_ms)> admit_original = {};
};

class Message {
 public:
  Message(DecodeContext& shared, ExporterState& exporter, const Datagram& received)
      : context(shared),
        from(exporter),
        datagram(received),
        configured_sampling_(exporter.exporter.configured_sampling.load(std::memory_order_relaxed)),
        metering_(exporter.exporter.metering.load(std::memory_order_relaxed)) {}

  // The domain that the header names, the stream, and the skew of its clock; false when the exporter has too many
  // domains.
  bool enter(std::uint16_t version, std::uint32_t domain_id, std::int64_t export_ms);
  // As said by the header of v1 to v9; `sequence`: of headers that have one. When it has fallen the sender was started
  // anew, and what was learnt of it before has to be confirmed.
  void set_uptime(std::uint32_t uptime_ms, std::optional<std::uint32_t> sequence);
  // Something cannot be read: the datagram counts as malformed, once. `what` is only called for a line that is logged.
  template <class F>
  void malformed(F&& what) {
    malformed_ = true;
    context.log.note(DecodeFault::kMalformed, [&] { return sender() + ": " + what(); });
  }
  bool is_malformed() const { return malformed_; }
  // set_uptime() has seen it.
  bool is_of_restarted() const { return restarted_; }

  // A fresh record of this exporter, to be filled and finished.
  FlowRecord& begin_record() {
    auto& r = context.records.emplace_back();
    r.exporter = from.exporter.id;
    return r;
  }
  void drop_record() { context.records.pop_back(); }
  // Drops the record begun last: the packets that it counts were counted where they came in. Only where the operator
  // has not chosen.
  bool leaves_out_second() const { return metering_ == Metering::kAuto; }
  void leave_out_record();
  // Resolves the times of the record begun last and counts it; full buffers go to the sink. One that counts more than a
  // link carries, or whose sampling rate is one too many, is refused, and counted for the exporter. `report`: what its
  // counters count.
  void finish_record(FlowRecord& record, const FlowTimes& times, const MessageTime& at, const FlowReport& report = {});
  // Makes the record one of the exporter that it names, this one being a mediator (RFC 7119).
  void set_original(FlowRecord& record, const IpAddress& exporter);
  void count_options_record() { ++options_records_; }
  void count_samples(const SampleStep& step);
  void count_skipped_sample() { context.counters.samples_skipped.add(1); }
  // Records that were stepped over: there is nothing in them that is stored.
  void refuse_empty(std::uint64_t records);
  // How the message continues its domain's sequence.
  void follow_sequence(const SequenceStep& step);
  void publish_sampling(std::uint32_t rate);
  // The record that was begun last has no rate; options behind it may bring one.
  void note_unrated(const UnratedKind& kind) { next_unrated_ = kind; }
  // `is_first`: nobody behind this address had announced anything before.
  void note_learnt_rates(bool is_first) {
    learnt_rates_ = true;
    learnt_first_ |= is_first;
  }
  bool learnt_rates() const { return learnt_rates_; }
  bool learnt_first() const { return learnt_first_; }
  // Gives the records without a rate what `rate_of(unrated, record)` says; 0: it stays unknown.
  template <class F>
  void rate_unrated(F&& rate_of) {
    for (const auto& unrated : context.unrated) {
      auto& record = context.records[unrated.index];
      const std::uint32_t rate = rate_of(unrated, record);
      if (rate != 0) set_rate(record, rate);
      else stream->unrated.add(unrated.kind, unrated.arrival_ms);
    }
    context.unrated.clear();
  }
  // Hands on what is left and adds the sums to the counters and to the exporter.
  void finish();

  // Data records that came with this message; without those that had waited.
  std::uint64_t decoded() const { return records_ + rejected() + left_out_ + options_records_ - waited_; }
  // Of these, records of options.
  std::uint64_t decoded_options() const { return std::min(options_records_, decoded()); }
  // Flow records handed on, and options that were learnt from: what proves that a template is one.
  std::uint64_t useful() const { return records_ + options_records_; }
  void count_waited(std::uint64_t records) { waited_ += records; }
  void count_held() { ++held_; }
  bool holds_records() const { return decoded() + held_ != 0; }
  // Once for each message: to look over all exporters for something to forget costs more than a datagram may.
  // Templates that this datagram holds, as many as one that is no flood has.
  void note_announced(std::uint16_t id) {
    constexpr std::size_t kMost = 64;
    if (announced_.size() < kMost) announced_.push_back(id);
  }
  bool has_announced(std::uint16_t id) const {
    return std::find(announced_.begin(), announced_.end(), id) != announced_.end();
  }
  bool may_look_for_room() { return std::exchange(may_look_, false); }
  std::string sender() const;

  DecodeContext& context;
  ExporterState& from;
  const Datagram& datagram;
  Domain* domain = nullptr;
  Stream* stream = nullptr;
  MessageTime time;

 private:
  void flush();
  void set_rate(FlowRecord& record, std::uint32_t rate);
  // When nothing that the message brings can rate them any more: of whom they are, as all else of a record is.
  void count_unsampled();
  // Makes of reports of flows that were reported before what they add.
  void settle_reports();
  bool leaves_out(FlowRecord& record);
  // A flow of more than a day becomes a record per UTC day, so that each day keeps its share whatever becomes of the
  // others.
  void split_by_day(std::size_t at);
  bool is_believable(const FlowRecord& record) const;
  std::uint64_t rejected() const { return rejected_counters_ + rejected_rates_ + rejected_empty_; }

  std::uint64_t records_ = 0, options_records_ = 0, octets_ = 0, packets_ = 0, time_repaired_ = 0, waited_ = 0,
                held_ = 0, unsampled_ = 0;
  std::uint64_t rejected_counters_ = 0, rejected_rates_ = 0, rejected_empty_ = 0;
  std::uint64_t left_out_ = 0, original_records_ = 0;
  std::uint32_t configured_sampling_;
  Metering metering_;
  std::uint8_t directions_ = 0;
  Exporter* original_ = nullptr;  // of the record begun last; nullptr: the sender itself
  bool has_long_flows_ = false;
  std::int64_t lost_ = 0;
  bool malformed_ = false, may_look_ = true, restarted_ = false, learnt_rates_ = false, learnt_first_ = false;
  std::optional<UnratedKind> next_unrated_;
  bool has_unsampled_ = false;  // of DecodeContext::records
  std::vector<std::uint16_t> announced_;
};

}  // namespace weir
