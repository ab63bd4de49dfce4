// A worker from its queue to its sessions: what it takes, what it leaves when it has to stop, and for whom that is
// counted.
#include "app/worker.hpp"
#include "support/catch.hpp"
#include "support/wire_bytes.hpp"

using namespace weir;
using weir::test::Wire;

namespace {

constexpr std::int64_t kNowMs = 1'714'564'800'000;

struct Kept final : SessionSink {
  std::uint64_t sessions = 0;
  void on_sessions(SessionBatch&& batch) override { sessions += batch.sessions.size(); }
};

Wire v5(std::uint16_t port) {
  return Wire()
      .u16(5)
      .u16(1)
      .u32(3'600'000)
      .u32(kNowMs / 1000)
      .u32(0)
      .u32(0)
      .u16(0)
      .u16(0)
      .ip("10.0.0.1")
      .ip("10.0.0.2")
      .ip("0.0.0.0")
      .u16(1)
      .u16(2)
      .u32(1)
      .u32(100)
      .u32(3'599'000)
      .u32(3'600'000)
      .u16(port)
      .u16(443)
      .u8(0)
      .u8(0)
      .u8(6)
      .u8(0)
      .u16(0)
      .u16(0)
      .u8(0)
      .u8(0)
      .u16(0);
}

struct Bench {
  explicit Bench(std::int64_t stop_ms) : worker({.stop_ms = stop_ms}, exporters, kept, clock) {}

  void send(const char* source, int count) {
    const auto address = parse_ip_address(source).value();
    const auto* exporter = exporters.find(address);
    for (int i = 0; i < count; ++i) {
      const auto message = v5(static_cast<std::uint16_t>(1000 + i));
      const Datagram datagram{
          .source = address, .source_port = 9, .local_port = 2055, .arrival_ms = kNowMs, .payload = message.bytes()};
      const DatagramQueue::Arrival arrival{.datagram = &datagram, .known = exporter != nullptr};
      worker.push({&arrival, 1});
    }
  }

  ManualClock clock{kNowMs};
  ExporterTable exporters{10};
  Kept kept;
  Worker worker;
};

}  // namespace

TEST_CASE("A worker that is stopped decodes what waits, and leaves nothing") {
  Bench bench(5000);
  bench.send("192.0.2.1", 300);
  bench.worker.start();
  bench.worker.stop();
  CHECK(bench.worker.datagrams_left() == 0);
  CHECK(bench.worker.status().decode.records == 300);
  CHECK(bench.kept.sessions == 300);
  CHECK(bench.exporters.all().size() == 1);
}

TEST_CASE("A worker that may not take longer leaves what waits, and counts it for its senders") {
  Bench bench(0);
  auto* known = bench.exporters.find_or_add(parse_ip_address("192.0.2.1").value());
  bench.send("192.0.2.1", 200);
  bench.send("192.0.2.2", 7);
  bench.worker.close();
  bench.worker.start();
  bench.worker.stop();
  CHECK(bench.worker.datagrams_left() == 207);
  CHECK(known->queue_drops == 200);
  CHECK(bench.exporters.unknown_drops() == 7);
  CHECK(bench.worker.status().decode.records == 0);
}

TEST_CASE("What comes after the close is dropped and counted") {
  Bench bench(5000);
  auto* known = bench.exporters.find_or_add(parse_ip_address("192.0.2.1").value());
  bench.worker.start();
  bench.worker.stop();
  bench.send("192.0.2.1", 3);
  CHECK(known->queue_drops == 3);
}
