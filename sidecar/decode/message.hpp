// One datagram on its way through the decoder: where it came from, what its header said of time, what it yielded. The
// protocols' decoders get one each and put finished records into it. One thread.
#pragma once
#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "decode/decode_log.hpp"
#include "decode/decoder.hpp"
#include "decode/exporter_state.hpp"
#include "decode/live_counters.hpp"
#include "decode/record_plan.hpp"
#include "decode/time_repair.hpp"

namespace weir {

// What outlives a datagram and is shared by all exporters of a decoder.
struct DecodeContext {
  const DecodeLimits& limits;
  RecordSink& sink;
  LiveCounters counters;
  DecodeLog log;
  std::function<void(const StoredTemplate&)> on_template;
  std::vector<FlowRecord> records;  // finished, not yet handed on
  RecordPlan::Parts parts;
  TemplateRecord template_record;
  std::uint64_t waiting_bytes = 0;  // of all exporters
};

class Message {
 public:
  Message(DecodeContext& shared, ExporterState& exporter, const Datagram& received)
      : context(shared), from(exporter), datagram(received) {}

  // The domain that the header names, and the skew of the header's clock; false when the exporter has too many domains.
  bool enter(std::uint16_t version, std::uint32_t domain_id, std::int64_t export_ms);
  // As said by the header of v1 to v9.
  void set_uptime(std::uint32_t uptime_ms) {
    time.uptime_ms = uptime_ms;
    time.has_uptime = true;
  }
  // Something cannot be read: the datagram counts as malformed, once. `what` is only called for a line that is logged.
  template <class F>
  void malformed(F&& what) {
    malformed_ = true;
    context.log.note(DecodeFault::kMalformed, [&] { return sender() + ": " + what(); });
  }
  bool is_malformed() const { return malformed_; }

  // A fresh record of this exporter, to be filled and finished.
  FlowRecord& begin_record() {
    auto& r = context.records.emplace_back();
    r.exporter = from.exporter.id;
    return r;
  }
  void drop_record() { context.records.pop_back(); }
  // Resolves the times of the record begun last and counts it; full buffers go to the sink. One whose counters no flow can
  // have is refused, and counted for the exporter.
  void finish_record(FlowRecord& record, const FlowTimes& times, const MessageTime& at);
  void count_options_record() { ++options_records_; }
  // How the message continues its domain's sequence.
  void follow_sequence(const SequenceStep& step);
  void publish_sampling(std::uint32_t rate);
  // Hands on what is left and adds the sums to the counters and to the exporter.
  void finish();

  // Data records that came with this message; without those that had waited.
  std::uint64_t decoded() const { return records_ + options_records_ - waited_; }
  // Of these, records of options.
  std::uint64_t decoded_options() const { return std::min(options_records_, decoded()); }
  void count_waited(std::uint64_t records) { waited_ += records; }
  std::string sender() const;

  DecodeContext& context;
  ExporterState& from;
  const Datagram& datagram;
  Domain* domain = nullptr;
  MessageTime time;

 private:
  void flush();

  std::uint64_t records_ = 0, options_records_ = 0, octets_ = 0, packets_ = 0, time_repaired_ = 0, rejected_ = 0, waited_ = 0;
  std::int64_t lost_ = 0;
  bool malformed_ = false;
};

}  // namespace weir
