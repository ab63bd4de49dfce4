// Damaged files: found, named, set aside, and collection goes on.
#include <sqlite3.h>

#include <filesystem>
#include <fstream>

#include "core/log.hpp"
#include "store/sqlite/inspection.hpp"
#include "support/catch.hpp"
#include "unit/store/stored_rows.hpp"

using namespace weir;
using namespace weir::testing;

namespace {

const std::string kDay = "days/2023-11-15.sqlite";

void execute(const std::string& path, const char* sql) {
  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &db) == SQLITE_OK);
  REQUIRE(sqlite3_exec(db, sql, nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(db);
}

void fill(const std::string& dir) {
  StoreUnderTest t(dir);
  t.store.on_sessions({.sessions = plain_sessions(1, 100), .final_below = 101});
  t.store.on_sessions({.sessions = plain_sessions(101, 50, kNoon - kDayMs), .final_below = 151});
}

bool log_has(const std::string& part) {
  const auto errors = recent_errors();
  return std::any_of(errors.begin(), errors.end(),
                     [&](const auto& e) { return e.stage == "store" && has(e.message, part); });
}

// The marks of the segments that can be read: what a query sees.
std::vector<std::uint64_t> marks_of_readable(const Snapshot& snapshot) {
  std::vector<std::uint64_t> found;
  for (const auto& segment : snapshot.segments) {
    try {
      for (const auto& info : kColumns) segment->column(info.id);
      const auto column = segment->column(ColumnId::kClientMac);
      for (std::uint32_t row = 0; row < segment->rows(); ++row) found.push_back(column->number_at(row));
    } catch (const std::exception&) {}
  }
  std::sort(found.begin(), found.end());
  return found;
}

bool any_has(const std::vector<std::string>& texts, const std::string& part) {
  return std::any_of(texts.begin(), texts.end(), [&](const auto& text) { return has(text, part); });
}

}  // namespace

TEST_CASE("a day that is not a database is set aside at the start, and the day is collected anew") {
  TemporaryFolder folder;
  fill(folder.path());
  std::ofstream(folder / kDay) << std::string(20'000, 'x');
  {
    StoreUnderTest t(folder.path());
    CHECK(t.store.status().damaged_days == 1);
    const auto snapshot = t.store.snapshot(std::nullopt);
    CHECK(any_has(snapshot.warnings, "2023-11-15 is damaged and was set aside"));
    CHECK(log_has("2023-11-15 is damaged and was set aside as " + (folder / kDay)));
    CHECK(marks_of(snapshot) == marks(101, 50));
    t.store.on_sessions({.sessions = plain_sessions(1, 7), .final_below = 1});
    t.store.flush();
    CHECK(marks_of(t.store.snapshot(std::nullopt)).size() == 57);
  }
  std::size_t set_aside = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "days"))
    set_aside += has(entry.path().string(), ".damaged-");
  CHECK(set_aside == 1);
  StoreUnderTest t(folder.path());
  CHECK(any_has(t.store.snapshot(std::nullopt).warnings, "was set aside as damaged"));
}

TEST_CASE("the file of a closed day that was cut to nothing is named, and set aside at the start") {
  TemporaryFolder folder;
  fill(folder.path());
  std::filesystem::resize_file(folder / kDay, 0);
  CHECK(any_has(open_read_only(folder.path())->snapshot(std::nullopt).warnings,
                "2023-11-15.sqlite: the file is empty: the sessions of 2023-11-15 are left out"));
  const auto inspected = inspect_day(folder.path(), "2023-11-15", false);
  REQUIRE(inspected.has_value());
  CHECK(any_has(inspected->damage, "the file is empty"));
  StoreUnderTest t(folder.path());
  CHECK(t.store.status().damaged_days == 1);
  const auto snapshot = t.store.snapshot(std::nullopt);
  CHECK(any_has(snapshot.warnings, "2023-11-15 is damaged and was set aside"));
  CHECK(marks_of(snapshot) == marks(101, 50));
}

TEST_CASE("a catalog that is damaged while the collector runs is set aside, and everything is told to a new one") {
  TemporaryFolder folder;
  StoreUnderTest t(folder.path());
  t.exporters.find_or_add(*parse_ip_address("192.0.2.1"))->name.with([](std::string& name) { name = "core"; });
  t.store.on_sessions({.sessions = plain_sessions(1, 100), .final_below = 101});
  t.store.flush();
  execute(folder / "catalog.sqlite",
          "PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = 'CREATE TABLE exporter (x' WHERE name = "
          "'exporter'; PRAGMA schema_version = 99;");
  t.exporters.find_or_add(*parse_ip_address("192.0.2.9"));  // which the catalog has to be told
  t.store.on_sessions({.sessions = plain_sessions(101, 5), .final_below = 101});
  t.store.flush();
  CHECK(t.store.status().damaged_days == 0);
  CHECK(t.store.status().damaged_catalogs == 1);
  CHECK(any_has(t.store.snapshot(std::nullopt).warnings, "the catalog is damaged and was set aside"));
  CHECK(marks_of(t.store.snapshot(std::nullopt)) == marks(1, 105));
  const auto outside = open_read_only(folder.path())->snapshot(std::nullopt);
  CHECK(marks_of(outside) == marks(1, 105));
  REQUIRE(outside.exporters.size() == 2);
  CHECK(outside.exporters[0].name == "core");
}

