// The files of one SQLite database: the database itself, its write-ahead log and the index of that log. Any thread.
#pragma once
#include <cstdint>
#include <string>

namespace weir {

// The end of the name of a damaged database that was set aside; the time in milliseconds follows.
inline constexpr const char* kDamagedSuffix = ".damaged-";
// The end of the name of a copy that is being written, and of one that is complete and gets the database's name next.
inline constexpr const char* kRestoringSuffix = ".restoring";
inline constexpr const char* kRestoredSuffix = ".restored";

// Bytes of a database file with its write-ahead log and index.
std::uint64_t file_bytes(const std::string& path);
void remove_database(const std::string& path);
// With log and index; what cannot be renamed stays.
void rename_database(const std::string& from, const std::string& to);
// PATH.restoring is complete and closed: from now on it is what finish_replacement() puts at PATH.
void complete_copy(const std::string& path);
// Puts a complete copy at PATH, if there is one; what is at PATH is renamed to `aside`. At the start, before PATH is
// opened, this carries a replacement through that an earlier run was interrupted in.
void finish_replacement(const std::string& path, const std::string& aside);

}  // namespace weir
