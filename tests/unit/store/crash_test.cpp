// kill -9 at any moment: what was committed is there after the restart, every row exactly once.
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "support/catch.hpp"
#include "unit/store/stored_rows.hpp"

using namespace weir;
using namespace weir::testing;

namespace {

// A collector in a process of its own: hands over rows by twos and threes, and reports through a pipe up to which id
// they were committed. Some rows are changed later; ids 10 below the newest are final.
[[noreturn]] void collect(const std::string& dir, std::uint64_t first_mark, int report) {
  StoreUnderTest t(SqliteStoreSettings{.dir = dir, .seal_rows = 40});
  const auto first = t.store.next_session_id();
  for (std::uint64_t at = 0;; at += 3) {
    SessionBatch batch;
    for (std::uint64_t i = 0; i < 3; ++i) {
      auto row = plain_session(first + at + i, kNoon + static_cast<std::int64_t>((at + i) % 2) * kDayMs, 1);
      row.client_mac = first_mark + at + i;
      batch.sessions.push_back(row);
    }
    if (at >= 6) {
      auto changed = plain_session(first + at - 5, kNoon + static_cast<std::int64_t>((at - 5) % 2) * kDayMs, 2);
      changed.client_mac = first_mark + at - 5;
      batch.sessions.push_back(changed);
    }
    batch.final_below = at > 10 ? first + at - 10 : first;
    t.store.on_sessions(std::move(batch));
    t.store.flush();
    const std::uint64_t committed = first_mark + at + 3;
    if (write(report, &committed, sizeof committed) != sizeof committed) _exit(1);
  }
}

// Starts a collector, kills it some time after `reports` commits, and returns the mark below which all was committed.
std::uint64_t collect_and_kill(const std::string& dir, std::uint64_t first_mark, std::uint64_t reports,
                               std::uint64_t then_us) {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const pid_t child = fork();
  if (child == 0) {
    close(ends[0]);
    collect(dir, first_mark, ends[1]);
  }
  close(ends[1]);
  std::uint64_t committed = first_mark, value = 0;
  for (std::uint64_t i = 0; i < reports; ++i) {
    REQUIRE(read(ends[0], &value, sizeof value) == sizeof value);
    committed = value;
  }
  // The moment within the next commit differs; reports that come meanwhile count too.
  timespec wait{.tv_sec = 0, .tv_nsec = static_cast<long>(then_us * 1000)};
  nanosleep(&wait, nullptr);
  kill(child, SIGKILL);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  while (read(ends[0], &value, sizeof value) == sizeof value) committed = value;
  close(ends[0]);
  return committed;
}

}  // namespace

TEST_CASE("killed at random moments, several times over, the store has every committed session exactly once") {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    TemporaryFolder folder;
    std::vector<std::uint64_t> stored;
    std::uint64_t first_mark = 1;
    for (int life = 0; life < 3; ++life) {
      CAPTURE(life);
      const auto committed = collect_and_kill(folder.path(), first_mark, 1 + random.below(60), random.below(1500));
      // From outside, with the journal as it was left, and again by the next collector: the same.
      const auto outside = marks_of(open_read_only(folder.path())->snapshot(std::nullopt));
      REQUIRE(std::adjacent_find(outside.begin(), outside.end()) == outside.end());
      auto wanted = stored;
      for (auto mark = first_mark; mark < committed; ++mark) wanted.push_back(mark);
      REQUIRE(std::includes(outside.begin(), outside.end(), wanted.begin(), wanted.end()));
      REQUIRE(outside.size() <= wanted.size() + 3);  // the batch whose commit was not reported any more
      {
        StoreUnderTest t(SqliteStoreSettings{.dir = folder.path(), .seal_rows = 40});
        const auto snapshot = t.store.snapshot(std::nullopt);
        REQUIRE(marks_of(snapshot) == outside);
        for (const auto& row : rows_of(snapshot)) {
          // Changed rows kept their change; rows were changed 5 below the newest.
          if (row.id >= first_mark && row.id + 9 < committed && row.id % 3 == (first_mark + 1) % 3)
            REQUIRE(row.halves[kToServer].octets == 2);
        }
      }
      stored = outside;
      first_mark = stored.empty() ? 1 : stored.back() + 1;
      first_mark += (3 - (first_mark - 1) % 3) % 3;
    }
    REQUIRE(marks_of(open_read_only(folder.path())->snapshot(std::nullopt)) == stored);
  }
}

