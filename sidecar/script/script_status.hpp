// What became of a script file. Plain value; any thread.
#pragma once
#include <cstdint>
#include <string>

namespace weir {

struct ScriptStatus {
  std::string file;
  std::int64_t loaded_ms = 0;  // 0: never
  std::size_t count = 0;       // of entries in force
  std::string error;           // of the last attempt; "" when it went well
};

}  // namespace weir
