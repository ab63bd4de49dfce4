// A folder for one test, gone afterwards.
#pragma once
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <string>

namespace weir::testing {

struct ScratchFolder {
  std::filesystem::path path;
  ScratchFolder() {
    static std::atomic<int> number{0};
    path = std::filesystem::temp_directory_path() /
           ("weir-alert-" + std::to_string(getpid()) + "-" + std::to_string(++number));
    std::filesystem::create_directories(path);
  }
  ~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  std::string file(const std::string& name) const { return (path / name).string(); }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(path / name, std::ios::binary) << text;
  }
};

}  // namespace weir::testing
