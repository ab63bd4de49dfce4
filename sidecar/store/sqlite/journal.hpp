// The journal: committed sessions that are not sealed yet, as batches of one session table each, and how the rows that
// count are found again after a crash. One thread at a time.
#pragma once
#include <compare>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "flow/session.hpp"
#include "sqlite/database.hpp"
#include "store/encoding.hpp"
#include "store/sqlite/stored_column.hpp"

namespace weir {

// A number for a run of the collector that no other run has, on whatever files it works: it is drawn at random, so that
// it does not depend on which files are open, deleted, copied in or damaged. Never 0; fits SQLite's signed integers.
std::uint64_t new_run();

// The session table that an id comes from: of which run of the collector, and which of its ranges.
struct Lane {
  std::uint64_t run = 0, range = 0;
  friend auto operator<=>(const Lane&, const Lane&) = default;
};
constexpr std::uint64_t range_of(std::uint64_t session_id) { return session_id / kSessionIdRange; }

struct JournalBatch {
  Lane lane;
  std::uint64_t first_id = 0, last_id = 0;
  std::uint32_t rows = 0;
  std::int64_t min_start_ms = 0, max_end_ms = 0;
  std::vector<std::uint8_t> frame;
};

// Rows of one lane, by ascending id, at most kSegmentRows.
JournalBatch encode_batch(const Lane& lane, std::span<const std::span<const Session>> parts, Compressor& compressor,
                          ColumnScratch& scratch);
Result<std::vector<Session>> decode_batch(std::span<const std::uint8_t> frame);

struct JournalContent {
  std::map<Lane, std::vector<Session>> rows;  // unsealed ones, each id once, ascending
  std::vector<std::string> damage;            // batches that could not be read: which, why, how many sessions
};
bool has_journal(Database& database);
// What the journal of an open day file holds. Quality bits are as stored.
JournalContent read_journal(Database& database);

void append_batch(Database& database, const JournalBatch& batch);
// The lane's rows below this id are in a segment: forgets the batches that hold no others, and remembers `below` only
// while a batch is left that holds both kinds of rows.
void mark_sealed(Database& database, const Lane& lane, std::uint64_t below);
// The lane's run is over and all its rows are sealed.
void forget_lane(Database& database, const Lane& lane);

}  // namespace weir
