// Advisory locks (flock), which end with the process.
#include "store/sqlite/folder_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <stdexcept>

namespace weir {

namespace {

constexpr const char* kBusy =
    ": another weir process writes to this data folder; stop it or choose another one (store.dir, --data)";

// Whoever can read the files reads all flows: the others' rights are taken away, also from files of an earlier version.
// A group may pass through the folder to the secret that it was given (the monitor's web server).
void make_private(const std::string& dir) {
  namespace fs = std::filesystem;
  constexpr auto kGroupReads = fs::perms::group_read | fs::perms::group_write;
  std::error_code failed;
  const auto take_away = [&](const fs::path& path, fs::perms rights) {
    if ((fs::status(path, failed).permissions() & rights) != fs::perms::none)
      fs::permissions(path, rights, fs::perm_options::remove, failed);
  };
  take_away(dir, kGroupReads | fs::perms::others_all);
  for (const auto& entry : fs::recursive_directory_iterator(dir, failed)) {
    if (entry.is_symlink(failed) || !(entry.is_regular_file(failed) || entry.is_directory(failed))) continue;
    take_away(entry.path(), entry.path().filename() == "secret" ? fs::perms::others_all
                                                                : fs::perms::group_all | fs::perms::others_all);
  }
}

}  // namespace

FolderLock::FolderLock(const std::string& dir) {
  std::error_code failed;
  const bool is_new = std::filesystem::create_directories(dir, failed);
  if (is_new) chmod(dir.c_str(), S_IRWXU);
  folder_ = open(dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const std::string path = dir + "/lock";
  file_ = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (folder_ < 0 || file_ < 0) {
    const std::string why = std::strerror(errno);
    if (folder_ >= 0) close(folder_);
    throw std::runtime_error(path + ": " + why + "; the data folder must exist and be writable (store.dir, --data)");
  }
  // A file system without locks on folders (some network ones) still has the file's.
  const bool folder_taken = flock(folder_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  if (folder_taken || flock(file_, LOCK_EX | LOCK_NB) != 0) {
    close(file_);
    close(folder_);
    throw std::runtime_error(dir + kBusy);
  }
  make_private(dir);
}

FolderLock::~FolderLock() {
  close(file_);
  close(folder_);
}

}  // namespace weir
