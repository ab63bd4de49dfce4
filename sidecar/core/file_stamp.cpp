// Time, size and inode: an editor's rename is a change as well.
#include "core/file_stamp.hpp"

#include <sys/stat.h>

namespace weir {

std::string file_stamp(const std::string& path) {
  struct stat s {};
  if (stat(path.c_str(), &s) != 0) return "absent";
  return std::to_string(s.st_ino) + ":" + std::to_string(s.st_size) + ":" + std::to_string(s.st_mtim.tv_sec) + "." +
         std::to_string(s.st_mtim.tv_nsec);
}

}  // namespace weir
