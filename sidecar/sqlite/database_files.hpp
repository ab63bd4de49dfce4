// The files of one SQLite database: the database itself, its write-ahead log and the index of that log. Any thread.
#pragma once
#include <cstdint>
#include <string>

namespace weir {

// The end of the name of a damaged database that was set aside; the time in milliseconds follows.
inline constexpr const char* kDamagedSuffix = ".damaged-";
// The end of the name of a copy that is not complete yet.
inline constexpr const char* kRestoredSuffix = ".restored";

// Bytes of a database file with its write-ahead log and index.
std::uint64_t file_bytes(const std::string& path);
void remove_database(const std::string& path);
// With log and index; what cannot be renamed stays.
void rename_database(const std::string& from, const std::string& to);

}  // namespace weir