TEST_CASE("files that are deleted or replaced under the collector are written again with all that they held") {
  TemporaryFolder folder, other;
  fill(other.path());
  StoreUnderTest t(SqliteStoreSettings{.dir = folder.path(), .seal_rows = 100});
  t.exporters.find_or_add(*parse_ip_address("192.0.2.1"));
  t.store.on_sessions({.sessions = plain_sessions(1, 150), .final_below = 120});
  t.store.flush();
  const auto replace = GENERATE(false, true);
  CAPTURE(replace);
  for (const std::string& name : {kDay, std::string("catalog.sqlite")}) {
    CAPTURE(name);
    std::filesystem::remove(folder / name);
    if (replace) std::filesystem::copy_file(other / name, folder / name);
    const auto first = name == kDay ? 151u : 160u;
    t.store.on_sessions({.sessions = plain_sessions(first, 5), .final_below = 120});
    t.store.flush();
    CHECK(marks_of(t.store.snapshot(std::nullopt)).size() == (name == kDay ? 155 : 160));
    CHECK(marks_of(open_read_only(folder.path())->snapshot(std::nullopt)).size() == (name == kDay ? 155 : 160));
    CHECK(open_read_only(folder.path())->snapshot(std::nullopt).exporters.size() == 1);
  }
  CHECK(t.store.status().lost_files >= 1);
  CHECK(log_has("while it was open"));
}

TEST_CASE("a closed day whose file was deleted is said to be gone") {
  TemporaryFolder folder;
  fill(folder.path());
  StoreUnderTest t(folder.path());
  std::filesystem::remove(folder / kDay);
  t.store.flush();
  const auto snapshot = t.store.snapshot(std::nullopt);
  CHECK(any_has(snapshot.warnings, "2023-11-15.sqlite was deleted by somebody else: its 100 sessions are gone"));
  CHECK(marks_of(snapshot) == marks(101, 50));
}

TEST_CASE("deleting the lock file lets no second collector in") {
  TemporaryFolder folder;
  StoreUnderTest t(folder.path());
  std::filesystem::remove(folder / "lock");
  CHECK(has(complaint_of([&] { StoreUnderTest second(folder.path()); }),
            "another weir process writes to this data folder"));
}

TEST_CASE("a data folder can be read by its user alone, also one that an earlier version made") {
  namespace fs = std::filesystem;
  TemporaryFolder folder;
  fill(folder.path());
  fs::permissions(folder / kDay, fs::perms::group_read | fs::perms::others_read, fs::perm_options::add);
  fs::permissions(folder.path(), fs::perms::group_all | fs::perms::others_all, fs::perm_options::add);
  StoreUnderTest t(folder.path());
  CHECK((fs::status(folder / kDay).permissions() & (fs::perms::group_all | fs::perms::others_all)) == fs::perms::none);
}

TEST_CASE("a day that is damaged while it is written to is set aside, and what could be read goes on in a new file") {
  TemporaryFolder folder;
  {
    StoreUnderTest t(SqliteStoreSettings{.dir = folder.path(), .seal_rows = 100});
    t.store.on_sessions({.sessions = plain_sessions(1, 130), .final_below = 101});
    t.store.flush();
    // The schema goes bad under the collector's feet.
    execute(folder / kDay,
            "PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = 'CREATE TABLE journal (x' WHERE name = "
            "'journal'; PRAGMA schema_version = 99;");
    t.store.on_sessions({.sessions = plain_sessions(131, 5), .final_below = 101});
    t.store.flush();
    CHECK(t.store.status().damaged_days == 1);
    CHECK(t.store.status().last_error == "");
    CHECK(any_has(t.store.snapshot(std::nullopt).warnings, "1 segment with 100 sessions"));
    CHECK(marks_of(t.store.snapshot(std::nullopt)) == marks(1, 135));
    CHECK(marks_of(open_read_only(folder.path())->snapshot(std::nullopt)) == marks(1, 135));
    CHECK(any_has(open_read_only(folder.path())->snapshot(std::nullopt).warnings, "was set aside as damaged"));
  }
  StoreUnderTest t(folder.path());
  CHECK(marks_of(t.store.snapshot(std::nullopt)) == marks(1, 135));
}

