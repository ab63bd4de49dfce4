// Old days go by age and by size; today, days in use and what a snapshot holds do not.
#include "store/sqlite/retention.hpp"

#include <filesystem>

#include "support/catch.hpp"
#include "unit/store/stored_rows.hpp"

using namespace weir;
using namespace weir::testing;

using Days = std::vector<std::int32_t>;

namespace {

std::vector<DayUse> four_days() {
  return {{.day = 12, .bytes = 100}, {.day = 10, .bytes = 100}, {.day = 11, .bytes = 100}, {.day = 13, .bytes = 100}};
}
Retention plan(std::vector<DayUse> days, std::uint64_t max_bytes, std::optional<std::int32_t> oldest_day = std::nullopt,
               std::int32_t today = 13) {
  return plan_retention(std::move(days), {.max_bytes = max_bytes, .oldest_day = oldest_day, .today = today});
}

}  // namespace

TEST_CASE("which days go") {
  CHECK(plan(four_days(), 0).too_large == Days{});
  CHECK(plan(four_days(), 400).too_large == Days{});
  CHECK(plan(four_days(), 399).too_large == Days{10});
  CHECK(plan(four_days(), 250).too_large == Days{10, 11});
  CHECK(plan(four_days(), 0, 11).too_old == Days{10});
  CHECK(plan(four_days(), 0, 12).too_old == Days{10, 11});
  CHECK(plan(four_days(), 200, 11).too_old == Days{10});
  CHECK(plan(four_days(), 200, 11).too_large == Days{11});
  CHECK(plan(four_days(), 0, std::nullopt, 500).too_old == Days{});   // old captures stay, unless an age is set
  CHECK(plan(four_days(), 0, 400, 500).too_old == Days{10, 11, 12});  // the newest day stays
  CHECK_FALSE(plan(four_days(), 200).cut);
}

TEST_CASE("a day that may not go whole is cut by what is too much") {
  const auto last = plan(four_days(), 30);
  CHECK(last.too_large == Days{10, 11, 12});
  REQUIRE(last.cut);
  CHECK(last.cut->day == 13);
  CHECK(last.cut->bytes == 70);
  auto used = four_days();
  used[1].in_use = true;
  const auto oldest = plan(used, 320);
  CHECK(oldest.too_large == Days{});
  REQUIRE(oldest.cut);
  CHECK(oldest.cut->day == 10);
  CHECK(oldest.cut->bytes == 80);
  CHECK(plan(used, 0, 12).too_old == Days{10, 11});
}

TEST_CASE("on a disk with less room than the limit the store keeps some of it free, and half of the disk is its own") {
  constexpr std::uint64_t kGiB = std::uint64_t{1} << 30;
  CHECK(limit_on_disk(20 * kGiB, kGiB, {.capacity = 100 * kGiB, .available = 50 * kGiB}) == 20 * kGiB);
  CHECK(limit_on_disk(20 * kGiB, 4 * kGiB, {.capacity = 10 * kGiB, .available = 5 * kGiB}) == 9 * kGiB - kGiB / 2);
  // Another program fills the disk: what is stored stays, up to half of the disk.
  CHECK(limit_on_disk(20 * kGiB, 2 * kGiB, {.capacity = 10 * kGiB, .available = 0}) == 5 * kGiB);
  CHECK(limit_on_disk(20 * kGiB, 9 * kGiB, {.capacity = 10 * kGiB, .available = 0}) == 9 * kGiB - kGiB / 2);
  CHECK(limit_on_disk(0, kGiB, {.capacity = 100 * kGiB, .available = 50 * kGiB}) == 50 * kGiB);
}

