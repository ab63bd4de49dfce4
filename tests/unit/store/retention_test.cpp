// Old days go by age and by size; today, days in use and what a snapshot holds do not.
#include "store/sqlite/retention.hpp"

#include <filesystem>

#include "support/catch.hpp"
#include "unit/store/stored_rows.hpp"

using namespace weir;
using namespace weir::testing;

using Days = std::vector<std::int32_t>;

TEST_CASE("which days go") {
  const std::vector<DayFileSize> sizes{{.day = 12, .bytes = 100}, {.day = 10, .bytes = 100}, {.day = 11, .bytes = 100}, {.day = 13, .bytes = 100}};
  CHECK(days_to_delete(sizes, 0, 13, 0, 0) == Days{});
  CHECK(days_to_delete(sizes, 0, 13, 400, 0) == Days{});
  CHECK(days_to_delete(sizes, 1, 13, 400, 0) == Days{10});
  CHECK(days_to_delete(sizes, 50, 13, 250, 0) == Days{10, 11});
  CHECK(days_to_delete(sizes, 0, 13, 1, 0) == Days{10, 11, 12});  // never today
  CHECK(days_to_delete(sizes, 0, 13, 0, 2) == Days{10});
  CHECK(days_to_delete(sizes, 0, 13, 0, 1) == Days{10, 11});
  CHECK(days_to_delete(sizes, 0, 13, 200, 2) == Days{10, 11});
  CHECK(days_to_delete(sizes, 0, 500, 0, 0) == Days{});  // old captures stay, unless an age is set
  auto used = sizes;
  used[1].in_use = true;
  CHECK(days_to_delete(used, 0, 13, 300, 2) == Days{11});
}

namespace {

void fill_days(const std::string& dir, std::int32_t count) {
  StoreUnderTest t(dir);
  for (std::int32_t day = 0; day < count; ++day) {
    const auto first = 1 + static_cast<std::uint64_t>(day) * 100;
    t.store.on_sessions({.sessions = plain_sessions(first, 100, kNoon - (count - 1 - day) * kDayMs), .final_below = first + 100});
  }
}

}  // namespace

TEST_CASE("the oldest days are deleted when all are too large together; a snapshot that holds one reads on") {
  TemporaryFolder folder;
  fill_days(folder.path(), 4);
  const auto oldest = folder / "days/2023-11-12.sqlite";
  REQUIRE(std::filesystem::exists(oldest));
  const auto total = [&] {
    StoreUnderTest t(folder.path());
    return t.store.status().bytes;
  }();
  {
    StoreUnderTest t(SqliteStoreSettings{.dir = folder.path(), .max_bytes = total - 1});
    auto held = t.store.snapshot(std::nullopt);
    t.store.flush();
    CHECK(t.store.status().deleted_days == 1);
    CHECK(t.store.status().days == 3);
    CHECK(t.store.status().bytes < total);
    CHECK(!std::filesystem::exists(oldest));
    CHECK(marks_of(t.store.snapshot(std::nullopt)) == marks(101, 300));
    CHECK(marks_of(held) == marks(1, 400));  // its columns were not loaded before
    // The day can come again, by an import, and does not go with the old snapshot.
    t.store.on_sessions({.sessions = plain_sessions(1, 10, kNoon - 3 * kDayMs), .final_below = 1});
    complaint_of([&] { t.store.flush(); });
    held = {};
    CHECK(std::filesystem::exists(oldest));
    CHECK(marks_of(t.store.snapshot(TimeRange{.from_ms = 0, .to_ms = kNoon - 2 * kDayMs})) == marks(1, 10));
  }
  for (const auto& entry : std::filesystem::directory_iterator(folder / "days")) CHECK(!has(entry.path().string(), ".removed-"));
}

TEST_CASE("days older than the set age are deleted, losses of those days too") {
  TemporaryFolder folder;
  fill_days(folder.path(), 4);
  StoreUnderTest t(SqliteStoreSettings{.dir = folder.path(), .max_age_days = 1});
  t.store.flush();
  CHECK(t.store.status().deleted_days == 2);
  CHECK(marks_of(t.store.snapshot(std::nullopt)) == marks(201, 200));
  CHECK(open_read_only(folder.path())->snapshot(std::nullopt).stored->from_ms == kNoon - kDayMs);
}

TEST_CASE("a file that a crash left half deleted is removed at the next start") {
  TemporaryFolder folder;
  fill_days(folder.path(), 1);
  const auto left = folder / "days/2023-11-15.sqlite.removed-3";
  std::filesystem::copy_file(folder / "days/2023-11-15.sqlite", left);
  StoreUnderTest t(folder.path());
  CHECK(!std::filesystem::exists(left));
  CHECK(t.store.status().sessions == 100);
}
