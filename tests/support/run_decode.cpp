// run_decode [--records] CAPTURE…: the decode stage alone on captures of export datagrams. Prints the records as they
// come, one a line, and at the end the counters, per exporter and in all.
#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <string>

#include "decode/decoder.hpp"
#include "flow/session_parts.hpp"
#include "receive/capture_reader.hpp"

namespace {

using weir::FlowRecord;

void print_record(const FlowRecord& r) {
  std::printf("%s:%u -> %s:%u proto %u octets %" PRIu64 " packets %" PRIu64, r.src.text().c_str(), r.src_port,
              r.dst.text().c_str(), r.dst_port, r.protocol, r.octets, r.packets);
  if (r.has_reverse) std::printf(" reverse %" PRIu64 "/%" PRIu64, r.reverse_octets, r.reverse_packets);
  std::printf(" start %" PRId64 " ms %" PRId64 " sampling %u quality %u", r.start_ms, r.end_ms - r.start_ms, r.sampling,
              r.quality);
  weir::each_carried(r, [](const char* name, const auto& value) {
    if constexpr (std::is_same_v<std::decay_t<decltype(value)>, weir::IpAddress>) {
      if (!value.is_unset()) std::printf(" %s %s", name, value.text().c_str());
    } else {
      std::printf(" %s %" PRIu64, name, static_cast<std::uint64_t>(value));
    }
  });
  std::printf("\n");
}

struct Printer final : weir::RecordSink {
  bool print = false;
  std::uint64_t records = 0, octets = 0, packets = 0, reverse_octets = 0, reverse_packets = 0;
  void on_records(std::span<const FlowRecord> batch) override {
    for (const auto& r : batch) {
      ++records;
      octets += r.octets;
      packets += r.packets;
      reverse_octets += r.reverse_octets;
      reverse_packets += r.reverse_packets;
      if (print) print_record(r);
    }
  }
};

int run(const char* path, bool print) {
  auto reader = weir::CaptureReader::open(path);
  if (!reader) {
    std::fprintf(stderr, "%s\n", reader.error().message.c_str());
    return 1;
  }
  Printer sink;
  sink.print = print;
  weir::ExporterTable exporters(65536);
  weir::Decoder decoder({}, exporters, sink);
  std::int64_t now_ms = 0;
  for (bool more = true; more;) {
    weir::DatagramBatch batch;
    const auto read = reader->read(batch);
    if (!read) {
      std::fprintf(stderr, "%s\n", read.error().message.c_str());
      return 1;
    }
    more = *read;
    for (std::size_t i = 0; i < batch.size(); ++i) {
      now_ms = batch[i].arrival_ms;
      decoder.decode(batch[i]);
    }
    decoder.tick(now_ms);
    for (const auto& line : decoder.take_log_lines()) std::fprintf(stderr, "%s\n", line.c_str());
  }
  const auto c = decoder.counters();
  std::printf("%s: datagrams %" PRIu64 " records %" PRIu64 " options %" PRIu64 " octets %" PRIu64 " packets %" PRIu64
              " reverse %" PRIu64 "/%" PRIu64 " malformed %" PRIu64 " unsupported %" PRIu64 " waiting %" PRIu64
              " repaired %" PRIu64 " templates %" PRIu64 "\n",
              path, c.datagrams, c.records, c.options_records, sink.octets, sink.packets, sink.reverse_octets,
              sink.reverse_packets, c.malformed, c.unsupported, c.waiting_for_template, c.time_repaired, c.templates);
  for (const auto* e : exporters.all()) {
    std::printf("  %s: datagrams %" PRIu64 " records %" PRIu64 " lost %" PRIu64 " malformed %" PRIu64 " sampling %u\n",
                e->address.text().c_str(), e->datagrams.load(), e->records.load(), e->lost.load(), e->malformed.load(),
                e->announced_sampling.load());
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const bool print = argc > 1 && std::strcmp(argv[1], "--records") == 0;
  if (argc < (print ? 3 : 2)) {
    std::fprintf(stderr, "usage: run_decode [--records] CAPTURE...\n");
    return 2;
  }
  int status = 0;
  for (int i = print ? 2 : 1; i < argc; ++i) status |= run(argv[i], print);
  return status;
}
