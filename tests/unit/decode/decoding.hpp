// A decoder with what it needs around it, and the headers of the protocols, for the tests of this folder.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "decode/decoder.hpp"
#include "support/catch.hpp"
#include "support/wire_bytes.hpp"

namespace weir::test {

// The exporter's and our clock in these tests: 2024-05-01 12:00:00 UTC.
inline constexpr std::int64_t kNowSeconds = 1'714'564'800;
inline constexpr std::int64_t kNowMs = kNowSeconds * 1000;
inline constexpr std::uint32_t kUptimeMs = 3'600'000;  // started an hour ago

struct Records final : RecordSink {
  std::vector<FlowRecord> all;
  void on_records(std::span<const FlowRecord> records) override {
    all.insert(all.end(), records.begin(), records.end());
  }
};

struct Decoding {
  // Copies of a datagram count, unless a test is about them: many send one message several times.
  explicit Decoding(const DecodeLimits& limits = {}, std::uint32_t max_exporters = 100,
                    std::int64_t duplicate_window_ms = 0)
      : exporters(max_exporters), decoder(with_window(limits, duplicate_window_ms), exporters, sink) {}
  static DecodeLimits with_window(DecodeLimits limits, std::int64_t duplicate_window_ms) {
    limits.duplicate_window_ms = duplicate_window_ms;
    return limits;
  }

  void send(const Wire& message) {
    decoder.decode({.source = parse_ip_address(from).value(),
                    .source_port = port,
                    .local_port = 2055,
                    .arrival_ms = now_ms,
                    .payload = message.bytes()});
  }
  DecodeCounters counters() const { return decoder.counters(); }
  const Exporter& exporter() const { return *exporters.find(parse_ip_address(from).value()); }
  const FlowRecord& record(std::size_t i = 0) const {
    REQUIRE(sink.all.size() > i);
    return sink.all[i];
  }
  std::size_t records() const { return sink.all.size(); }

  std::string from = "192.0.2.1";
  std::uint16_t port = 50000;
  std::int64_t now_ms = kNowMs;
  ExporterTable exporters;
  Records sink;
  Decoder decoder;
};

// NetFlow v9: version, count, uptime, seconds, sequence, source id.
inline Wire v9(const Wire& sets, std::uint32_t sequence = 1, std::uint32_t source_id = 0) {
  return Wire().u16(9).u16(1).u32(kUptimeMs).u32(kNowSeconds).u32(sequence).u32(source_id).add(sets);
}
// IPFIX: version, length, export seconds, sequence, domain.
inline Wire ipfix(const Wire& sets, std::uint32_t sequence = 0, std::uint32_t domain = 0) {
  return Wire().u16(10).u16(16 + sets.size()).u32(kNowSeconds).u32(sequence).u32(domain).add(sets);
}

// A small template: octets (IE 1, 4 octets), packets (IE 2, 4), protocol (IE 4, 1).
inline Wire small_template(std::uint16_t id) { return Wire().u16(id).u16(3).u16(1).u16(4).u16(2).u16(4).u16(4).u16(1); }
inline Wire small_record(std::uint32_t octets) { return Wire().u32(octets).u32(1).u8(17); }

// One record of IPFIX template 256 with these field specifiers.
inline Wire ipfix_once(std::uint16_t fields, const Wire& specifiers, const Wire& record) {
  return ipfix(Wire().set(2, Wire().u16(256).u16(fields).add(specifiers)).set(256, record));
}

// A field specifier; with an enterprise number when given.
inline Wire field(std::uint16_t ie, std::uint16_t length, std::uint32_t pen = 0) {
  return pen == 0 ? Wire().u16(ie).u16(length) : Wire().u16(0x8000 | ie).u16(length).u32(pen);
}
inline Wire fields(std::initializer_list<std::pair<int, int>> all) {
  Wire w;
  for (const auto& [ie, length] : all) w.u16(static_cast<std::uint64_t>(ie)).u16(static_cast<std::uint64_t>(length));
  return w;
}

}  // namespace weir::test
