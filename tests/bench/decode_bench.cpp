// The decode stage per record: v5, v9 and IPFIX datagrams as routers send them, sFlow as switches do, into a sink that
// only counts.
#include <benchmark/benchmark.h>

#include <span>
#include <vector>

#include "decode/decoder.hpp"
#include "support/sflow_wire.hpp"

namespace {

using weir::test::Wire;

constexpr std::int64_t kNowSeconds = 1'714'564'800;
constexpr std::uint32_t kUptimeMs = 3'600'000;

struct Count final : weir::RecordSink {
  std::uint64_t records = 0, octets = 0;
  void on_records(std::span<const weir::FlowRecord> batch) override {
    records += batch.size();
    for (const auto& r : batch) octets += r.octets;
  }
};

Wire v9(const Wire& sets) { return Wire().u16(9).u16(30).u32(kUptimeMs).u32(kNowSeconds).u32(1).u32(0).add(sets); }
Wire ipfix(const Wire& sets) { return Wire().u16(10).u16(16 + sets.size()).u32(kNowSeconds).u32(0).u32(0).add(sets); }

Wire v5_datagram() {
  Wire w = Wire().u16(5).u16(30).u32(kUptimeMs).u32(kNowSeconds).u32(0).u32(0).u16(0).u16(0);
  for (std::uint32_t i = 0; i < 30; ++i) {
    w.ip("10.0.0.1")
        .ip("10.0.0.2")
        .ip("10.0.0.254")
        .u16(3)
        .u16(4)
        .u32(10)
        .u32(1000 + i)
        .u32(kUptimeMs - 5000)
        .u32(kUptimeMs - 1000)
        .u16(40000 + i)
        .u16(443)
        .u8(0)
        .u8(0x1b)
        .u8(6)
        .u8(0)
        .u16(65001)
        .u16(65002)
        .u8(24)
        .u8(16)
        .u16(0);
  }
  return w;
}

// The 20 fields of a typical v9 template of a router, as flexible NetFlow sends them.
struct Field {
  std::uint16_t ie, length;
};
constexpr Field kRouterFields[] = {{8, 4},  {12, 4}, {15, 4}, {10, 4}, {14, 4}, {1, 4},  {2, 4},
                                   {22, 4}, {21, 4}, {7, 2},  {11, 2}, {16, 4}, {17, 4}, {18, 4},
                                   {9, 1},  {13, 1}, {4, 1},  {6, 1},  {5, 1},  {61, 1}};
enum class Times { kUptime, kAbsolute };
Wire router_template(bool variable, Times times) {
  Wire w = Wire().u16(256).u16(std::size(kRouterFields) + (variable ? 1 : 0));
  for (const auto& f : kRouterFields) {
    const bool absolute = times == Times::kAbsolute && (f.ie == 21 || f.ie == 22);
    w.u16(absolute ? (f.ie == 22 ? 152 : 153) : f.ie).u16(absolute ? 8 : f.length);
  }
  if (variable) w.u16(82).u16(65535);  // a name at the end
  return w;
}
Wire router_records(int count, bool variable, Times times) {
  Wire w;
  for (int i = 0; i < count; ++i) {
    w.ip("10.0.0.1").ip("10.0.0.2").ip("10.0.0.254").u32(3).u32(4).u32(1000).u32(10);
    if (times == Times::kUptime) {
      w.u32(kUptimeMs - 5000).u32(kUptimeMs - 1000);
    } else {
      w.u64(kNowSeconds * 1000 - 5000).u64(kNowSeconds * 1000 - 1000);
    }
    w.u16(40000).u16(443).u32(65001).u32(65002).u32(0).u8(24).u8(16).u8(6).u8(0x1b).u8(0).u8(0);
    if (variable) w.u8(4).text("eth0");
  }
  return w;
}

// Where a datagram carries its sequence number, and how many it adds to it. A datagram that comes twice is not decoded.
struct Numbering {
  std::size_t at;
  std::uint32_t step;
};
constexpr Numbering kV5Numbers{.at = 16, .step = 30}, kV9Numbers{.at = 12, .step = 1},
    kIpfixNumbers{.at = 8, .step = 20}, kSflowNumbers{.at = 16, .step = 1};

void decode(benchmark::State& state, const Wire& templates, const Wire& data, Numbering numbering) {
  weir::ExporterTable exporters(16);
  Count sink;
  weir::Decoder decoder({}, exporters, sink);
  const auto send = [&](std::span<const std::uint8_t> message) {
    decoder.decode({.source = weir::IpAddress::from_v4(0xc0000201),
                    .source_port = 50000,
                    .local_port = 2055,
                    .arrival_ms = kNowSeconds * 1000,
                    .payload = message});
  };
  if (templates.size() != 0) send(templates.bytes());
  std::vector<std::uint8_t> message(data.bytes().begin(), data.bytes().end());
  std::uint32_t sequence = 0;
  for (auto _ : state) {
    sequence += numbering.step;
    for (std::size_t i = 0; i < sizeof sequence; ++i)
      message[numbering.at + i] = static_cast<std::uint8_t>(sequence >> 8 * (sizeof sequence - 1 - i));
    send(message);
  }
  benchmark::DoNotOptimize(sink.octets);
  state.counters["ns_per_record"] = benchmark::Counter(static_cast<double>(sink.records) / 1e9,
                                                       benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void netflow_v5(benchmark::State& state) { decode(state, Wire(), v5_datagram(), kV5Numbers); }
void netflow_v9(benchmark::State& state) {
  decode(state, v9(Wire().set(0, router_template(false, Times::kUptime))),
         v9(Wire().set(256, router_records(22, false, Times::kUptime))), kV9Numbers);
}
void ipfix_of(benchmark::State& state, bool variable, Times times) {
  decode(state, ipfix(Wire().set(2, router_template(variable, times))),
         ipfix(Wire().set(256, router_records(20, variable, times))), kIpfixNumbers);
}
void ipfix_fixed(benchmark::State& state) { ipfix_of(state, false, Times::kAbsolute); }
void ipfix_variable(benchmark::State& state) { ipfix_of(state, true, Times::kAbsolute); }
void ipfix_uptimes(benchmark::State& state) { ipfix_of(state, false, Times::kUptime); }  // without a boot time
// Seven samples of an Ethernet frame's first 128 octets with a switch record: about what a datagram of 1,400 octets
// holds.
void sflow(benchmark::State& state) {
  using namespace weir::test;
  const Wire header =
      ethernet(0x8100, Wire().u16(100).u16(0x0800).add(ipv4_packet(6, 1400, tcp_header(40000, 443, 0x10))))
          .zeros(128 - 58);
  Wire samples;
  for (std::uint32_t i = 0; i < 7; ++i) {
    samples.add(
        flow_sample({.sequence = i, .pool = 512 * i}, 2,
                    sampled_header(header, 1422).add(sflow_part(1001, Wire().u32(100).u32(0).u32(200).u32(0)))));
  }
  decode(state, Wire(), sflow5({.agent = "192.0.2.1"}, 7, samples), kSflowNumbers);
}
// What a hostile sender costs most: small templates that change every time.
void template_churn(benchmark::State& state) {
  Wire first, second;
  for (std::uint16_t id = 256; id < 256 + 100; ++id) {
    first.u16(id).u16(1).u16(1).u16(4);
    second.u16(id).u16(1).u16(2).u16(4);
  }
  decode(state, Wire(), v9(Wire().set(0, first).set(0, second)), kV9Numbers);
  state.counters["ns_per_template"] =
      benchmark::Counter(200 / 1e9, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

BENCHMARK(netflow_v5);
BENCHMARK(netflow_v9);
BENCHMARK(ipfix_fixed);
BENCHMARK(ipfix_variable);
BENCHMARK(ipfix_uptimes);
BENCHMARK(sflow);
BENCHMARK(template_churn);

}  // namespace

BENCHMARK_MAIN();
