// Disks that are full, fail once, fail for long, or lie: nothing that was accepted is lost or doubled, what must be
// dropped is counted, and all is well again when the disk is.
#include <sqlite3.h>

#include <limits>

#include "core/log.hpp"
#include "support/catch.hpp"
#include "support/failing_disk.hpp"
#include "unit/store/stored_rows.hpp"

using namespace weir;
using namespace weir::testing;

namespace {

constexpr std::uint64_t kForever = std::numeric_limits<std::uint32_t>::max();

// Hands over 60 rows in four batches that fill segments of 25, with two rows changed on the way. Returns what flush()
// said.
std::string run_batches(SqliteStore& store) {
  std::string complaints;
  for (std::uint64_t batch = 0; batch < 4; ++batch) {
    auto rows = plain_sessions(1 + batch * 15, 15);
    if (batch > 0) rows.push_back(plain_session(batch * 15, kNoon, 9));
    store.on_sessions({.sessions = rows, .final_below = 1 + batch * 15});
    complaints += complaint_of([&] { store.flush(); });
  }
  return complaints;
}

void check_rows(const Snapshot& snapshot) {
  const auto rows = rows_of(snapshot);
  REQUIRE(rows.size() == 60);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    REQUIRE(rows[i].id == i + 1);
    REQUIRE(rows[i].halves[kToServer].octets == (i % 15 == 14 && i < 45 ? 9 : 100));
  }
}

}  // namespace

TEST_CASE("a full disk: sessions stay in memory and in sight, and are committed when there is room again") {
  TemporaryFolder folder;
  FailingDisk disk;
  StoreUnderTest t(SqliteStoreSettings{.dir = folder.path(), .seal_rows = 25});
  t.store.on_sessions({.sessions = plain_sessions(1, 10), .final_below = 1});
  t.store.flush();
  disk.fail_after(0, kForever, SQLITE_FULL);
  t.store.on_sessions({.sessions = plain_sessions(11, 90), .final_below = 60});
  const auto complaint = complaint_of([&] { t.store.flush(); });
  CHECK(has(complaint, "2023-11-15.sqlite: database or disk is full"));
  CHECK(has(t.store.status().last_error, "disk is full"));
  complaint_of([&] { t.store.flush(); });
  const auto logged = recent_errors();
  CHECK(std::count_if(logged.begin(), logged.end(),
                      [](const auto& e) { return e.stage == "store" && has(e.message, "disk is full"); }) == 1);
  CHECK(marks_of(t.store.snapshot(std::nullopt)) == marks(1, 100));
  CHECK(marks_of(open_read_only(folder.path())->snapshot(std::nullopt)) == marks(1, 10));

  disk.heal();
  t.store.flush();
  CHECK(t.store.status().last_error == "");
  CHECK(t.store.status().dropped_sessions == 0);
  CHECK(t.store.status().segments == 2);
  CHECK(marks_of(t.store.snapshot(std::nullopt)) == marks(1, 100));
  CHECK(marks_of(open_read_only(folder.path())->snapshot(std::nullopt)) == marks(1, 100));
}

TEST_CASE("a disk that refuses for long: past the bound new sessions are dropped and counted, changes are not") {
  TemporaryFolder folder;
  FailingDisk disk;
  {
    StoreUnderTest t(SqliteStoreSettings{.dir = folder.path(), .seal_rows = 1000, .max_unsealed_rows = 50});
    disk.fail_after(0, kForever, SQLITE_IOERR_WRITE);
    for (std::uint64_t first = 1; first <= 200; first += 20) {
      t.store.on_sessions({.sessions = plain_sessions(first, 20), .final_below = 1});
      complaint_of([&] { t.store.flush(); });
    }
    t.store.on_sessions({.sessions = {plain_session(3, kNoon, 9)}, .final_below = 1});
    complaint_of([&] { t.store.flush(); });
    CHECK(t.store.status().dropped_sessions == 150);
    CHECK(t.store.status().unsealed == 50);
    CHECK(has(t.store.status().last_error, "disk I/O error"));
    disk.heal();
    t.store.flush();
    CHECK(t.store.status().last_error == "");
    // Dropped sessions that change later are whole rows: they are taken.
    t.store.on_sessions({.sessions = {plain_session(60, kNoon, 9)}, .final_below = 201});
  }
  const auto rows = rows_of(open_read_only(folder.path())->snapshot(std::nullopt));
  REQUIRE(rows.size() == 51);
  CHECK(rows[2].halves[kToServer].octets == 9);
  CHECK(rows[50].id == 60);
}

TEST_CASE("templates that a full disk refuses wait, the newest of each, and are saved when there is room again") {
  TemporaryFolder folder;
  FailingDisk disk;
  const auto template_of = [](std::uint32_t domain, std::uint8_t element) {
    return TemplateCopy{.exporter = *parse_ip_address("192.0.2.1"),
                        .source_port = 0,
                        .domain = domain,
                        .version = 9,
                        .options = false,
                        .record = {1, 4, 0, 1, 0, element, 0, 4}};
  };
  StoreUnderTest t(folder.path());
  disk.fail_after(0, kForever, SQLITE_FULL);
  for (const std::uint8_t element : {8, 12})
    CHECK(complaint_of([&] { t.store.save_template(template_of(3, element)); }) == "");
  CHECK(has(complaint_of([&] { t.store.flush(); }), "catalog.sqlite: database or disk is full"));
  CHECK(t.store.templates().empty());

  disk.heal();
  t.store.save_template(template_of(4, 1));
  t.store.flush();
  const auto saved = t.store.templates();
  REQUIRE(saved.size() == 2);
  CHECK(saved[0].domain == 3);
  CHECK(saved[0].record[5] == 12);
  CHECK(saved[1].domain == 4);
}

