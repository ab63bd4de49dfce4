// How long a back-test takes: a rule per host over sessions that lie decoded in memory. WEIR_BENCH_SESSIONS sets how
// many (default 50 million, about 100 million flows); they repeat one hour's segments, moved in time, so that memory
// does not bound the measurement. The argument of each measurement is the number of threads.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <iostream>

#include "alert/back_test.hpp"
#include "store/encoding.hpp"
#include "support/generated_sessions.hpp"

namespace {

using namespace weir;

constexpr std::int64_t kFrom = 1'700'006'400'000;
constexpr std::uint32_t kSessionsPerS = 600;  // 50 million a day
constexpr std::size_t kDistinctSegments = 16;

// A segment of another one's columns, later.
class MovedSegment final : public Segment {
 public:
  explicit MovedSegment(const std::vector<Session>& rows) : rows_(static_cast<std::uint32_t>(rows.size())) {
    for (const auto& row : rows) {
      min_start_ms_ = std::min(min_start_ms_, row.start_ms);
      max_end_ms_ = std::max(max_end_ms_, row.end_ms);
    }
    for (auto& column : encode_columns(rows)) columns_.push_back(std::make_shared<const Column>(std::move(column)));
  }
  std::shared_ptr<MovedSegment> moved(std::int64_t ms) const {
    auto copy = std::make_shared<MovedSegment>(*this);
    copy->min_start_ms_ += ms;
    copy->max_end_ms_ += ms;
    Column start = *copy->columns_[column_index(ColumnId::kStart)];
    start.base += static_cast<std::uint64_t>(ms);
    start.min += static_cast<std::uint64_t>(ms);
    start.max += static_cast<std::uint64_t>(ms);
    for (auto& value : start.values) value += static_cast<std::uint64_t>(ms);
    copy->columns_[column_index(ColumnId::kStart)] = std::make_shared<const Column>(std::move(start));
    return copy;
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

class RepeatingStore final : public Store {
 public:
  explicit RepeatingStore(std::uint64_t sessions) {
    testing::RouterSessions generated(1, {.sessions_per_s = kSessionsPerS}, kFrom + 120'000);
    std::vector<std::shared_ptr<MovedSegment>> distinct;
    for (std::size_t i = 0; i < kDistinctSegments; ++i)
      distinct.push_back(std::make_shared<MovedSegment>(generated.next(kSegmentRows)));
    const std::int64_t round_ms = std::int64_t{kDistinctSegments} * kSegmentRows * 1000 / kSessionsPerS;
    for (std::uint64_t n = 0; n * kSegmentRows < sessions; ++n) {
      snapshot_.segments.insert(
          snapshot_.segments.begin(),
          distinct[n % kDistinctSegments]->moved(static_cast<std::int64_t>(n / kDistinctSegments) * round_ms));
    }
    snapshot_.stored = TimeRange{.from_ms = kFrom, .to_ms = snapshot_.segments.front()->max_end_ms() + 1};
    snapshot_.exporters.push_back({.id = 1, .address = IpAddress::from_v4(0xc000'0201), .name = "edge-1"});
    std::cerr << sessions << " sessions over " << (snapshot_.stored->to_ms - kFrom) / 3'600'000 << " h, "
              << snapshot_.segments.size() << " segments\n";
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

RepeatingStore& store() {
  static RepeatingStore made([] {
    const char* count = std::getenv("WEIR_BENCH_SESSIONS");
    return count ? std::strtoull(count, nullptr, 10) : 50'000'000ull;
  }());
  return made;
}

void back_test_of(benchmark::State& state, const char* query) {
  const auto file = RuleFile::load(
      "bench.lua",
      std::string("weir.rule { name = 'r', query = { ") + query + " }, when = { octets = '>20M' }, for_ = '2m' }", {});
  auto& stored = store();
  std::size_t alerts = 0, windows = 0;
  for (auto _ : state) {
    const auto result = back_test(**file, (*file)->rules().front(), stored.stored(), stored, {},
                                  {.threads = static_cast<unsigned>(state.range(0))});
    if (!result) state.SkipWithError(result.error().message.c_str());
    else alerts = result->alerts.size(), windows = result->windows;
  }
  state.counters["alerts"] = static_cast<double>(alerts);
  state.counters["windows"] = static_cast<double>(windows);
}
BENCHMARK_CAPTURE(back_test_of, host_1m, "by = 'host', window = '1m', every = '1m'")
    ->Arg(1)
    ->Arg(2)
    ->Unit(benchmark::kMillisecond)
    ->Iterations(1)
    ->UseRealTime();
BENCHMARK_CAPTURE(back_test_of, host_5m_every_1m, "by = 'host', window = '5m', every = '1m'")
    ->Arg(2)
    ->Unit(benchmark::kMillisecond)
    ->Iterations(1)
    ->UseRealTime();
BENCHMARK_CAPTURE(back_test_of, client_server_distinct_port,
                  "by = { 'client', 'server' }, distinct = 'server_port', window = '5m', every = '1m'")
    ->Arg(2)
    ->Unit(benchmark::kMillisecond)
    ->Iterations(1)
    ->UseRealTime();

}  // namespace

BENCHMARK_MAIN();
