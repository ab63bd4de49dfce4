// The order matters: while the new file gets its name, nobody may have the old one open under that name.
#include "sqlite/lost_file.hpp"

#include <filesystem>

#include "sqlite/database_files.hpp"

namespace weir {

std::string write_anew(const std::string& path, std::int64_t now_ms, const std::function<void(const std::string&)>& copy, const std::function<void()>& close) {
  const auto restored = path + kRestoredSuffix;
  std::error_code failed;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), failed);
  remove_database(restored);
  copy(restored);
  close();
  std::string fate = "was deleted while it was open; it was written again with all that was stored in it";
  if (std::filesystem::exists(path, failed)) {
    const auto foreign = path + ".replaced-" + std::to_string(now_ms);
    rename_database(path, foreign);
    fate = "was replaced by another file while it was open; the other one is " + foreign + " now, and this one was written again (put a copy in place only while the collector is stopped)";
  }
  // The log of the deleted file may have stayed: it must not be taken for the new one's.
  remove_database(path);
  std::filesystem::rename(restored, path, failed);
  return fate;
}

}  // namespace weir
