// How long queries take over sessions that lie decoded in memory: what a border router exports (RouterSessions),
// encoded as the store does. WEIR_BENCH_SESSIONS sets how many (default 10 million, about 20 million flows); the first
// argument of each measurement is the number of threads.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <iostream>

#include "query/query.hpp"
#include "store/encoding.hpp"
#include "support/generated_sessions.hpp"

namespace {

using namespace weir;

class ColumnSegment final : public Segment {
 public:
  explicit ColumnSegment(const std::vector<Session>& rows) : rows_(static_cast<std::uint32_t>(rows.size())) {
    for (const auto& row : rows) {
      min_start_ms_ = std::min(min_start_ms_, row.start_ms);
      max_end_ms_ = std::max(max_end_ms_, row.end_ms);
    }
    for (auto& column : encode_columns(rows)) columns_.push_back(std::make_shared<const Column>(std::move(column)));
  }
  std::uint32_t rows() const override { return rows_; }
  std::int64_t min_start_ms() const override { return min_start_ms_; }
  std::int64_t max_end_ms() const override { return max_end_ms_; }
  std::shared_ptr<const Column> column(ColumnId id) const override { return columns_[column_index(id)]; }

 private:
  std::uint32_t rows_;
  std::int64_t min_start_ms_ = std::int64_t{1} << 60, max_end_ms_ = 0;
  std::vector<std::shared_ptr<const Column>> columns_;
};

class DecodedStore final : public Store {
 public:
  DecodedStore(std::uint64_t sessions, std::uint32_t sessions_per_s) {
    testing::RouterSessions generated(1, {.sessions_per_s = sessions_per_s}, 1'700'000'000'000);
    std::uint64_t bytes = 0, hosts = 0;
    for (std::uint64_t done = 0; done < sessions; done += kSegmentRows) {
      auto segment =
          std::make_shared<ColumnSegment>(generated.next(std::min<std::uint64_t>(kSegmentRows, sessions - done)));
      for (const auto& info : kColumns) bytes += segment->column(info.id)->memory_bytes();
      hosts +=
          segment->column(ColumnId::kClient)->addresses.size() + segment->column(ColumnId::kServer)->addresses.size();
      snapshot_.segments.insert(snapshot_.segments.begin(), std::move(segment));
    }
    snapshot_.stored = TimeRange{.from_ms = snapshot_.segments.back()->min_start_ms(), .to_ms = 0};
    for (const auto& segment : snapshot_.segments) {
      snapshot_.stored->from_ms = std::min(snapshot_.stored->from_ms, segment->min_start_ms());
      snapshot_.stored->to_ms = std::max(snapshot_.stored->to_ms, segment->max_end_ms() + 1);
    }
    snapshot_.exporters.push_back({.id = 1, .address = IpAddress::from_v4(0xc000'0201), .name = "edge-1"});
    std::cerr << sessions << " sessions over " << (snapshot_.stored->to_ms - snapshot_.stored->from_ms) / 1000
              << " s: " << snapshot_.segments.size() << " segments, " << bytes / (1 << 20) << " MiB, "
              << hosts / snapshot_.segments.size() << " addresses per segment\n";
  }
  Snapshot snapshot(std::optional<TimeRange> range) override {
    auto taken = snapshot_;
    if (range) std::erase_if(taken.segments, [&](const auto& s) { return !may_touch(*s, *range); });
    return taken;
  }
  void on_sessions(SessionBatch&&) override {}
  void flush() override {}
  StoreStatus status() const override { return {}; }
  TimeRange stored() const { return *snapshot_.stored; }

 private:
  Snapshot snapshot_;
};

std::uint64_t session_count() {
  const char* text = std::getenv("WEIR_BENCH_SESSIONS");
  return text == nullptr ? 10'000'000 : std::strtoull(text, nullptr, 10);
}
// Ten minutes, and five and a half hours.
DecodedStore& busy_store() {
  static DecodedStore store(session_count(), static_cast<std::uint32_t>(session_count() / 500));
  return store;
}
DecodedStore& day_store() {
  static DecodedStore store(session_count(), static_cast<std::uint32_t>(session_count() / 20'000));
  return store;
}

// A hundred rules of ports, thirty of subnets, and as many labelled networks.
std::shared_ptr<const TrafficNames> bench_names() {
  static const auto names = [] {
    std::vector<ApplicationRule> rules;
    std::vector<LabelledPrefix> networks;
    for (std::uint32_t i = 0; i < 30; ++i) {
      const auto prefix = parse_ip_prefix("10." + std::to_string(16 + i) + ".0.0/16");
      rules.push_back({.name = "Farm " + std::to_string(i), .servers = {*prefix}});
      networks.push_back({*prefix, "Site " + std::to_string(i)});
    }
    for (std::uint16_t i = 0; i < 100; ++i) {
      const auto first = static_cast<std::uint16_t>(i * 10);
      rules.push_back({.name = "Service " + std::to_string(i),
                       .ports = {{.protocol = 6, .first = first, .last = static_cast<std::uint16_t>(first + 9)}}});
    }
    return std::make_shared<const TrafficNames>(
        TrafficNames{.applications = ApplicationTable(std::move(rules)), .networks = NetworkTable(networks)});
  }();
  return names;
}

void measure(benchmark::State& state, DecodedStore& store, const Query& query) {
  QueryControl control;
  control.threads = static_cast<unsigned>(state.range(0));
  control.derived.names = bench_names();
  std::uint64_t scanned = 0;
  for (auto _ : state) {
    const auto result = run_query(query, store, control);
    if (!result) return state.SkipWithError(result.error().message.c_str());
    scanned += result->sessions_scanned;
    benchmark::DoNotOptimize(result->totals);
  }
  state.counters["sessions/s"] = benchmark::Counter(static_cast<double>(scanned), benchmark::Counter::kIsRate);
}

void add(const char* name, const Query& query, DecodedStore& (*store)() = busy_store) {
  benchmark::RegisterBenchmark(name, [query, store](benchmark::State& state) { measure(state, store(), query); })
      ->Arg(1)
      ->Arg(2)
      ->Unit(benchmark::kMillisecond)
      ->UseRealTime();
}

void add_sessions(const char* name, const SessionQuery& query) {
  benchmark::RegisterBenchmark(name,
                               [query](benchmark::State& state) {
                                 QueryControl control;
                                 control.threads = static_cast<unsigned>(state.range(0));
                                 for (auto _ : state) {
                                   const auto result = run_session_query(query, busy_store(), control);
                                   if (!result) return state.SkipWithError(result.error().message.c_str());
                                   benchmark::DoNotOptimize(result->total_sessions);
                                 }
                               })
      ->Arg(2)
      ->Unit(benchmark::kMillisecond)
      ->UseRealTime();
}

}  // namespace

int main(int argc, char** argv) {
  using enum FieldId;
  add("totals", {});
  add("top_hosts", {.by = {kHost}});
  add("top_talkers", {.by = {kHost}, .direction = Direction::kTalkers});
  add("top_server_ports", {.by = {kServerPort}});
  add("top_ports", {.by = {kPort}});
  add("top_applications", {.by = {kApplication}});
  add("top_networks", {.by = {kNetwork}});
  add("filter_application", {.filter = "application 'Service 44'"});
  add("filter_server_port", {.filter = "tcp and server port 440-449"});
  add("top_interfaces", {.by = {kInterface}});
  add("top_protocol_port", {.by = {kProtocol, kServerPort}});
  add("top_conversations", {.by = {kClient, kServer, kServerPort}});
  add("top_five_tuples", {.by = {kClient, kServer, kProtocol, kClientPort, kServerPort}});
  add("chart_200", {.buckets = 200});
  add("chart_200_over_hours", {.buckets = 200}, day_store);
  add("top_hosts_chart_200", {.by = {kHost}, .buckets = 200});
  add("top_hosts_chart_200_over_hours", {.by = {kHost}, .buckets = 200}, day_store);
  add("filter_net", {.filter = "host 10.16.0.0/20 and not port 443"});
  add("filter_rare_host", {.filter = "host 23.0.1.7", .by = {kPort}});
  add("filter_halves", {.filter = "in if 1 and src port 1024-65535 and bytes > 10k", .by = {kHost}});
  add_sessions("sessions_by_octets", {});
  add_sessions("sessions_filtered", {.filter = "port 53", .order = SessionOrder::kStart});
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
