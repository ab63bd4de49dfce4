// A kept database against a plain map, over random sequences of changes, restarts, full disks and files that somebody
// deletes, replaces, cuts or writes into.
#include <sqlite3.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <random>

#include "sqlite/database_files.hpp"
#include "sqlite/kept_database.hpp"
#include "sqlite/row_copy.hpp"
#include "support/catch.hpp"
#include "support/failing_disk.hpp"

using namespace weir;
using namespace weir::testing;

namespace {

constexpr RowCopy kRows{.select = "SELECT key, value FROM entries",
                        .insert = "INSERT OR REPLACE INTO entries (key, value) VALUES (?1, ?2)",
                        .columns = 2};
using Entries = std::map<std::int64_t, std::string>;

struct Folder {
  std::filesystem::path path = std::filesystem::temp_directory_path() / ("weir-kept-" + std::to_string(getpid()));
  Folder() {
    std::filesystem::remove_all(path);
    std::filesystem::create_directories(path);
  }
  ~Folder() { std::filesystem::remove_all(path); }
};

struct Kept {
  Folder folder;
  std::string file = (folder.path / "kept.sqlite").string();
  ManualClock clock{1'700'000'000'000};
  std::vector<const char*> versions{
      "CREATE TABLE IF NOT EXISTS entries (key INTEGER PRIMARY KEY, value TEXT NOT NULL)"};
  std::unique_ptr<KeptDatabase> database;

  void open() {
    database.reset();
    database = std::make_unique<KeptDatabase>(
        KeptDatabase::Plan{.path = file,
                           .stage = "test",
                           .content = "entries",
                           .pragmas = "PRAGMA wal_autocheckpoint = 20; PRAGMA synchronous = OFF",
                           .versions = versions,
                           .copy = [](Database& from, Database& to, bool) { return copy_rows(from, to, kRows); },
                           .clear_live = [](Database& to) { to.execute("DELETE FROM entries"); }},
        clock);
  }
  void put(std::int64_t key, const std::string& value) {
    database->write([&](Database& d) {
      d.prepare("INSERT OR REPLACE INTO entries (key, value) VALUES (?1, ?2)").bind(1, key).bind(2, value).run();
    });
  }
  void erase(std::int64_t key) {
    database->write([&](Database& d) { d.prepare("DELETE FROM entries WHERE key = ?1").bind(1, key).run(); });
  }
  Entries entries() {
    return database->read([](Database& d) {
      Entries found;
      auto rows = d.prepare("SELECT key, value FROM entries");
      while (rows.step()) found[rows.integer(0)] = rows.text(1);
      return found;
    });
  }
  std::vector<std::string> set_aside() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder.path)) {
      if (const auto name = entry.path().filename().string();
          name.find(kDamagedSuffix) != std::string::npos && !name.ends_with("-wal") && !name.ends_with("-shm"))
        names.push_back(name);
    }
    return names;
  }
};

void write_bytes(const std::string& path, std::uint64_t at, const std::string& bytes) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(static_cast<std::streamoff>(at));
  file << bytes;
}

}  // namespace

