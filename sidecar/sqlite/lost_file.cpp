// The order matters: while the new file gets its name, nobody may have the old one open under that name.
#include "sqlite/lost_file.hpp"

#include <filesystem>

#include "sqlite/database_files.hpp"

namespace weir {

std::string write_anew(const std::string& path, std::int64_t now_ms,
                       const std::function<void(const std::string&)>& copy, const std::function<void()>& close) {
  const auto copied = path + kRestoringSuffix;
  std::error_code failed;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), failed);
  remove_database(copied);
  copy(copied);
  close();
  const auto foreign = path + ".replaced-" + std::to_string(now_ms);
  std::string fate = "was deleted while it was open; it was written again with all that was stored in it";
  if (std::filesystem::exists(path, failed)) {
    fate = "was replaced by another file while it was open; the other one is " + foreign +
           " now, and this one was written again (put a copy in place only while the collector is stopped)";
  }
  complete_copy(path);
  finish_replacement(path, foreign);
  return fate;
}

}  // namespace weir
