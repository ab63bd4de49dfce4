// A block is one transaction.
#include "store/sqlite/sum_file.hpp"

#include <algorithm>
#include <random>

#include "sqlite/database_files.hpp"
#include "store/sqlite/number_checksum.hpp"
#include "store/sqlite/schema.hpp"

namespace weir {

namespace {

// Rises with schemas/sql/sums.sql and with kSumFamilies.
constexpr std::int64_t kSumsVersion = 1;
constexpr std::uint64_t kLogBytes = 1 << 20;

// Ids begin anywhere: who still reads a file that is gone finds nothing in another one under the same name.
std::int64_t next_id(Database& database, const char* newest) {
  if (const auto last = database.number_of(newest); last != 0) return last + 1;
  std::random_device random;
  return static_cast<std::int64_t>((std::uint64_t{random()} << 32 | random()) >> 18 | 1);
}

std::uint64_t checksum_of(const StoredBlock& block) {
  NumberChecksum sum;
  sum.add(static_cast<std::uint64_t>(block.id));
  sum.add(static_cast<std::uint64_t>(block.min_start_ms));
  sum.add(static_cast<std::uint64_t>(block.max_end_ms));
  sum.add(block.sessions);
  for (const auto& cover : block.covered) {
    sum.add(static_cast<std::uint64_t>(cover.segment));
    sum.add(cover.checksum);
  }
  for (const auto& part : block.parts) {
    sum.add(static_cast<std::uint64_t>(part.info.id));
    sum.add(part.info.checksum);
    sum.add(part.info.rows);
    sum.add(static_cast<std::uint64_t>(part.info.min_start_ms));
    sum.add(static_cast<std::uint64_t>(part.info.max_end_ms));
    sum.add(static_cast<std::uint64_t>(part.what));
    sum.add(static_cast<std::uint64_t>(part.unit_ms));
    sum.add(static_cast<std::uint64_t>(part.family));
  }
  return sum.hash();
}

EncodedSegment encode_sums(const ColumnSegment& segment, std::int64_t made_ms, Compressor& compressor) {
  std::vector<Column> columns;
  columns.reserve(kColumnCount);
  for (const auto& column : kColumns) columns.push_back(*segment.column(column.id));
  return encode_columns_of(columns,
                           {.rows = segment.rows(),
                            .min_start_ms = segment.min_start_ms(),
                            .max_end_ms = segment.max_end_ms(),
                            .sealed_ms = made_ms},
                           compressor, false);
}

}  // namespace

bool is_sum_file(Database& database) { return database.number_of("PRAGMA user_version") == kSumsVersion; }

std::vector<StoredBlock> read_blocks(Database& database) {
  std::vector<StoredBlock> blocks;
  std::vector<std::uint64_t> checksums;
  {
    auto statement = database.prepare("SELECT id, min_start_ms, max_end_ms, sessions, checksum FROM block ORDER BY id");
    while (statement.step()) {
      blocks.push_back({.id = statement.integer(0),
                        .min_start_ms = statement.integer(1),
                        .max_end_ms = statement.integer(2),
                        .sessions = statement.unsigned_integer(3),
                        .covered = {},
                        .parts = {}});
      checksums.push_back(statement.unsigned_integer(4));
    }
  }
  for (auto& block : blocks) {
    auto covered = database.prepare("SELECT segment, checksum FROM covered WHERE block = ?1 ORDER BY position");
    covered.bind(1, block.id);
    while (covered.step())
      block.covered.push_back({.segment = covered.integer(0), .checksum = covered.unsigned_integer(1)});
    auto parts = database.prepare(
        "SELECT id, rows, min_start_ms, max_end_ms, columns, sealed_ms, checksum, what, unit_ms, family FROM part JOIN "
        "segment ON part.segment = segment.id WHERE block = ?1 ORDER BY id");
    parts.bind(1, block.id);
    while (parts.step()) {
      block.parts.push_back({.info = {.id = parts.integer(0),
                                      .rows = static_cast<std::uint32_t>(parts.integer(1)),
                                      .min_start_ms = parts.integer(2),
                                      .max_end_ms = parts.integer(3),
                                      .columns = static_cast<std::uint32_t>(parts.integer(4)),
                                      .sealed_ms = parts.integer(5),
                                      .checksum = parts.unsigned_integer(6)},
                             .what = static_cast<SumPart>(parts.integer(7)),
                             .unit_ms = parts.integer(8),
                             .family = static_cast<SumFamily>(parts.integer(9))});
    }
  }
  std::vector<StoredBlock> sound;
  for (std::size_t b = 0; b < blocks.size(); ++b) {
    if (checksum_of(blocks[b]) == checksums[b]) sound.push_back(std::move(blocks[b]));
  }
  return sound;
}

Column read_kept_rows(Database& database, std::int64_t block, std::size_t position) {
  const auto damaged = [&](const std::string& what) {
    return std::runtime_error(database.path() + ", block " + std::to_string(block) + ": " + what);
  };
  auto statement = database.prepare("SELECT kept FROM covered WHERE block = ?1 AND position = ?2");
  statement.bind(1, block).bind(2, static_cast<std::int64_t>(position));
  if (!statement.step()) throw damaged("missing");
  const auto bytes = decompress(statement.blob(0), kMaxColumnBytes);
  if (!bytes) throw damaged(bytes.error().message);
  auto column = read_column(*bytes);
  if (!column) throw damaged(column.error().message);
  return std::move(*column);
}

SumFile::SumFile(const std::string& path) : database_(std::make_unique<Database>(path, Database::Access::kCreate)) {
  database_->keep_log_below(kLogBytes);
  if (is_sum_file(*database_)) return;
  database_.reset();
  remove_database(path);
  database_ = std::make_unique<Database>(path, Database::Access::kCreate);
  Transaction transaction(*database_, true);
  database_->execute(kSumsSchema);
  transaction.commit();
}

SumFile::~SumFile() { database_->leave_log_mode(); }

StoredBlock SumFile::write(const std::vector<SumsCover>& covered, const BuiltSums* built, std::int64_t made_ms,
                           Compressor& compressor, const std::vector<std::int64_t>& replaces) {
  Transaction transaction(*database_, true);
  StoredBlock block{.id = next_id(*database_, "SELECT max(block) FROM covered"), .covered = covered, .parts = {}};
  for (const auto id : replaces) database_->prepare("DELETE FROM block WHERE id = ?1").bind(1, id).run();
  if (built != nullptr) {
    block.min_start_ms = built->min_start_ms;
    block.max_end_ms = built->max_end_ms;
    block.sessions = built->sessions;
    for (const auto& level : built->levels) {
      for (std::size_t f = 0; f < kSumFamilyCount; ++f) {
        if (!level.families[f]) continue;
        for (const auto& segment : *level.families[f]) {
          block.parts.push_back(insert(encode_sums(*segment, made_ms, compressor),
                                       {.info = {}, .unit_ms = level.unit_ms, .family = static_cast<SumFamily>(f)},
                                       block.id));
        }
      }
    }
    ColumnScratch scratch;
    const auto add_sessions = [&](const std::vector<Session>& sessions, SumPart what) {
      for (std::size_t at = 0; at < sessions.size(); at += kSegmentRows) {
        const std::array some{
            std::span(sessions).subspan(at).first(std::min<std::size_t>(kSegmentRows, sessions.size() - at))};
        block.parts.push_back(
            insert(encode_segment(some, made_ms, compressor, scratch), {.info = {}, .what = what}, block.id));
      }
    };
    add_sessions(built->odd, SumPart::kOdd);
    add_sessions(built->crossing, SumPart::kCrossing);
  }
  for (std::size_t c = 0; c < covered.size(); ++c) {
    std::vector<std::uint8_t> bytes;
    if (built != nullptr) append_column(built->kept_rows[c], bytes);
    const auto frame = compressor.compress(bytes);
    database_->prepare("INSERT INTO covered (block, position, segment, checksum, kept) VALUES (?1, ?2, ?3, ?4, ?5)")
        .bind(1, block.id)
        .bind(2, static_cast<std::int64_t>(c))
        .bind(3, covered[c].segment)
        .bind_unsigned(4, covered[c].checksum)
        .bind(5, std::span<const std::uint8_t>(frame))
        .run();
  }
  database_
      ->prepare(
          "INSERT INTO block (id, min_start_ms, max_end_ms, sessions, made_ms, checksum) VALUES (?1, ?2, ?3, ?4, ?5, "
          "?6)")
      .bind(1, block.id)
      .bind(2, block.min_start_ms)
      .bind(3, block.max_end_ms)
      .bind_unsigned(4, block.sessions)
      .bind(5, made_ms)
      .bind_unsigned(6, checksum_of(block))
      .run();
  transaction.commit();
  database_->checkpoint();
  return block;
}

StoredPart SumFile::insert(const EncodedSegment& encoded, StoredPart part, std::int64_t block) {
  part.info = encoded.info;
  part.info.id = next_id(*database_, "SELECT max(id) FROM segment");
  std::vector<StoredColumnInfo> columns;
  for (const auto& column : encoded.columns) columns.push_back(column.info);
  part.info.checksum = segment_checksum(part.info, columns);
  insert_segment(*database_, part.info, encoded.columns);
  database_->prepare("INSERT INTO part (segment, block, what, unit_ms, family) VALUES (?1, ?2, ?3, ?4, ?5)")
      .bind(1, part.info.id)
      .bind(2, block)
      .bind(3, static_cast<std::int64_t>(part.what))
      .bind(4, part.unit_ms)
      .bind(5, static_cast<std::int64_t>(part.family))
      .run();
  return part;
}

std::vector<std::int64_t> SumFile::replaced_blocks() {
  std::vector<std::int64_t> ids;
  auto statement = database_->prepare("SELECT DISTINCT block FROM covered WHERE block NOT IN (SELECT id FROM block)");
  while (statement.step()) ids.push_back(statement.integer(0));
  return ids;
}

void SumFile::forget_blocks(const std::vector<std::int64_t>& ids) {
  {
    Transaction transaction(*database_, true);
    for (const auto id : ids) {
      database_->prepare("DELETE FROM segment_column WHERE key >> 16 IN (SELECT segment FROM part WHERE block = ?1)")
          .bind(1, id)
          .run();
      database_->prepare("DELETE FROM segment WHERE id IN (SELECT segment FROM part WHERE block = ?1)")
          .bind(1, id)
          .run();
      database_->prepare("DELETE FROM part WHERE block = ?1").bind(1, id).run();
      database_->prepare("DELETE FROM covered WHERE block = ?1").bind(1, id).run();
      database_->prepare("DELETE FROM block WHERE id = ?1").bind(1, id).run();
    }
    transaction.commit();
  }
  database_->release_free_pages();
  database_->checkpoint();
}

}  // namespace weir
