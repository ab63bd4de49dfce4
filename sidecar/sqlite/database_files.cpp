// Handles each part by itself: a part that is missing or cannot be changed does not keep the others.
#include "sqlite/database_files.hpp"

#include <filesystem>

namespace weir {

namespace {
constexpr const char* kParts[] = {"", "-wal", "-shm"};
}  // namespace

std::uint64_t file_bytes(const std::string& path) {
  std::uint64_t bytes = 0;
  for (const auto* part : kParts) {
    std::error_code missing;
    const auto size = std::filesystem::file_size(path + part, missing);
    if (!missing) bytes += size;
  }
  return bytes;
}

void remove_database(const std::string& path) {
  // The file goes last: a log without its file would be taken for the next file's.
  for (const auto* part : {"-wal", "-shm", ""}) {
    std::error_code ignored;
    std::filesystem::remove(path + part, ignored);
  }
}

void rename_database(const std::string& from, const std::string& to) {
  for (const auto* part : kParts) {
    std::error_code missing;
    std::filesystem::rename(from + part, to + part, missing);
  }
}

void complete_copy(const std::string& path) {
  std::filesystem::rename(path + kRestoringSuffix, path + kRestoredSuffix);
}

void finish_replacement(const std::string& path, const std::string& aside) {
  remove_database(path + kRestoringSuffix);
  const auto restored = path + kRestoredSuffix;
  std::error_code failed;
  if (!std::filesystem::exists(restored, failed)) return;
  if (std::filesystem::exists(path, failed)) rename_database(path, aside);
  // A log that has stayed must not be taken for the new file's.
  remove_database(path);
  std::filesystem::rename(restored, path);
}

}  // namespace weir
