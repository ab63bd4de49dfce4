// Shares of sessions in ranges: exact integers that add up however a range is cut.
#include "query/time_share.hpp"
#include "support/catch.hpp"
#include "support/generated_sessions.hpp"

using namespace weir;

TEST_CASE("a session inside the range counts whole, a point belongs to the range it starts in") {
  CHECK(share_of(1000, 10, 20, {.from_ms = 10, .to_ms = 20}) == 1000);
  CHECK(share_of(1000, 10, 10, {.from_ms = 10, .to_ms = 11}) == 1000);
  CHECK(touches(10, 10, {.from_ms = 10, .to_ms = 11}));
  CHECK_FALSE(touches(10, 10, {.from_ms = 9, .to_ms = 10}));
  CHECK_FALSE(touches(10, 20, {.from_ms = 20, .to_ms = 30}));
  CHECK_FALSE(touches(10, 20, {.from_ms = 0, .to_ms = 10}));
  CHECK(touches(10, 20, {.from_ms = 19, .to_ms = 20}));
}

TEST_CASE("shares of adjacent ranges add up to the whole, for counters of any size") {
  testing::Random random(7);
  for (int round = 0; round < 2000; ++round) {
    const auto whole = random.next() >> random.below(64);
    const auto start = static_cast<std::int64_t>(1'000'000 + random.below(1000));
    const auto end = start + 1 + static_cast<std::int64_t>(random.next() >> (24 + random.below(40)));
    std::int64_t at = start - 5;
    std::uint64_t sum = 0;
    while (at < end) {
      const auto next =
          at + 1 + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(end - start) / 3 + 3));
      if (const TimeRange part{.from_ms = at, .to_ms = next}; touches(start, end, part))
        sum += share_of(whole, start, end, part);
      at = next;
    }
    CAPTURE(whole, start, end);
    CHECK(sum == whole);
  }
}

TEST_CASE("buckets cover the range without gap, also where they are narrower than a millisecond") {
  for (const auto& [span, count] : {std::pair<std::int64_t, std::uint32_t>{1000, 10},
                                    {1000, 7},
                                    {3, 10},
                                    {86'400'000, 200},
                                    {std::int64_t{1} << 52, 2000}}) {
    const TimeRange range{.from_ms = 1000, .to_ms = 1000 + span};
    const BucketGrid grid(range, count);
    CHECK(grid.edge(0) == range.from_ms);
    CHECK(grid.edge(count) == range.to_ms);
    testing::Random random(3);
    for (int i = 0; i < 500; ++i) {
      const auto t = range.from_ms + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(span)));
      const auto bucket = grid.index_of(t);
      REQUIRE(grid.edge(bucket) <= t);
      REQUIRE(t < grid.edge(bucket + 1));
    }
  }
}