TEST_CASE("the collector starts on a full disk, answers, deletes what is too old, and stores once there is room") {
  TemporaryFolder folder;
  const bool killed = GENERATE(false, true);
  CAPTURE(killed);
  {
    TemporaryFolder before;
    StoreUnderTest t(before.path());
    t.exporters.find_or_add(*parse_ip_address("192.0.2.1"));
    t.store.on_sessions({.sessions = plain_sessions(1, 10, kNoon - 5 * kDayMs), .final_below = 11});
    t.store.on_sessions({.sessions = plain_sessions(11, 10), .final_below = 11});
    t.store.flush();
    if (!killed) t.store.close();
    std::filesystem::copy(before.path(), folder.path(),
                          std::filesystem::copy_options::recursive | std::filesystem::copy_options::overwrite_existing);
  }
  FailingDisk disk;
  disk.fail_after(0, kForever, SQLITE_FULL);
  StoreUnderTest t(SqliteStoreSettings{.dir = folder.path(), .max_age_days = 1});
  CHECK(marks_of(t.store.snapshot(std::nullopt)) == marks(1, 20));
  t.store.on_sessions({.sessions = plain_sessions(21, 10), .final_below = 31});
  CHECK(complaint_of([&] { t.store.flush(); }) != "");
  CHECK(t.store.status().deleted_days == 1);
  CHECK(marks_of(t.store.snapshot(std::nullopt)) == marks(11, 20));
  disk.heal();
  t.clock.advance(1000);
  t.store.flush();
  CHECK(t.store.status().last_error == "");
  CHECK(marks_of(t.store.snapshot(std::nullopt)) == marks(11, 20));
  CHECK(marks_of(open_read_only(folder.path())->snapshot(std::nullopt)) == marks(11, 20));
}

TEST_CASE("a close on a full disk counts what could not be stored") {
  TemporaryFolder folder;
  FailingDisk disk;
  StoreUnderTest t(SqliteStoreSettings{.dir = folder.path()});
  t.store.on_sessions({.sessions = plain_sessions(1, 10), .final_below = 1});
  t.store.flush();
  disk.fail_after(0, kForever, SQLITE_FULL);
  t.store.on_sessions({.sessions = plain_sessions(11, 7), .final_below = 1});
  t.store.close();
  CHECK(t.store.status().dropped_sessions == 7);
  CHECK(has(t.store.status().last_error, "disk is full"));
}

TEST_CASE("any one operation of the disk fails: every session is stored exactly once") {
  struct Fault {
    int code;
    bool done_anyway;
  };
  for (const auto& fault :
       {Fault{SQLITE_FULL, false}, Fault{SQLITE_IOERR_WRITE, false}, Fault{SQLITE_IOERR_WRITE, true}}) {
    for (std::uint64_t at = 0;; ++at) {
      CAPTURE(fault.code, fault.done_anyway, at);
      TemporaryFolder folder;
      bool reached = false;
      {
        FailingDisk disk;
        StoreUnderTest t(SqliteStoreSettings{.dir = folder.path(), .seal_rows = 25});
        disk.fail_after(at, 1, fault.code, fault.done_anyway);
        run_batches(t.store);
        reached = disk.operations() > at;
        disk.heal();
        t.store.flush();
        CHECK(t.store.status().dropped_sessions == 0);
        CHECK(t.store.status().damaged_days == 0);
        check_rows(t.store.snapshot(std::nullopt));
        check_rows(open_read_only(folder.path())->snapshot(std::nullopt));
      }
      check_rows(open_read_only(folder.path())->snapshot(std::nullopt));
      if (!reached) break;
    }
  }
}

TEST_CASE("the disk fails from some operation on until the collector is killed: what was committed is there") {
  for (std::uint64_t at = 0; at < 200; at += 7) {
    CAPTURE(at);
    TemporaryFolder folder, copy;
    std::vector<std::uint64_t> committed;
    {
      FailingDisk disk;
      StoreUnderTest t(SqliteStoreSettings{.dir = folder.path(), .seal_rows = 25});
      disk.fail_after(at, kForever, SQLITE_IOERR_WRITE);
      for (std::uint64_t first = 1; first <= 200; first += 10) {
        t.store.on_sessions({.sessions = plain_sessions(first, 10), .final_below = first});
        if (complaint_of([&] { t.store.flush(); }) == "") committed = marks(1, first + 9);
      }
      std::filesystem::copy(
          folder.path(), copy.path(),
          std::filesystem::copy_options::recursive | std::filesystem::copy_options::overwrite_existing);
    }
    StoreUnderTest t(copy.path());
    const auto found = marks_of(t.store.snapshot(std::nullopt));
    CHECK(std::adjacent_find(found.begin(), found.end()) == found.end());
    CHECK(std::includes(found.begin(), found.end(), committed.begin(), committed.end()));
  }
}