TEST_CASE("a damaged page costs what is on it; a file that was cut costs what was behind the cut") {
  namespace fs = std::filesystem;
  TemporaryFolder folder;
  constexpr std::uint64_t kSegments = 12, kRows = 500;
  {
    StoreUnderTest t(SqliteStoreSettings{.dir = folder.path(), .seal_rows = kRows});
    Random random(7);
    for (std::uint64_t segment = 0; segment < kSegments; ++segment) {
      std::vector<Session> rows;
      for (std::uint64_t i = 1; i <= kRows; ++i) {
        auto row = marked(random_session(random, segment * kRows + i, kNoon));
        row.start_ms = kNoon + static_cast<std::int64_t>(row.id);
        row.end_ms = row.start_ms;
        rows.push_back(row);
      }
      t.store.on_sessions({.sessions = rows, .final_below = (segment + 1) * kRows + 1});
    }
  }
  const auto size = fs::file_size(folder / kDay);
  constexpr std::uint64_t kPage = 8192;
  std::uint64_t rescued = 0, trials = 0;
  const auto try_damage = [&](const std::string& what, const auto& damage) {
    CAPTURE(what);
    TemporaryFolder copy;
    fs::copy(folder.path(), copy.path(), fs::copy_options::recursive | fs::copy_options::overwrite_existing);
    damage(copy / kDay);
    StoreUnderTest t(SqliteStoreSettings{.dir = copy.path(), .seal_rows = kRows});
    const auto found = marks_of_readable(t.store.snapshot(std::nullopt));
    CHECK(std::adjacent_find(found.begin(), found.end()) == found.end());
    // Less is said, in the first answer or in the one after the damage was met.
    if (found.size() != kSegments * kRows) CHECK_FALSE(t.store.snapshot(std::nullopt).warnings.empty());
    rescued += found.size();
    ++trials;
  };
  for (std::uint64_t page = 1; page < size / kPage; page += 1 + size / kPage / 40) {
    try_damage("page " + std::to_string(page), [&](const std::string& path) {
      std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
      file.seekp(static_cast<std::streamoff>(page * kPage));
      file << std::string(kPage / 2, '\x5a');
    });
  }
  CHECK(rescued >= trials * kSegments * kRows * 9 / 10);
  rescued = trials = 0;
  try_damage("cut in the middle", [&](const std::string& path) { fs::resize_file(path, size / 2 / kPage * kPage); });
  CHECK(rescued >= kSegments * kRows / 4);
}

TEST_CASE("a flipped byte of a column is found, named, and left out of later snapshots") {
  TemporaryFolder folder;
  fill(folder.path());
  execute(folder / kDay,
          "UPDATE segment_column SET data = CAST(substr(data, 1, length(data) - 5) || x'5a' || substr(data, -4) AS "
          "BLOB) WHERE column_id = 2");
  StoreUnderTest t(folder.path());
  const auto snapshot = t.store.snapshot(std::nullopt);
  const auto complaint = complaint_of([&] {
    for (const auto& segment : snapshot.segments) segment->column(ColumnId::kClient);
  });
  CHECK(has(complaint, kDay));
  CHECK(has(complaint, "column client is damaged"));
  const auto next = t.store.snapshot(std::nullopt);
  CHECK(marks_of(next) == marks(101, 50));
  CHECK(any_has(next.warnings, "column client is damaged"));
}

TEST_CASE("changed numbers of a segment's list are found before they mislead a query") {
  for (const char* sql : {"UPDATE segment SET max_end_ms = max_end_ms - 60000",
                          "UPDATE segment_column SET max = max - 1 WHERE column_id = 35",
                          "DELETE FROM segment_column WHERE column_id = 12"}) {
    CAPTURE(sql);
    TemporaryFolder folder;
    fill(folder.path());
    execute(folder / kDay, sql);
    const auto store = open_read_only(folder.path());
    const auto snapshot = store->snapshot(TimeRange{.from_ms = kNoon, .to_ms = kNoon + 400});
    REQUIRE(snapshot.segments.size() <= 1);
    if (snapshot.segments.empty()) continue;
    CHECK(has(complaint_of([&] { snapshot.segments[0]->range(ColumnId::kOctetsToServer); }),
              "the list of its columns is damaged"));
  }
}

