// Datagrams of one protocol through a fresh decoder. The input is a row of datagrams: one octet that
// chooses source, port and the time since the last, a length of two octets, the payload, whose version is overwritten.
// What comes out must keep its promises, whatever came in.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "core/byte_cursor.hpp"
#include "decode/decoder.hpp"

namespace {

constexpr weir::DecodeLimits kLimits{.max_templates_per_exporter = 40,
                                     .max_fields_per_template = 64,
                                     .max_domains_per_exporter = 4,
                                     .max_waiting_bytes_per_exporter = 1 << 14,
                                     .max_waiting_bytes = 1 << 15,
                                     .max_sampling_rates_per_exporter = 32,
                                     .max_record_rates_per_exporter = 8,
                                     .max_state_bytes_per_exporter = 1 << 16,
                                     .max_state_bytes = 100'000};

// WEIR_FUZZ_VERSION: the version of NetFlow or IPFIX; 0: sFlow, whose version is 2 or 4 if the input says so, else 5.
void begin_as_protocol(std::vector<std::uint8_t>& payload) {
  if (WEIR_FUZZ_VERSION != 0 && payload.size() >= 2) {
    payload[0] = 0;
    payload[1] = WEIR_FUZZ_VERSION;
  }
  if (WEIR_FUZZ_VERSION == 0 && payload.size() >= 4) {
    payload[0] = payload[1] = payload[2] = 0;
    if (payload[3] != 2 && payload[3] != 4) payload[3] = 5;
  }
}

void require(bool promise) {
  if (!promise) std::abort();
}

struct Promises final : weir::RecordSink {
  std::uint64_t records = 0;
  std::int64_t now_ms = 0;
  void on_records(std::span<const weir::FlowRecord> batch) override {
    records += batch.size();
    for (const auto& r : batch) {
      require(r.start_ms >= 0 && r.start_ms <= r.end_ms);
      require(r.end_ms <= now_ms + kLimits.max_clock_skew_ms);
      require(r.end_ms - r.start_ms <= kLimits.max_flow_duration_ms && r.end_ms - r.start_ms <= 24 * 3600 * 1000);
      require(r.exporter != 0);
      require(r.has_reverse || (r.reverse_octets | r.reverse_packets) == 0);
    }
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  weir::ExporterTable exporters(3);
  Promises sink;
  weir::Decoder decoder(kLimits, exporters, sink);
  std::uint64_t announced = 0;
  decoder.on_template([&](const weir::StoredTemplate& stored) {
    ++announced;
    // Every template that was taken can be taken again.
    weir::ExporterTable others(1);
    others.restore(1, stored.exporter);
    Promises unused;
    weir::Decoder later(kLimits, others, unused);
    later.restore_template(stored);
    require(later.counters().templates == 1);
  });

  weir::ByteCursor input(std::span(data, size));
  std::uint64_t sent = 0;
  sink.now_ms = 1'714'564'800'000;
  while (input.remaining() > 3) {
    const std::uint8_t choice = input.u8();
    const std::size_t length = std::min<std::size_t>(input.u16(), input.remaining());
    const auto part = input.take(length);
    std::vector<std::uint8_t> payload(part.begin(), part.end());
    begin_as_protocol(payload);
    sink.now_ms += (choice >> 4) * 400'000;
    decoder.decode({.source = weir::IpAddress::from_v4(0xc0000200u | (choice & 3)),
                    .source_port = static_cast<std::uint16_t>(choice >> 2 & 3),
                    .local_port = 2055,
                    .arrival_ms = sink.now_ms,
                    .payload = payload});
    ++sent;
    if ((choice & 0x40) != 0) {
      decoder.tick(sink.now_ms);
      decoder.take_log_lines();
    }
  }
  const auto c = decoder.counters();
  require(c.datagrams == sent);
  require(WEIR_FUZZ_VERSION != 0 || c.templates == 0);
  require(c.malformed + c.unsupported + c.senders_refused + c.domains_refused <= sent);
  require(c.waiting_dropped <= c.waiting_for_template);
  require(c.templates <= std::uint64_t{exporters.all().size()} * kLimits.max_templates_per_exporter);
  std::uint64_t records = 0, refused = 0, waiting = 0;
  for (const auto* e : exporters.all()) {
    records += e->records;
    refused += e->rejected;
    waiting += e->waiting_for_template;
    require(e->lost < std::uint64_t{1} << 63);
  }
  require(records == c.records);
  require(c.records == sink.records);
  require(c.rejected == refused);
  require(c.state_bytes <= kLimits.max_state_bytes);
  require(waiting == c.waiting_for_template);
  return 0;
}
