// Our recordings, damaged at random from a fixed seed: nothing may crash, and what comes out must keep its promises.
// Most telling under the address and undefined-behaviour sanitizers.
#include <algorithm>
#include <filesystem>
#include <map>
#include <random>

#include "replayed_capture.hpp"

using namespace weir;
using namespace weir::test;

namespace {

using Bytes = std::vector<std::uint8_t>;

std::vector<Bytes> recorded_datagrams() {
  std::map<std::string, Bytes> sorted;  // the same order everywhere
  for (const auto& entry : std::filesystem::directory_iterator(WEIR_SOURCE_DIR "/tests/golden/captures")) {
    if (entry.path().extension() != ".pcap" || entry.path().stem() == "traffic") continue;
    auto reader = CaptureReader::open(entry.path().string());
    REQUIRE(reader.has_value());
    DatagramBatch batch;
    REQUIRE(reader->read(batch, SIZE_MAX).has_value());
    for (std::size_t i = 0; i < batch.size(); ++i) {
      sorted.emplace(entry.path().stem().string() + std::to_string(i),
                     Bytes(batch[i].payload.begin(), batch[i].payload.end()));
    }
  }
  std::vector<Bytes> all;
  for (auto& [name, bytes] : sorted) all.push_back(std::move(bytes));
  return all;
}

void damage(Bytes& bytes, const std::vector<Bytes>& all, std::mt19937& random) {
  const auto below = [&](std::size_t n) { return n == 0 ? 0 : random() % n; };
  switch (below(6)) {
    case 0:  // a bit
      if (!bytes.empty()) bytes[below(bytes.size())] ^= static_cast<std::uint8_t>(1 << below(8));
      break;
    case 1:  // a length or count at an extreme
      if (bytes.size() > 2) {
        static constexpr std::uint16_t kExtremes[] = {0, 1, 2, 3, 4, 5, 255, 256, 0x7fff, 0x8000, 0xfffe, 0xffff};
        const std::size_t at = below(bytes.size() - 1) & ~std::size_t{1};
        const std::uint16_t value = kExtremes[below(std::size(kExtremes))];
        bytes[at] = static_cast<std::uint8_t>(value >> 8);
        bytes[at + 1] = static_cast<std::uint8_t>(value);
      }
      break;
    case 2:  // the end cut off
      bytes.resize(below(bytes.size() + 1));
      break;
    case 3: {  // a piece of another datagram put in
      const auto& other = all[below(all.size())];
      const std::size_t from = below(other.size()), to = from + below(other.size() - from);
      const auto at = static_cast<std::ptrdiff_t>(below(bytes.size() + 1));
      if (bytes.size() + (to - from) < 65000) {
        bytes.insert(bytes.begin() + at, other.begin() + static_cast<std::ptrdiff_t>(from),
                     other.begin() + static_cast<std::ptrdiff_t>(to));
      }
      break;
    }
    case 4: {  // a piece taken out
      const std::size_t from = below(bytes.size()), to = from + below(bytes.size() - from);
      bytes.erase(bytes.begin() + static_cast<std::ptrdiff_t>(from), bytes.begin() + static_cast<std::ptrdiff_t>(to));
      break;
    }
    default:  // an octet of noise
      if (!bytes.empty()) bytes[below(bytes.size())] = static_cast<std::uint8_t>(random());
      break;
  }
}

struct Promises final : RecordSink {
  std::uint64_t records = 0, broken = 0;
  std::int64_t latest_ms = 0;
  void on_records(std::span<const FlowRecord> batch) override {
    records += static_cast<std::uint64_t>(
        std::count_if(batch.begin(), batch.end(), [](const FlowRecord& r) { return !r.continued; }));
    for (const auto& r : batch) {
      if (r.start_ms > r.end_ms || r.start_ms < 0 || r.end_ms > latest_ms + 30'000 || r.exporter == 0) ++broken;
    }
  }
};

}  // namespace

TEST_CASE("Damaged datagrams do no harm and break no promise") {
  const auto originals = recorded_datagrams();
  REQUIRE(originals.size() > 10);
  std::mt19937 random(20240501);
  ExporterTable exporters(8);
  Promises sink;
  const DecodeLimits limits{.max_templates_per_exporter = 200,
                            .max_fields_per_template = 64,
                            .max_domains_per_exporter = 16,
                            .max_waiting_bytes_per_exporter = 1 << 16,
                            .max_waiting_bytes = 1 << 18};
  Decoder decoder(limits, exporters, sink);
  std::int64_t now_ms = 1'795'623'200'000;  // about when they were recorded
  for (int round = 0; round < 60'000; ++round) {
    Bytes bytes = originals[random() % originals.size()];
    for (auto times = random() % 6; times != 0; --times) damage(bytes, originals, random);
    now_ms += static_cast<std::int64_t>(random() % 50);
    sink.latest_ms = now_ms;
    decoder.decode({.source = IpAddress::from_v4(0x0a000000 + static_cast<std::uint32_t>(random() % 10)),
                    .source_port = static_cast<std::uint16_t>(random() % 4),
                    .local_port = 2055,
                    .arrival_ms = now_ms,
                    .payload = bytes});
    if (round % 1000 == 0) {
      decoder.tick(now_ms);
      decoder.take_log_lines();
    }
  }
  const auto c = decoder.counters();
  CHECK(sink.broken == 0);
  CHECK(c.datagrams == 60'000);
  std::uint64_t refused = 0;
  for (const Exporter* e : exporters.all()) refused += e->rejected;
  CHECK(c.records == sink.records);
  CHECK(c.rejected == refused);
  CHECK(c.records > 100'000);
  CHECK(c.malformed > 1000);
  CHECK(c.templates <= 8 * 200);
  CHECK(c.rejected > 0);
}
