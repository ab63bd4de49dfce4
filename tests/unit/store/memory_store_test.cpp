// The store of the tests keeps the contract of store.hpp.
#include "store/memory_store.hpp"

#include "support/catch.hpp"

using namespace weir;

TEST_CASE("a later row of an id replaces the earlier one, and segments are newest first") {
  MemoryStore store(2);
  std::vector<Session> rows(5);
  for (std::uint64_t i = 0; i < rows.size(); ++i) {
    rows[i].id = i + 1;
    rows[i].start_ms = rows[i].end_ms = 1000 + static_cast<std::int64_t>(i) * 100;
  }
  store.on_sessions({.sessions = rows, .final_below = 0});
  rows[4].halves[kToServer].octets = 9;
  store.on_sessions({.sessions = {rows[4]}, .final_below = 6});

  const auto all = store.snapshot(std::nullopt);
  REQUIRE(all.segments.size() == 3);
  CHECK(all.segments[0]->column(ColumnId::kOctetsToServer)->number_at(0) == 9);
  CHECK(all.stored == TimeRange{.from_ms = 1000, .to_ms = 1401});
  CHECK(store.snapshot(TimeRange{.from_ms = 1300, .to_ms = 1400}).segments.size() == 1);
  CHECK(store.snapshot(TimeRange{.from_ms = 1401, .to_ms = 1500}).segments.empty());
  CHECK(MemoryStore().snapshot(std::nullopt).stored == std::nullopt);
}
