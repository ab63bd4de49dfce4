// A line on the terminal that fills up, on standard error; nothing when that is no terminal. One thread.
#pragma once
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <string>

namespace weir {

class ProgressBar {
 public:
  void show(const std::string& what, std::uint64_t done, std::uint64_t total) {
    if (!visible_ || total == 0) return;
    const int percent = static_cast<int>(std::min<std::uint64_t>(100, done * 100 / total));
    if (percent == shown_) return;
    shown_ = percent;
    std::string bar(static_cast<std::size_t>(percent) * 30 / 100, '#');
    bar.resize(30, '.');
    std::fprintf(stderr, "\r%s [%s] %3d %%", what.c_str(), bar.c_str(), percent);
    if (percent == 100) std::fputc('\n', stderr);
  }

 private:
  const bool visible_ = isatty(STDERR_FILENO);
  int shown_ = -1;
};

}  // namespace weir
