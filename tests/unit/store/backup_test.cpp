// A backup beside a running store: whole, grown by what is new, and a data folder itself.
#include "store/sqlite/backup.hpp"

#include <sqlite3.h>

#include <filesystem>
#include <fstream>

#include "store/sqlite/folder_lock.hpp"
#include "store/sqlite/repair.hpp"
#include "support/catch.hpp"
#include "unit/store/stored_rows.hpp"

using namespace weir;
using namespace weir::testing;

namespace {

std::vector<std::uint64_t> marks_in(const std::string& dir) {
  return marks_of(open_read_only(dir, 0)->snapshot(std::nullopt));
}

void overwrite_segments(const std::string& path) {
  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &db) == SQLITE_OK);
  REQUIRE(sqlite3_exec(db, "DELETE FROM segment_column WHERE key = (SELECT min(key) FROM segment_column)", nullptr,
                       nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(db);
}

}  // namespace

TEST_CASE("a backup has what is committed, sealed or not, and the next one copies what is new") {
  TemporaryFolder folder, copy;
  StoreUnderTest t(folder.path());
  t.store.on_sessions({.sessions = plain_sessions(1, 1000), .final_below = 1001});
  t.store.on_sessions({.sessions = plain_sessions(1001, 100, kNoon - kDayMs), .final_below = 1001});
  t.store.flush();
  const auto first = back_up(folder.path(), copy.path(), false);
  CHECK(first.days == 2);
  CHECK(first.segments_copied >= 1);
  CHECK(first.segments_kept == 0);
  CHECK(first.unsealed_batches >= 1);
  CHECK(first.damage.empty());
  CHECK(marks_in(copy.path()) == marks(1, 1100));

  t.store.on_sessions({.sessions = plain_sessions(2001, 1000), .final_below = 3001});
  t.store.flush();
  const auto second = back_up(folder.path(), copy.path(), false);
  CHECK(second.segments_kept >= first.segments_copied);
  CHECK(second.segments_copied >= 1);
  auto all = marks(1, 1100);
  const auto more = marks(2001, 1000);
  all.insert(all.end(), more.begin(), more.end());
  CHECK(marks_in(copy.path()) == all);
  CHECK(back_up(folder.path(), copy.path(), false).segments_copied == 0);
}

TEST_CASE("a collector runs on a backup") {
  TemporaryFolder folder, copy;
  {
    StoreUnderTest t(folder.path());
    t.store.on_sessions({.sessions = plain_sessions(1, 300), .final_below = 101});
    t.store.flush();
    back_up(folder.path(), copy.path(), false);
  }
  StoreUnderTest t(copy.path());
  t.store.on_sessions({.sessions = plain_sessions(301, 10), .final_below = 311});
  t.store.flush();
  CHECK(marks_of(t.store.snapshot(std::nullopt)) == marks(1, 310));
  const auto exporters = open_read_only(folder.path(), 0)->snapshot(std::nullopt).exporters;
  REQUIRE(t.store.snapshot(std::nullopt).exporters.size() == exporters.size());
}

TEST_CASE("days that are gone stay in the copy unless it is a mirror") {
  TemporaryFolder folder, copy;
  {
    StoreUnderTest t(folder.path());
    t.store.on_sessions({.sessions = plain_sessions(1, 10, kNoon - 2 * kDayMs), .final_below = 11});
    t.store.on_sessions({.sessions = plain_sessions(11, 10), .final_below = 21});
  }
  back_up(folder.path(), copy.path(), false);
  std::filesystem::remove(folder / "days/2023-11-13.sqlite");
  CHECK(back_up(folder.path(), copy.path(), false).older_days == std::vector<std::string>{"2023-11-13"});
  CHECK(marks_in(copy.path()) == marks(1, 20));
  CHECK(back_up(folder.path(), copy.path(), true).older_days.empty());
  CHECK(marks_in(copy.path()) == marks(11, 10));
}

TEST_CASE("what cannot be read is told, and the copy keeps what it had of it") {
  TemporaryFolder folder, copy, late;
  {
    StoreUnderTest t(folder.path());
    t.store.on_sessions({.sessions = plain_sessions(1, 50), .final_below = 51});
  }
  back_up(folder.path(), copy.path(), false);
  overwrite_segments(folder / "days/2023-11-15.sqlite");
  CHECK(back_up(folder.path(), copy.path(), false).damage.empty());  // its segment is there already
  CHECK(marks_in(copy.path()) == marks(1, 50));
  const auto report = back_up(folder.path(), late.path(), false);
  REQUIRE(report.damage.size() == 1);
  CHECK(has(report.damage[0], "2023-11-15.sqlite"));
  CHECK(marks_in(late.path()).empty());
  std::ofstream(folder / "days/2023-11-15.sqlite", std::ios::binary | std::ios::trunc)
      << "this is no database, however long it is made";
  CHECK(back_up(folder.path(), copy.path(), false).damage.size() == 1);
  CHECK(marks_in(copy.path()) == marks(1, 50));
}

TEST_CASE("a backup after a repair has each session once") {
  TemporaryFolder folder, copy;
  for (std::uint64_t part = 0; part < 3; ++part) {
    StoreUnderTest t(folder.path());
    t.store.on_sessions({.sessions = plain_sessions(part * 100 + 1, 100), .final_below = part * 100 + 101});
  }
  back_up(folder.path(), copy.path(), false);
  overwrite_segments(folder / "days/2023-11-15.sqlite");
  const ManualClock clock(kNoon);
  REQUIRE(repair_folder(folder.path(), clock).repaired.size() == 1);
  const auto left = marks_in(folder.path());
  CHECK(left == marks(101, 200));
  back_up(folder.path(), copy.path(), false);
  CHECK(marks_in(copy.path()) == left);
}

TEST_CASE("a folder of other things, or the copy of another folder, is refused and left alone") {
  TemporaryFolder folder, other, copy, photos;
  { StoreUnderTest t(folder.path()); }
  { StoreUnderTest t(other.path()); }
  back_up(folder.path(), copy.path(), false);
  CHECK(has(complaint_of([&] { back_up(other.path(), copy.path(), false); }), "is a copy of "));
  std::ofstream(photos / "a.txt") << "hi";
  std::filesystem::permissions(photos / "a.txt", std::filesystem::perms::others_read,
                               std::filesystem::perm_options::add);
  CHECK(has(complaint_of([&] { back_up(folder.path(), photos.path(), false); }), "has files and is no copy"));
  CHECK((std::filesystem::status(photos / "a.txt").permissions() & std::filesystem::perms::others_read) !=
        std::filesystem::perms::none);
}

TEST_CASE("a backup into the folder itself, or into one that is in use, is refused by name") {
  TemporaryFolder folder, copy;
  { StoreUnderTest t(folder.path()); }
  CHECK(has(complaint_of([&] { back_up(folder.path(), folder.path(), false); }), "is within the data folder"));
  CHECK(has(complaint_of([&] { back_up(folder.path(), folder / "copy", false); }), "is within the data folder"));
  back_up(folder.path(), copy.path(), false);
  const FolderLock used(copy.path());
  CHECK(has(complaint_of([&] { back_up(folder.path(), copy.path(), false); }), "another weir process"));
}
