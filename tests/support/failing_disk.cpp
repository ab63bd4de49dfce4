// Every open file gets a copy of its method table in which three functions are ours.
#include "support/failing_disk.hpp"

#include <sqlite3.h>

#include <list>
#include <mutex>

namespace weir::testing {

namespace {

struct Plan {
  std::mutex mutex;
  std::uint64_t operations = 0, good = 0, bad = 0;
  int code = 0;
  bool done_anyway = false;
};
Plan plan;

// The copy comes first, so that a file's pMethods leads to both.
struct Methods {
  sqlite3_io_methods ours;
  const sqlite3_io_methods* real;
};
std::list<Methods> tables;
std::mutex tables_mutex;

sqlite3_vfs* real_vfs = nullptr;
sqlite3_vfs our_vfs;

// The refusal of this operation, if it is one of the bad ones; 0 otherwise.
int refusal(bool& done_anyway) {
  const std::lock_guard lock(plan.mutex);
  const auto number = plan.operations++;
  done_anyway = plan.done_anyway;
  return number >= plan.good && number < plan.good + plan.bad ? plan.code : SQLITE_OK;
}

template <class F>
int attempt(sqlite3_file* file, F operation) {
  bool done_anyway = false;
  const int code = refusal(done_anyway);
  if (code != SQLITE_OK && !done_anyway) return code;
  const int result = operation(reinterpret_cast<const Methods*>(file->pMethods)->real);
  return code != SQLITE_OK ? code : result;
}

int write_file(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 at) {
  return attempt(file, [&](const auto* real) { return real->xWrite(file, bytes, size, at); });
}
int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  return attempt(file, [&](const auto* real) { return real->xTruncate(file, size); });
}
int sync_file(sqlite3_file* file, int flags) {
  return attempt(file, [&](const auto* real) { return real->xSync(file, flags); });
}

int open_file(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  const int result = real_vfs->xOpen(real_vfs, name, file, flags, out_flags);
  if (result != SQLITE_OK || !file->pMethods) return result;
  const std::lock_guard lock(tables_mutex);
  for (const auto& table : tables) {
    if (table.real == file->pMethods) {
      file->pMethods = &table.ours;
      return result;
    }
  }
  auto& table = tables.emplace_back(Methods{.ours = *file->pMethods, .real = file->pMethods});
  table.ours.xWrite = write_file;
  table.ours.xTruncate = truncate_file;
  table.ours.xSync = sync_file;
  file->pMethods = &table.ours;
  return result;
}

}  // namespace

FailingDisk::FailingDisk() {
  sqlite3_initialize();
  heal();
  real_vfs = sqlite3_vfs_find(nullptr);
  our_vfs = *real_vfs;
  our_vfs.zName = "failing";
  our_vfs.pNext = nullptr;
  our_vfs.xOpen = open_file;
  sqlite3_vfs_register(&our_vfs, 1);
}

FailingDisk::~FailingDisk() {
  sqlite3_vfs_unregister(&our_vfs);
  sqlite3_vfs_register(real_vfs, 1);
}

void FailingDisk::fail_after(std::uint64_t good, std::uint64_t bad, int code, bool done_anyway) {
  const std::lock_guard lock(plan.mutex);
  plan.operations = 0;
  plan.good = good;
  plan.bad = bad;
  plan.code = code;
  plan.done_anyway = done_anyway;
}

std::uint64_t FailingDisk::operations() const {
  const std::lock_guard lock(plan.mutex);
  return plan.operations;
}

}  // namespace weir::testing
