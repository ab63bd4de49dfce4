// What can still be read of a damaged day file, copied into a new one: a damaged page costs what is on it, and not the
// day. One thread; nobody else has either file open.
#pragma once
#include <cstdint>
#include <string>

namespace weir {

struct Salvaged {
  std::uint64_t segments = 0, segment_sessions = 0;  // in the new file
  std::uint64_t lost_segments = 0;                   // known by their number, and not readable
  std::uint64_t batches = 0, lost_batches = 0;       // of the journal
  // For people.
  std::string text() const;
};

// Makes `fresh`, which must not exist. Throws SqliteError when not even the first page of `damaged` can be read, or
// when `fresh` cannot be written.
Salvaged salvage_day(const std::string& damaged, const std::string& fresh, bool with_journal);

}  // namespace weir