TEST_CASE("what comes back from a journal is marked, final, and sealed soon; killed again it is not doubled") {
  TemporaryFolder folder;
  TemporaryFolder copy;
  {
    StoreUnderTest t(folder.path());
    t.store.on_sessions({.sessions = plain_sessions(1, 30), .final_below = 1});
    t.store.flush();
    // What a kill leaves: the files as they are now.
    std::filesystem::copy(folder.path(), copy.path(),
                          std::filesystem::copy_options::recursive | std::filesystem::copy_options::overwrite_existing);
  }
  {
    StoreUnderTest t(copy.path());
    const auto rows = rows_of(t.store.snapshot(std::nullopt));
    REQUIRE(rows.size() == 30);
    for (const auto& row : rows) CHECK((row.quality & kQualityReloaded) != 0);
    // New rows have ids that the last run used too.
    t.store.on_sessions({.sessions = {marked(plain_session(1))}, .final_below = 1});
    t.store.flush();
    CHECK(t.store.status().segments == 1);
    CHECK(t.store.status().unsealed == 1);
    CHECK(marks_of(open_read_only(copy.path())->snapshot(std::nullopt)).size() == 31);
  }
  CHECK(marks_of(open_read_only(copy.path())->snapshot(std::nullopt)).size() == 31);
}

TEST_CASE("sessions committed after a clean stop and a start are there for every reader, and after kill -9") {
  for (const bool imported : {false, true}) {
    CAPTURE(imported);
    TemporaryFolder folder, copy;
    {
      // A collector that ended well, or an import: both close the day.
      StoreUnderTest t(folder.path());
      t.store.on_sessions({.sessions = plain_sessions(1, 300), .final_below = imported ? 301u : 1u});
    }
    for (std::uint64_t life = 1; life <= 3; ++life) {
      CAPTURE(life);
      StoreUnderTest t(folder.path());
      auto rows = plain_sessions(1, 180);
      for (auto& row : rows) row.client_mac = life * 1000 + row.id;
      t.store.on_sessions({.sessions = rows, .final_below = 1});
      t.store.flush();
      const auto wanted = 300 + life * 180;
      CHECK(marks_of(t.store.snapshot(std::nullopt)).size() == wanted);
      CHECK(marks_of(open_read_only(folder.path())->snapshot(std::nullopt)).size() == wanted);
      std::filesystem::copy(
          folder.path(), copy.path(),
          std::filesystem::copy_options::recursive | std::filesystem::copy_options::overwrite_existing);
      StoreUnderTest killed(copy.path());
      CHECK(marks_of(killed.store.snapshot(std::nullopt)).size() == wanted);
      std::filesystem::remove_all(copy.path() + "/days");
    }
  }
}

TEST_CASE("a day file that two runs of one number wrote to gives back what the second one committed") {
  TemporaryFolder folder;
  {
    StoreUnderTest t(folder.path());
    t.store.on_sessions({.sessions = plain_sessions(1, 100), .final_below = 101});
  }
  const auto path = folder.path() + "/days/" + day_name(day_of(kNoon)) + ".sqlite";
  {
    // As versions without unique runs left it: the first run sealed below 101, the second one began at 1 again.
    Database file(path, Database::Access::kCreate);
    file.execute("INSERT INTO sealed VALUES (1, 0, 101)");
    Compressor compressor(1);
    ColumnScratch scratch;
    const auto batch_of = [&](std::span<const Session> rows) {
      return encode_batch({.run = 1, .range = 0}, std::span(&rows, 1), compressor, scratch);
    };
    auto rows = plain_sessions(1, 40);
    for (auto& row : rows) row.client_mac = 1000 + row.id;
    append_batch(file, batch_of(rows));
    auto more = plain_sessions(90, 20);
    for (auto& row : more) row.client_mac = 1000 + row.id;
    append_batch(file, batch_of(more));
  }
  CHECK(marks_of(open_read_only(folder.path())->snapshot(std::nullopt)).size() == 160);
  {
    StoreUnderTest t(folder.path());
    CHECK(marks_of(t.store.snapshot(std::nullopt)).size() == 160);
  }
  CHECK(marks_of(open_read_only(folder.path())->snapshot(std::nullopt)).size() == 160);
}

TEST_CASE("what was sealed is not remembered once the journal holds nothing of it") {
  TemporaryFolder folder;
  const auto path = folder.path() + "/days/" + day_name(day_of(kNoon)) + ".sqlite";
  {
    StoreUnderTest t(SqliteStoreSettings{.dir = folder.path(), .seal_rows = 40});
    t.store.on_sessions({.sessions = plain_sessions(1, 100), .final_below = 1});
    t.store.flush();
    t.store.on_sessions({.sessions = {}, .final_below = 60});
    t.store.flush();
    Database beside(path, Database::Access::kReadOnly);
    auto kept = beside.prepare("SELECT below FROM sealed");
    REQUIRE(kept.step());
    CHECK(kept.integer(0) == 41);
  }
  Database closed(path, Database::Access::kReadOnly);
  CHECK_FALSE(closed.prepare("SELECT below FROM sealed").step());
}
