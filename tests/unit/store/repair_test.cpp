// A repair on demand: what is whole stays or is saved, what is damaged is kept aside, and a second repair finds
// nothing.
#include "store/sqlite/repair.hpp"

#include <sqlite3.h>

#include <filesystem>
#include <fstream>

#include "store/sqlite/inspection.hpp"
#include "support/catch.hpp"
#include "unit/store/stored_rows.hpp"

using namespace weir;
using namespace weir::testing;

namespace {

const std::string kToday = "days/2023-11-15.sqlite";

void run_sql(const std::string& path, const char* sql) {
  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &db) == SQLITE_OK);
  REQUIRE(sqlite3_exec(db, sql, nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(db);
}

// Three segments of 100 sessions today, one of 50 yesterday.
void fill(const std::string& dir) {
  for (std::uint64_t part = 0; part < 3; ++part) {
    StoreUnderTest t(dir);
    t.store.on_sessions({.sessions = plain_sessions(part * 100 + 1, 100), .final_below = part * 100 + 101});
  }
  StoreUnderTest t(dir);
  t.store.on_sessions({.sessions = plain_sessions(301, 50, kNoon - kDayMs), .final_below = 351});
}

std::vector<std::uint64_t> marks_in(const std::string& dir) {
  return marks_of(open_read_only(dir, 0)->snapshot(std::nullopt));
}

}  // namespace

TEST_CASE("a whole folder is read and left as it is") {
  TemporaryFolder folder;
  fill(folder.path());
  const ManualClock clock(kNoon);
  const auto report = repair_folder(folder.path(), clock);
  CHECK(report.days == 2);
  CHECK(report.repaired.empty());
  CHECK(report.left.empty());
  CHECK(marks_in(folder.path()) == marks(1, 350));
}

TEST_CASE("a damaged column costs its segment; the rest of the day is saved, and the damaged file is kept") {
  TemporaryFolder folder;
  fill(folder.path());
  run_sql(folder / kToday,
          "UPDATE segment_column SET data = zeroblob(length(data)) WHERE key = (SELECT min(key) FROM segment_column)");
  const ManualClock clock(kNoon);
  const auto report = repair_folder(folder.path(), clock);
  REQUIRE(report.repaired.size() == 1);
  CHECK(has(report.repaired[0].path, kToday));
  CHECK(std::filesystem::exists(report.repaired[0].aside));
  CHECK(marks_in(folder.path()) == marks(101, 250));
  CHECK(inspect_day(folder.path(), "2023-11-15", true)->damage.empty());
  CHECK(repair_folder(folder.path(), clock).repaired.empty());
}

TEST_CASE("a day that is no database any more is set aside, a damaged catalog is made anew") {
  TemporaryFolder folder;
  fill(folder.path());
  for (const auto& file : {kToday, std::string("catalog.sqlite")})
    std::ofstream(folder / file, std::ios::binary | std::ios::trunc) << "no database at all, whatever is read of it";
  const ManualClock clock(kNoon);
  const auto report = repair_folder(folder.path(), clock);
  REQUIRE(report.repaired.size() == 2);
  CHECK_FALSE(std::filesystem::exists(folder / kToday));
  CHECK(std::filesystem::exists(report.repaired[0].aside));
  CHECK(has(report.repaired[1].path, "catalog.sqlite"));
  StoreUnderTest t(folder.path());
  CHECK(marks_of(t.store.snapshot(std::nullopt)) == marks(301, 50));
}

TEST_CASE("where it is not known what is sealed, the journal is dropped and told, and nothing counts twice") {
  TemporaryFolder folder;
  {
    StoreUnderTest t(folder.path());
    t.store.on_sessions({.sessions = plain_sessions(1, 100), .final_below = 51});
    t.store.flush();
  }
  const auto before = marks_in(folder.path()).size();
  std::uint64_t page = 0, size = 0;
  {
    Database database(folder / kToday, Database::Access::kReadOnly);
    auto root = database.prepare(
        "SELECT rootpage, (SELECT page_size FROM pragma_page_size) FROM sqlite_master WHERE name = 'sealed'");
    REQUIRE(root.step());
    page = root.unsigned_integer(0), size = root.unsigned_integer(1);
  }
  std::fstream file(folder / kToday, std::ios::binary | std::ios::in | std::ios::out);
  file.seekp(static_cast<std::streamoff>((page - 1) * size));
  file << std::string(size, 'x');
  file.close();
  const ManualClock clock(kNoon);
  repair_folder(folder.path(), clock);
  CHECK(marks_in(folder.path()).size() <= before);
  CHECK(inspect_day(folder.path(), "2023-11-15", true).value_or(DayReport{}).damage.empty());
}

TEST_CASE("a file of a newer version is no damage and is left; a folder in use is refused") {
  TemporaryFolder folder;
  fill(folder.path());
  run_sql(folder / kToday, "PRAGMA user_version = 99");
  const ManualClock clock(kNoon);
  const auto report = repair_folder(folder.path(), clock);
  CHECK(report.repaired.empty());
  REQUIRE(report.left.size() == 1);
  CHECK(has(report.left[0], "made by a newer version"));
  StoreUnderTest t(SqliteStoreSettings{.dir = folder / "other"});
  CHECK(has(complaint_of([&] { repair_folder(folder / "other", clock); }), "another weir process"));
}