TEST_CASE("kept: random sequences against a map") {
  const auto seed = GENERATE(range(0u, 40u));
  INFO("seed " << seed);
  std::mt19937 random(seed);
  const auto below = [&](unsigned bound) { return random() % bound; };
  FailingDisk disk;
  Kept kept;
  Entries model;
  bool full = false;
  kept.open();
  for (int step = 0; step < 120; ++step) {
    kept.clock.advance(below(8'000));
    const auto action = below(100);
    CAPTURE(step, action, full);
    bool content_damaged = false;
    const auto generation = kept.database->generation();
    if (action < 45) {
      const auto key = static_cast<std::int64_t>(below(200));
      model[key] = std::string(below(900), static_cast<char>('a' + below(26)));
      kept.put(key, model[key]);
    } else if (action < 60) {
      const auto key = static_cast<std::int64_t>(below(200));
      model.erase(key);
      kept.erase(key);
    } else if (action < 70) {
      if (full) {  // what is in memory alone would be lost with the stop
        disk.heal();
        full = false;
      }
      kept.open();
    } else if (action < 76) {
      std::filesystem::remove(kept.file);
    } else if (action < 80) {
      remove_database(kept.file);
    } else if (action < 84) {
      std::filesystem::remove(kept.file);
      std::ofstream(kept.file) << "another file";
    } else if (action < 92) {
      full = !full;
      if (full) disk.fail_after(below(30), UINT64_MAX, SQLITE_FULL);
      else disk.heal();
    } else if (std::filesystem::exists(kept.file) && std::filesystem::file_size(kept.file) > 0) {
      const auto size = std::filesystem::file_size(kept.file);
      content_damaged = true;
      kept.clock.advance(100);
      if (action < 96) std::filesystem::resize_file(kept.file, below(static_cast<unsigned>(size)));
      else write_bytes(kept.file, below(static_cast<unsigned>(size)), std::string(500, '\x5a'));
    }
    auto found = kept.entries();
    if (content_damaged || kept.database->generation() != generation) {
      for (const auto& [key, value] : model) {
        if (const auto at = found.find(key); at == found.end() || at->second != value) {
          // The owner is told to write what it has.
          CHECK((kept.database->generation() != generation || content_damaged));
          kept.put(key, value);
        }
      }
      for (const auto& [key, value] : found) {
        if (model.count(key) == 0) kept.erase(key);
      }
      // Bytes inside a value that changed are not seen by SQLite, and perhaps not read yet.
      if (content_damaged) {
        for (const auto& [key, value] : model) kept.put(key, value);
      }
      found = kept.entries();
    }
    REQUIRE(found == model);
  }
  disk.heal();
  kept.open();
  CHECK(kept.entries() == model);
}

TEST_CASE("kept: a deleted, a replaced and a damaged file are set aside, and nothing that can be read is lost") {
  Kept kept;
  kept.open();
  for (int i = 0; i < 50; ++i) kept.put(i, "value");
  const auto expected = kept.entries();

  remove_database(kept.file);
  CHECK(kept.entries() == expected);
  CHECK(kept.database->status().renewals == 1);
  CHECK(kept.set_aside().empty());

  std::filesystem::remove(kept.file);
  std::ofstream(kept.file) << "another";
  CHECK(kept.entries() == expected);
  CHECK(kept.set_aside().size() == 1);
  CHECK(kept.database->status().renewal.find("another file was put in its place") != std::string::npos);

  kept.open();
  CHECK(kept.entries() == expected);
  std::filesystem::resize_file(kept.file, 0);
  kept.entries();
  kept.put(1, "new");
  CHECK(kept.entries().at(1) == "new");
  CHECK(kept.database->status().renewals == 1);
  kept.open();
  CHECK(kept.entries().at(1) == "new");
}

TEST_CASE("kept: while the disk is full, memory is used, and the file catches up") {
  FailingDisk disk;
  Kept kept;
  kept.open();
  kept.put(1, "before");
  kept.put(2, "erased while full");
  disk.fail_after(0, UINT64_MAX, SQLITE_FULL);
  kept.put(3, "while full");
  kept.erase(2);
  CHECK(kept.database->status().refusal.find("full") != std::string::npos);
  CHECK(kept.database->status().refusals == 1);
  for (int minute = 0; minute < 10; ++minute) {
    kept.clock.advance(60'000);
    CHECK(kept.entries().size() == 2);
  }
  CHECK(kept.database->status().refusals == 1);
  disk.heal();
  kept.clock.advance(60'000);
  CHECK(kept.entries() == Entries{{1, "before"}, {3, "while full"}});
  CHECK(kept.database->status().refusal.empty());
  kept.open();
  CHECK(kept.entries() == Entries{{1, "before"}, {3, "while full"}});
}

TEST_CASE("kept: a file without a version is taken, an old one is brought up, a newer one is refused") {
  Kept kept;
  {
    Database old(kept.file, Database::Access::kCreate);
    old.execute(
        "CREATE TABLE entries (key INTEGER PRIMARY KEY, value TEXT NOT NULL); INSERT INTO entries VALUES (7, 'old')");
  }
  kept.open();
  CHECK(kept.entries() == Entries{{7, "old"}});
  kept.versions.push_back("UPDATE entries SET value = 'newer'");
  kept.open();
  CHECK(kept.entries() == Entries{{7, "newer"}});
  kept.open();
  kept.versions.pop_back();
  CHECK_THROWS_WITH(kept.open(), Catch::Matchers::ContainsSubstring(
                                     "newer version of Weir (its version is 2, this program knows up to 1)"));
}
