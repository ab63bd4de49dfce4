// How the simulated disks come between SQLite and its files: a VFS over SQLite's own, and the C library's calls that
// change names and sync, which SQLite and std::filesystem make.
#include <dlfcn.h>
#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mutex>
#include <utility>

#include "support/disk_state.hpp"

namespace weir::testing {

namespace {

using Disk = SimulatedDisk::State;
using Verdict = Disk::Verdict;

sqlite3_vfs* real_vfs = nullptr;
sqlite3_vfs our_vfs;

struct OpenFile {
  std::shared_ptr<Disk> disk;
  std::shared_ptr<DiskFile> content;
};
// SQLite's own file object follows.
struct alignas(16) File {
  sqlite3_file base;
  OpenFile* open;
};

File& ours(sqlite3_file* file) { return *reinterpret_cast<File*>(file); }
sqlite3_file* real(sqlite3_file* file) { return reinterpret_cast<sqlite3_file*>(&ours(file) + 1); }
const sqlite3_io_methods* methods(sqlite3_file* file) { return real(file)->pMethods; }

int refusal_code(Disk& disk, Verdict verdict, int broken) {
  return verdict == Verdict::kRefused && disk.refusal == SimulatedDisk::Refusal::kFull ? SQLITE_FULL : broken;
}

// Carries out `operation` unless the disk refuses it; notes `write` when it was done.
template <class F>
int change(sqlite3_file* file, int broken, DiskFile::Write write, F operation) {
  auto* open = ours(file).open;
  if (!open->disk) return operation();
  {
    const std::lock_guard lock(open->disk->mutex);
    sqlite3_int64 size = 0;
    methods(file)->xFileSize(real(file), &size);
    const bool grows = !write.cut && write.at + write.bytes.size() > static_cast<std::uint64_t>(size);
    const auto verdict = open->disk->verdict(grows);
    if (verdict != Verdict::kDone) return refusal_code(*open->disk, verdict, broken);
  }
  const int result = operation();
  if (result == SQLITE_OK && open->content) {
    const std::lock_guard lock(open->disk->mutex);
    open->content->since.push_back(std::move(write));
  }
  return result;
}

int close_file(sqlite3_file* file) {
  const int result = methods(file)->xClose(real(file));
  delete ours(file).open;
  ours(file).open = nullptr;
  return result;
}
int read_file(sqlite3_file* file, void* to, int size, sqlite3_int64 at) {
  return methods(file)->xRead(real(file), to, size, at);
}
int write_file(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 at) {
  const auto* first = static_cast<const std::uint8_t*>(bytes);
  return change(file, SQLITE_IOERR_WRITE, {.at = static_cast<std::uint64_t>(at), .bytes = {first, first + size}},
                [&] { return methods(file)->xWrite(real(file), bytes, size, at); });
}
int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  return change(file, SQLITE_IOERR_TRUNCATE, {.at = static_cast<std::uint64_t>(size), .bytes = {}, .cut = true},
                [&] { return methods(file)->xTruncate(real(file), size); });
}
int sync_file(sqlite3_file* file, int flags) {
  if (const auto& disk = ours(file).open->disk) {
    const std::lock_guard lock(disk->mutex);
    if (const auto verdict = disk->verdict(false); verdict != Verdict::kDone) return SQLITE_IOERR_FSYNC;
  }
  return methods(file)->xSync(real(file), flags);
}
int file_size(sqlite3_file* file, sqlite3_int64* size) { return methods(file)->xFileSize(real(file), size); }
int lock_file(sqlite3_file* file, int level) { return methods(file)->xLock(real(file), level); }
int unlock_file(sqlite3_file* file, int level) { return methods(file)->xUnlock(real(file), level); }
int check_lock(sqlite3_file* file, int* taken) { return methods(file)->xCheckReservedLock(real(file), taken); }
int control_file(sqlite3_file* file, int what, void* value) {
  // A hint of the coming size would make the file grow behind our back.
  if (what == SQLITE_FCNTL_SIZE_HINT || what == SQLITE_FCNTL_CHUNK_SIZE) return SQLITE_OK;
  return methods(file)->xFileControl(real(file), what, value);
}
int sector_size(sqlite3_file* file) { return methods(file)->xSectorSize(real(file)); }
int characteristics(sqlite3_file* file) { return methods(file)->xDeviceCharacteristics(real(file)); }
int map_shared(sqlite3_file* file, int region, int size, int extend, void volatile** memory) {
  if (const auto& disk = ours(file).open->disk; disk && extend) {
    const std::lock_guard lock(disk->mutex);
    if (disk->verdict(true) == Verdict::kRefused) return SQLITE_IOERR_SHMSIZE;
  }
  return methods(file)->xShmMap(real(file), region, size, extend, memory);
}
int lock_shared(sqlite3_file* file, int offset, int count, int flags) {
  return methods(file)->xShmLock(real(file), offset, count, flags);
}
void barrier(sqlite3_file* file) { methods(file)->xShmBarrier(real(file)); }
int unmap_shared(sqlite3_file* file, int remove) { return methods(file)->xShmUnmap(real(file), remove); }

const sqlite3_io_methods kMethods = {
    .iVersion = 2,
    .xClose = close_file,
    .xRead = read_file,
    .xWrite = write_file,
    .xTruncate = truncate_file,
    .xSync = sync_file,
    .xFileSize = file_size,
    .xLock = lock_file,
    .xUnlock = unlock_file,
    .xCheckReservedLock = check_lock,
    .xFileControl = control_file,
    .xSectorSize = sector_size,
    .xDeviceCharacteristics = characteristics,
    .xShmMap = map_shared,
    .xShmLock = lock_shared,
    .xShmBarrier = barrier,
    .xShmUnmap = unmap_shared,
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

bool exists(const char* path) {
  struct stat found {};
  return stat(path, &found) == 0;
}

int open_file(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  file->pMethods = nullptr;
  const std::string path = name ? name : "";
  auto disk = Disk::of(path);
  const bool makes = disk && (flags & SQLITE_OPEN_CREATE) && !exists(name);
  if (makes) {
    const std::lock_guard lock(disk->mutex);
    if (disk->verdict(true) != Verdict::kDone) return SQLITE_CANTOPEN;
  }
  const int result = real_vfs->xOpen(real_vfs, name, real(file), flags, out_flags);
  if (!real(file)->pMethods) return result;
  auto* open = new OpenFile{.disk = disk, .content = nullptr};
  if (disk) {
    const std::lock_guard lock(disk->mutex);
    if (makes) disk->made(path);
    if (flags & SQLITE_OPEN_READWRITE) {
      auto& known = disk->now[path];
      if (!known) disk->synced[path] = known = std::make_shared<DiskFile>();
      disk->load(path, *known);
      open->content = known;
    }
  }
  ours(file).open = open;
  file->pMethods = &kMethods;
  return result;
}

// Whether the change of the name of `path` may take place.
bool may_change(const std::shared_ptr<Disk>& disk) {
  const std::lock_guard lock(disk->mutex);
  if (disk->verdict(false) == Verdict::kDone) return true;
  errno = EIO;
  return false;
}

template <class Call>
Call* next_of(const char* name) {
  return reinterpret_cast<Call*>(dlsym(RTLD_NEXT, name));
}

int remove_name(const char* path, int (*call)(const char*)) {
  const auto disk = Disk::of(path);
  if (!disk) return call(path);
  if (!may_change(disk)) return -1;
  {
    const std::lock_guard lock(disk->mutex);
    if (const auto it = disk->now.find(path); it != disk->now.end()) disk->load(path, *it->second);
  }
  const int result = call(path);
  if (result == 0) {
    const std::lock_guard lock(disk->mutex);
    disk->deleted(path);
  }
  return result;
}

int sync_descriptor(int descriptor, int (*call)(int)) {
  std::string path;
  const auto disk = Disk::of_descriptor(descriptor, path);
  if (!disk) return call(descriptor);
  const std::lock_guard lock(disk->mutex);
  if (disk->stopped) {
    errno = EIO;
    return -1;
  }
  if (const auto it = disk->now.find(path); it != disk->now.end()) {
    disk->file_synced(*it->second);
  } else {
    disk->folder_synced(path);
  }
  return 0;
}

}  // namespace

void use_simulated_disks() {
  static std::once_flag once;
  std::call_once(once, [] {
    sqlite3_initialize();
    real_vfs = sqlite3_vfs_find(nullptr);
    our_vfs = *real_vfs;
    our_vfs.szOsFile = static_cast<int>(sizeof(File)) + real_vfs->szOsFile;
    our_vfs.zName = "simulated";
    our_vfs.pNext = nullptr;
    our_vfs.xOpen = open_file;
    sqlite3_vfs_register(&our_vfs, 1);
  });
}

}  // namespace weir::testing

extern "C" {

int fsync(int descriptor) {
  static const auto call = weir::testing::next_of<int(int)>("fsync");
  return weir::testing::sync_descriptor(descriptor, call);
}
int fdatasync(int descriptor) {
  static const auto call = weir::testing::next_of<int(int)>("fdatasync");
  return weir::testing::sync_descriptor(descriptor, call);
}
int unlink(const char* path) noexcept {
  static const auto call = weir::testing::next_of<int(const char*)>("unlink");
  return weir::testing::remove_name(path, call);
}
int remove(const char* path) noexcept {
  static const auto call = weir::testing::next_of<int(const char*)>("remove");
  return weir::testing::remove_name(path, call);
}
int rename(const char* from, const char* to) noexcept {
  static const auto call = weir::testing::next_of<int(const char*, const char*)>("rename");
  const auto disk = weir::testing::SimulatedDisk::State::of(from);
  if (!disk) return call(from, to);
  if (!weir::testing::may_change(disk)) return -1;
  const int result = call(from, to);
  if (result == 0) {
    const std::lock_guard lock(disk->mutex);
    disk->renamed(from, to);
  }
  return result;
}
}
