// Producers, snapshots from inside and outside, and the writer at the same time. Meant for the thread sanitizer too.
#include <atomic>
#include <thread>

#include "support/catch.hpp"
#include "unit/store/stored_rows.hpp"

using namespace weir;
using namespace weir::testing;

namespace {

// The two halves of a row agree, and no row is there twice: true of every snapshot at every moment.
std::string fault_of(const Snapshot& snapshot) {
  const auto all = marks_of(snapshot);
  if (std::adjacent_find(all.begin(), all.end()) != all.end()) return "a row is there twice";
  for (const auto& segment : snapshot.segments) {
    const auto sent = segment->column(ColumnId::kOctetsToServer), got = segment->column(ColumnId::kOctetsToClient);
    const auto mark = segment->column(ColumnId::kClientMac);
    for (std::uint32_t row = 0; row < segment->rows(); ++row) {
      if (sent->number_at(row) != got->number_at(row) + mark->number_at(row)) return "half of a change is seen";
    }
  }
  return "";
}

Session row_of(std::uint64_t id, std::uint64_t version) {
  Session row = plain_session(id, kNoon + static_cast<std::int64_t>(id % 3) * kDayMs, id + version);
  row.halves[kToClient].octets = version;
  return row;
}

}  // namespace

TEST_CASE("two producers, two readers inside and one outside see whole rows once, and all of them at the end") {
  TemporaryFolder folder;
  constexpr std::uint64_t kBatches = 60, kBatchRows = 50;
  StoreUnderTest t(SqliteStoreSettings{
      .dir = folder.path(), .commit_interval_ms = 1, .seal_rows = 400, .cache_bytes = 20'000, .queue_rows = 200});
  std::atomic<bool> stop{false};
  std::atomic<std::uint64_t> snapshots{0};
  std::vector<std::thread> threads;
  std::vector<std::string> faults(3);
  for (std::size_t reader = 0; reader < 3; ++reader) {
    threads.emplace_back([&, reader] {
      const auto outside = open_read_only(folder.path());
      Store& store = reader == 2 ? *outside : t.store;
      while (!stop && faults[reader].empty()) {
        faults[reader] = complaint_of([&] {
          const auto fault = fault_of(store.snapshot(
              reader == 0 ? std::optional(TimeRange{.from_ms = kNoon, .to_ms = kNoon + kDayMs}) : std::nullopt));
          if (!fault.empty()) throw std::runtime_error(fault);
        });
        t.store.status();
        ++snapshots;
      }
    });
  }
  std::vector<std::thread> producers;
  for (std::uint64_t table = 0; table < 2; ++table) {
    producers.emplace_back([&, table] {
      const auto first = t.store.next_session_id() + table * kSessionIdRange;
      for (std::uint64_t batch = 0; batch < kBatches; ++batch) {
        SessionBatch next{.sessions = {}, .final_below = first + (batch > 2 ? (batch - 2) * kBatchRows : 0)};
        for (std::uint64_t i = 0; i < kBatchRows; ++i)
          next.sessions.push_back(row_of(first + batch * kBatchRows + i, 1));
        if (batch > 0) next.sessions.push_back(row_of(first + batch * kBatchRows - 7, 2));
        t.store.on_sessions(std::move(next));
        t.clock.advance(1);
      }
      t.store.flush();
    });
  }
  for (auto& p : producers) p.join();
  while (snapshots < 6) std::this_thread::yield();
  stop = true;
  for (auto& thread : threads) thread.join();
  for (const auto& fault : faults) CHECK(fault == "");
  CHECK(marks_of(t.store.snapshot(std::nullopt)).size() == 2 * kBatches * kBatchRows);
  CHECK(fault_of(open_read_only(folder.path())->snapshot(std::nullopt)) == "");
  CHECK(t.store.status().dropped_sessions == 0);
  CHECK(t.store.status().sealed_segments > 0);
}
