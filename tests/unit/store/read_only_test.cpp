// Reading beside a collector, after one, and where nothing may be written.
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "support/catch.hpp"
#include "unit/store/stored_rows.hpp"

using namespace weir;
using namespace weir::testing;

namespace {

// What a process without any right to write to the folder finds in it: the number of its sessions, or -1.
int sessions_seen_without_rights(const std::string& dir) {
  namespace fs = std::filesystem;
  const auto read_only = [](const fs::path& path) {
    const auto rights = fs::is_directory(path)
                            ? fs::perms::owner_read | fs::perms::owner_exec | fs::perms::group_read |
                                  fs::perms::group_exec | fs::perms::others_read | fs::perms::others_exec
                            : fs::perms::owner_read | fs::perms::group_read | fs::perms::others_read;
    fs::permissions(path, rights);
  };
  for (const auto& entry : fs::recursive_directory_iterator(dir)) read_only(entry.path());
  read_only(dir);
  const pid_t child = fork();
  if (child == 0) {
    constexpr uid_t kNobody = 65534;
    if (geteuid() == 0 && setuid(kNobody) != 0) _exit(255);
    int seen = 255;
    complaint_of([&] { seen = static_cast<int>(marks_of(open_read_only(dir)->snapshot(std::nullopt)).size()); });
    _exit(seen);
  }
  int status = 0;
  waitpid(child, &status, 0);
  for (const auto& entry : fs::recursive_directory_iterator(dir)) {
    if (entry.is_directory()) fs::permissions(entry.path(), fs::perms::owner_all);
  }
  fs::permissions(dir, fs::perms::owner_all);
  return WIFEXITED(status) && WEXITSTATUS(status) != 255 ? WEXITSTATUS(status) : -1;
}

}  // namespace

TEST_CASE("a folder on a read-only file system is read, whether the collector closed it or was killed") {
  TemporaryFolder folder, copy;
  {
    StoreUnderTest t(folder.path());
    t.store.on_sessions({.sessions = plain_sessions(1, 100), .final_below = 1});
    t.store.flush();
    std::filesystem::copy(folder.path(), copy.path(),
                          std::filesystem::copy_options::recursive | std::filesystem::copy_options::overwrite_existing);
  }
  CHECK(sessions_seen_without_rights(folder.path()) == 100);
  CHECK(sessions_seen_without_rights(copy.path()) == 100);
}

TEST_CASE("a closed store leaves one file per day and nothing beside it") {
  TemporaryFolder folder;
  {
    StoreUnderTest t(folder.path());
    t.store.on_sessions({.sessions = plain_sessions(1, 100), .final_below = 101});
    t.store.flush();
    marks_of(t.store.snapshot(std::nullopt));
  }
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "days"))
    names.push_back(entry.path().filename().string());
  CHECK(names == std::vector<std::string>{"2023-11-15.sqlite"});
}

TEST_CASE("an empty folder is an empty store") {
  TemporaryFolder folder;
  const auto snapshot = open_read_only(folder.path())->snapshot(std::nullopt);
  CHECK(snapshot.segments.empty());
  CHECK(!snapshot.stored);
  CHECK(snapshot.warnings.empty());
}

TEST_CASE("a reader that is in the middle of a read does not hold up the collector") {
  TemporaryFolder folder;
  StoreUnderTest t(folder.path());
  t.store.on_sessions({.sessions = plain_sessions(1, 10), .final_below = 1});
  t.store.flush();
  Database reader(folder / "days/2023-11-15.sqlite", Database::Access::kReadOnly);
  Transaction reading(reader, false);
  auto statement = reader.prepare("SELECT rows FROM journal");
  REQUIRE(statement.step());
  t.store.on_sessions({.sessions = plain_sessions(11, 10), .final_below = 1});
  t.store.flush();
  CHECK(marks_of(open_read_only(folder.path())->snapshot(std::nullopt)) == marks(1, 20));
  t.store.close();
  CHECK(t.store.status().last_error == "");
}