namespace {

void fill_days(const std::string& dir, std::int32_t count) {
  StoreUnderTest t(dir);
  for (std::int32_t day = 0; day < count; ++day) {
    const auto first = 1 + static_cast<std::uint64_t>(day) * 100;
    t.store.on_sessions(
        {.sessions = plain_sessions(first, 100, kNoon - (count - 1 - day) * kDayMs), .final_below = first + 100});
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
  for (const auto& entry : std::filesystem::directory_iterator(folder / "days"))
    CHECK(!has(entry.path().string(), ".removed-"));
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

TEST_CASE("one day that is too large alone loses its oldest sessions, once nobody reads them") {
  TemporaryFolder folder;
  StoreUnderTest t(SqliteStoreSettings{.dir = folder.path(), .seal_rows = 1000, .max_bytes = 400'000});
  Random random(1);
  Snapshot held;
  std::uint64_t id = 1;
  for (int batch = 0; batch < 20; ++batch) {
    std::vector<Session> rows;
    for (int i = 0; i < 1000; ++i, ++id) {
      auto row = marked(random_session(random, id, kNoon));
      row.start_ms = kNoon + static_cast<std::int64_t>(id);
      row.end_ms = row.start_ms + 10;
      rows.push_back(row);
    }
    t.store.on_sessions({.sessions = rows, .final_below = id});
    t.store.flush();
    if (batch == 0) held = t.store.snapshot(std::nullopt);
  }
  const auto status = t.store.status();
  CHECK(status.deleted_segments > 5);
  CHECK(status.deleted_sessions + status.sessions == 20'000);
  CHECK(status.bytes < 900'000);  // what `held` reads is still there
  const auto kept = marks_of(t.store.snapshot(std::nullopt));
  CHECK(kept.size() == status.sessions);
  CHECK(kept == marks(20'001 - kept.size(), kept.size()));
  CHECK(marks_of(held) == marks(1, 1000));
  held = {};
  t.store.flush();
  t.store.flush();
  CHECK(t.store.status().bytes <= 400'000);
  const auto left = marks_of(t.store.snapshot(std::nullopt));
  CHECK(left == marks(20'001 - left.size(), left.size()));
  CHECK(marks_of(open_read_only(folder.path())->snapshot(std::nullopt)) == left);
  CHECK(std::filesystem::file_size(folder / "days/2023-11-15.sqlite") < 1'000'000);
}

TEST_CASE("a disk with less room than the limit: the oldest day goes before it is full") {
  TemporaryFolder folder;
  fill_days(folder.path(), 4);
  DiskSpace disk{.capacity = 100'000'000, .available = 50'000'000};
  SqliteStoreSettings settings{.dir = folder.path(), .seal_rows = 1000};
  settings.disk_space = [&](const std::string&) { return disk; };
  StoreUnderTest t(settings);
  t.store.flush();
  CHECK(t.store.status().days == 4);
  const auto used = t.store.status().bytes;
  disk = {.capacity = used, .available = 0};
  t.store.flush();
  CHECK(t.store.status().deleted_days == 1);
  CHECK(t.store.status().deleted_sessions == 100);
}

TEST_CASE("a clock that is ten years ahead for some seconds deletes nothing by age") {
  TemporaryFolder folder;
  fill_days(folder.path(), 4);
  StoreUnderTest t(SqliteStoreSettings{.dir = folder.path(), .max_age_days = 3});
  t.store.flush();
  CHECK(t.store.status().days == 4);
  constexpr std::int64_t kTenYears = 3653 * kDayMs;
  t.clock.step(kTenYears);
  for (int second = 0; second < 3; ++second) {
    t.clock.advance(1000);
    const auto id = 1000 + static_cast<std::uint64_t>(second);
    t.store.on_sessions({.sessions = {plain_session(id, t.clock.now_ms())}, .final_below = id + 1});
    t.store.flush();
  }
  CHECK(t.store.status().age_waits);
  t.clock.step(-kTenYears);
  for (int minute = 0; minute < 100; ++minute) {
    t.clock.advance(60'000);
    t.store.flush();
  }
  CHECK(t.store.status().deleted_days == 0);
  CHECK(marks_of(t.store.snapshot(std::nullopt)).size() == 403);
}

TEST_CASE("a start with a clock far from what is stored deletes nothing by age for a day") {
  TemporaryFolder folder;
  fill_days(folder.path(), 4);
  ManualClock clock{kNoon + 400 * kDayMs};
  ExporterTable exporters{100};
  SqliteStore store(SqliteStoreSettings{.dir = folder.path(), .max_age_days = 3}, clock, exporters);
  store.on_sessions({.sessions = {plain_session(1000, clock.now_ms())}, .final_below = 1001});
  store.flush();
  CHECK(store.status().days == 5);
  clock.advance(25 * 3600 * 1000);
  store.flush();
  CHECK(store.status().days == 1);
  CHECK(store.status().deleted_sessions == 400);
}
