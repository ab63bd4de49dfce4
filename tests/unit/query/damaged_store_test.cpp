// Segments that cannot be read: left out as a whole and named, never half counted.
#include "query/query.hpp"
#include "store/row_segment.hpp"
#include "support/catch.hpp"
#include "support/generated_sessions.hpp"

using namespace weir;

namespace {

class DamagedSegment final : public Segment {
 public:
  DamagedSegment(std::vector<Session> rows, ColumnId damaged) : inner_(std::move(rows)), damaged_(damaged) {}
  std::uint32_t rows() const override { return inner_.rows(); }
  std::int64_t min_start_ms() const override { return inner_.min_start_ms(); }
  std::int64_t max_end_ms() const override { return inner_.max_end_ms(); }
  std::shared_ptr<const Column> column(ColumnId id) const override {
    if (id == damaged_) throw std::runtime_error("2026-01-31.sqlite: column server is damaged");
    return inner_.column(id);
  }

 private:
  RowSegment inner_;
  ColumnId damaged_;
};

class FixedStore final : public Store {
 public:
  Snapshot snapshot(std::optional<TimeRange>) override { return fixed; }
  void on_sessions(SessionBatch&&) override {}
  void flush() override {}
  StoreStatus status() const override { return {}; }
  Snapshot fixed;
};

}  // namespace

TEST_CASE("a damaged segment is left out and named; queries that do not need the column read it") {
  testing::RouterSessions generated(1, {}, 1'000'000'000);
  FixedStore store;
  store.fixed.stored = TimeRange{.from_ms = 0, .to_ms = 2'000'000'000};
  store.fixed.warnings = {"a day is set aside"};
  store.fixed.segments.push_back(std::make_shared<RowSegment>(generated.next(100)));
  store.fixed.segments.push_back(std::make_shared<DamagedSegment>(generated.next(50), ColumnId::kServer));
  store.fixed.segments.push_back(std::make_shared<RowSegment>(generated.next(30)));

  const auto totals = run_query({}, store);
  CHECK(totals->totals.sessions == 180);
  CHECK(totals->warnings.size() == 1);

  const auto hosts = run_query({.by = {FieldId::kHost}, .direction = Direction::kTalkers, .buckets = 10}, store);
  REQUIRE(hosts.has_value());
  CHECK(hosts->totals.sessions == 130);
  CHECK(hosts->warnings == std::vector<std::string>{
                               "a day is set aside",
                               "left out a segment that cannot be read: 2026-01-31.sqlite: column server is damaged"});
  std::uint64_t charted = 0;
  for (const auto& series : hosts->series) {
    for (const auto octets : series.octets) charted += octets;
  }
  CHECK(charted == hosts->totals.octets);

  const auto sessions = run_session_query({}, store);
  REQUIRE(sessions.has_value());
  CHECK(sessions->totals.sessions == 130);
  CHECK(sessions->warnings.size() == 2);
}

TEST_CASE("damage found only when a session is shown is an error, not a crash") {
  testing::RouterSessions generated(1, {}, 1'000'000'000);
  FixedStore store;
  store.fixed.stored = TimeRange{.from_ms = 0, .to_ms = 2'000'000'000};
  store.fixed.segments.push_back(std::make_shared<DamagedSegment>(generated.next(50), ColumnId::kClientMac));
  CHECK(run_session_query({}, store).error().message ==
        "the store cannot be read: 2026-01-31.sqlite: column server is damaged");
}
