// The file of a day's sums (schemas/sql/sums.sql): written by one thread, read as a list of blocks by any. Errors are
// SqliteError.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sqlite/database.hpp"
#include "store/sqlite/segment.hpp"
#include "store/sums/sum_builder.hpp"

namespace weir {

// A sealed segment that a block has, as the file names it.
struct SumsCover {
  std::int64_t segment = 0;
  std::uint64_t checksum = 0;
};

enum class SumPart : std::uint8_t { kSums, kOdd, kCrossing };

struct StoredPart {
  SegmentInfo info;
  SumPart what = SumPart::kSums;
  std::int64_t unit_ms = 0;
  SumFamily family = SumFamily::kLinks;
};

struct StoredBlock {
  std::int64_t id = 0, min_start_ms = 0, max_end_ms = 0;
  std::uint64_t sessions = 0;
  std::vector<SumsCover> covered;
  std::vector<StoredPart> parts;  // none: sums of these are not worth it
};

// False: the file holds nothing that this version can use; it can be deleted.
bool is_sum_file(Database& database);
// Blocks whose numbers are sound.
std::vector<StoredBlock> read_blocks(Database& database);
// Of a covered segment: which sessions the block keeps. Throws std::runtime_error when the bytes are damaged.
Column read_kept_rows(Database& database, std::int64_t block, std::size_t position);

class SumFile {
 public:
  // Opens or makes it. A file that this version cannot use is made anew.
  explicit SumFile(const std::string& path);
  // Does away with the log, unless others have the file open.
  ~SumFile();

  // `built` null: sums of these are not worth it, and nobody has to try again. `replaces`: the blocks that have the
  // same segments are not read any more; their rows stay for who reads them now, until forget_blocks().
  StoredBlock write(const std::vector<SumsCover>& covered, const BuiltSums* built, std::int64_t made_ms,
                    Compressor& compressor, const std::vector<std::int64_t>& replaces = {});
  void forget_blocks(const std::vector<std::int64_t>& ids);
  // That were replaced and not forgotten.
  std::vector<std::int64_t> replaced_blocks();

 private:
  StoredPart insert(const EncodedSegment& encoded, StoredPart part, std::int64_t block);

  std::unique_ptr<Database> database_;
};

}  // namespace weir
