// What to do when a database file was deleted, or another one was put in its place, while it was open: the open one
// still has all that is stored. The owner's thread.
#pragma once
#include <cstdint>
#include <functional>
#include <string>

namespace weir {

// Calls copy(PATH.restoring) to write the open file into a new one, then close() to let go of the old one, and puts the
// new one at `path`. A foreign file at `path` is renamed to PATH.replaced-NOW_MS. Returns what happened, in words that
// follow the path. Throws what copy throws; then nothing has changed.
std::string write_anew(const std::string& path, std::int64_t now_ms,
                       const std::function<void(const std::string&)>& copy, const std::function<void()>& close);

}  // namespace weir
