// A capture of export datagrams, decoded: what the golden tests compare.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "decode/decoder.hpp"
#include "receive/capture_reader.hpp"
#include "support/catch.hpp"

namespace weir::test {

struct Replayed : RecordSink {
  ExporterTable exporters{1000};
  std::vector<FlowRecord> records;
  DecodeCounters counters;
  std::uint64_t octets = 0, packets = 0, reverse_octets = 0, reverse_packets = 0, lost = 0;

  void on_records(std::span<const FlowRecord> batch) override {
    records.insert(records.end(), batch.begin(), batch.end());
  }

  explicit Replayed(const std::string& path, const DecodeLimits& limits = {}) {
    auto reader = CaptureReader::open(path);
    INFO((reader ? path : reader.error().message));
    REQUIRE(reader.has_value());
    DatagramBatch batch;
    REQUIRE_FALSE(reader->read(batch, SIZE_MAX).value());
    Decoder decoder(limits, exporters, *this);
    for (std::size_t i = 0; i < batch.size(); ++i) decoder.decode(batch[i]);
    if (batch.size() != 0) decoder.tick(batch[batch.size() - 1].arrival_ms);
    counters = decoder.counters();
    for (const auto& r : records) {
      octets += r.octets;
      packets += r.packets;
      reverse_octets += r.reverse_octets;
      reverse_packets += r.reverse_packets;
      CHECK(r.start_ms <= r.end_ms);
      CHECK(r.start_ms >= 0);
      CHECK(r.exporter != 0);
    }
    std::uint64_t published_octets = 0, published_packets = 0;
    for (const auto* e : exporters.all()) {
      lost += e->lost;
      published_octets += e->octets;
      published_packets += e->packets;
    }
    CHECK(records.size() == counters.records);
    CHECK(published_octets == octets + reverse_octets);
    CHECK(published_packets == packets + reverse_packets);
  }
};

}  // namespace weir::test
