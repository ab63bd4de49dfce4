// A data folder that only this process writes to: the folder itself is locked, and a file in it, so that deleting the
// file lets nobody in. Any thread.
#pragma once
#include <string>

namespace weir {

class FolderLock {
 public:
  // Makes the folder when it is missing, readable by this user alone. Throws std::runtime_error: another process has
  // it, or it cannot be written.
  explicit FolderLock(const std::string& dir);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  int folder_ = -1, file_ = -1;
};

}  // namespace weir
