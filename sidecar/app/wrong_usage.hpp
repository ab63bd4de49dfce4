// What a command that was called wrongly says and returns.
#pragma once
#include <iostream>
#include <string>

namespace weir {

inline int wrong_usage(const std::string& command, const std::string& message) {
  std::cerr << "weir " << command << ": " << message << "\n";
  return 2;
}

}  // namespace weir