TEST_CASE("a damaged journal batch costs its own sessions only, and is counted out") {
  TemporaryFolder folder;
  TemporaryFolder copy;
  {
    StoreUnderTest t(folder.path());
    for (std::uint64_t id : {1u, 11u, 21u}) {
      t.store.on_sessions({.sessions = plain_sessions(id, 10), .final_below = 1});
      t.store.flush();
    }
    std::filesystem::copy(folder.path(), copy.path(),
                          std::filesystem::copy_options::recursive | std::filesystem::copy_options::overwrite_existing);
  }
  execute(copy / kDay, "UPDATE journal SET data = x'00112233' WHERE first_id = 11");
  CHECK(any_has(open_read_only(copy.path())->snapshot(std::nullopt).warnings, "with 10 sessions is damaged"));
  StoreUnderTest t(copy.path());
  const auto snapshot = t.store.snapshot(std::nullopt);
  CHECK(marks_of(snapshot).size() == 20);
  CHECK(any_has(snapshot.warnings, "with 10 sessions is damaged"));
}

TEST_CASE("a lost or damaged catalog is made anew from what the day files know") {
  TemporaryFolder folder;
  const auto address = *parse_ip_address("2001:db8::1");
  {
    StoreUnderTest t(folder.path());
    t.exporters.find_or_add(*parse_ip_address("192.0.2.1"));
    t.exporters.find_or_add(address);
    t.store.on_sessions({.sessions = plain_sessions(1, 100), .final_below = 101});
  }
  bool damaged = false;
  SECTION("lost") { std::filesystem::remove(folder / "catalog.sqlite"); }
  SECTION("damaged") {
    std::ofstream(folder / "catalog.sqlite") << std::string(20'000, 'x');
    damaged = true;
  }
  StoreUnderTest t(folder.path());
  REQUIRE(t.exporters.find(address) != nullptr);
  CHECK(t.exporters.find(address)->id == 2);
  const auto snapshot = t.store.snapshot(std::nullopt);
  CHECK(marks_of(snapshot) == marks(1, 100));
  CHECK(any_has(snapshot.warnings, "the catalog is damaged") == damaged);
  CHECK(t.store.status().damaged_catalogs == (damaged ? 1 : 0));
  CHECK(t.store.status().damaged_days == 0);
}

TEST_CASE("a file of a newer version is left alone and said so") {
  TemporaryFolder folder;
  fill(folder.path());
  execute(folder / "days/2023-11-14.sqlite", "PRAGMA user_version = 2");
  StoreUnderTest t(folder.path());
  const auto snapshot = t.store.snapshot(std::nullopt);
  CHECK(any_has(snapshot.warnings, "made by a newer version"));
  CHECK(marks_of(snapshot) == marks(1, 100));
  CHECK(std::filesystem::exists(folder / "days/2023-11-14.sqlite"));
  CHECK(any_has(open_read_only(folder.path())->snapshot(std::nullopt).warnings, "made by a newer version"));
}

TEST_CASE("an inspection counts what is in each day, and decoding finds the damage that counting does not") {
  TemporaryFolder folder;
  fill(folder.path());
  REQUIRE(inspected_days(folder.path()) == std::vector<std::string>{"2023-11-14", "2023-11-15"});
  auto day = inspect_day(folder.path(), "2023-11-15", true);
  REQUIRE(day);
  CHECK(day->sealed == 100);
  CHECK(day->unsealed == 0);
  CHECK(day->segments == 1);
  CHECK(day->range->from_ms == kNoon);
  CHECK(day->column_bytes.count(ColumnId::kClient) == 1);
  CHECK(day->bytes > 0);
  CHECK(day->damage.empty());

  execute(folder / kDay,
          "UPDATE segment_column SET data = CAST(substr(data, 1, length(data) - 5) || x'5a' || substr(data, -4) AS "
          "BLOB) WHERE column_id = 2");
  CHECK(inspect_day(folder.path(), "2023-11-15", false)->damage.empty());
  int segments = 0;
  day = inspect_day(folder.path(), "2023-11-15", true, [&] { ++segments; });
  CHECK(segments == 1);
  REQUIRE(day->damage.size() == 1);
  CHECK(has(day->damage[0], "column client is damaged"));

  std::ofstream(folder / kDay) << std::string(20'000, 'x');
  CHECK(inspect_day(folder.path(), "2023-11-15", false)->damage.size() == 1);
  CHECK_FALSE(inspect_day(folder.path(), "2023-11-16", false).has_value());
}

TEST_CASE("an inspection beside a collector sees what is committed and not sealed") {
  TemporaryFolder folder;
  StoreUnderTest t(folder.path());
  t.store.on_sessions({.sessions = plain_sessions(1, 10), .final_below = 1});
  t.store.flush();
  const auto day = inspect_day(folder.path(), "2023-11-15", true);
  REQUIRE(day);
  CHECK(day->unsealed == 10);
  CHECK(day->sealed == 0);
}
