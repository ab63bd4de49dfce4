// A sealed segment: how rows become its stored columns, and how a query reads them back. SealedSegment: any thread.
#pragma once
#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "store/encoding.hpp"
#include "store/sqlite/cache.hpp"
#include "store/sqlite/day_handle.hpp"
#include "store/sqlite/stored_column.hpp"
#include "store/store.hpp"

namespace weir {

// Of an unpacked column: far above header, dictionary and values of kSegmentRows.
inline constexpr std::size_t kMaxColumnBytes = 16u << 20;

struct StoredColumnInfo {
  ColumnId id{};
  Column::Form form = Column::Form::kConstant;
  std::uint8_t width = 0;
  std::optional<ColumnRange> range;  // of numbers
};

// A row of the table `segment`.
struct SegmentInfo {
  std::int64_t id = 0;
  std::uint32_t rows = 0;
  std::int64_t min_start_ms = 0, max_end_ms = 0;
  std::uint32_t columns = 0;
  std::int64_t sealed_ms = 0;
  std::uint64_t checksum = 0;
};

struct EncodedSegment {
  struct Part {
    StoredColumnInfo info;
    std::vector<std::uint8_t> frame;
  };
  SegmentInfo info;  // id and checksum come with the insertion
  std::vector<Part> columns;
};
// `columns`: in the order of kColumns. `filters`: with an AddressFilter per column of many addresses.
EncodedSegment encode_columns_of(std::span<const Column> columns, SegmentInfo info, Compressor& compressor,
                                 bool filters);
EncodedSegment encode_segment(std::span<const std::span<const Session>> parts, std::int64_t sealed_ms,
                              Compressor& compressor, ColumnScratch& scratch);

// FNV-1a 64 over all numbers of a segment and its columns, so that no damaged number misleads a query.
std::uint64_t segment_checksum(const SegmentInfo& info, std::span<const StoredColumnInfo> columns);

// The statements of a segment's rows, in whatever day file. All throw SqliteError.
std::vector<StoredColumnInfo> read_column_list(Database& database, std::int64_t segment);
// Of the row of segment_column with this key; none: there is no such row.
std::optional<EncodedSegment::Part> read_part(Database& database, std::int64_t key);
// Under the id and the checksum that `info` has.
void insert_segment(Database& database, const SegmentInfo& info, std::span<const EncodedSegment::Part> parts);
void remove_segment(Database& database, std::int64_t id);

// The row of segment_column that holds the AddressFilter of a column. Programs that do not know it leave it aside, as
// any column of a newer version.
constexpr ColumnId filter_of(ColumnId column) {
  return static_cast<ColumnId>(0x8000 | static_cast<std::uint16_t>(column));
}
constexpr bool is_filter(ColumnId id) { return (static_cast<std::uint16_t>(id) & 0x8000) != 0; }

constexpr std::int64_t column_key(std::int64_t segment, ColumnId id) {
  return segment << 16 | static_cast<std::int64_t>(id);
}

class SealedSegment final : public Segment {
 public:
  // What its rows are: of sums that cannot be read the sessions are read instead.
  enum class Rows : std::uint8_t { kSessions, kSums };
  SealedSegment(const SegmentInfo& info, std::shared_ptr<const DayHandle> day, ColumnCache& cache,
                Rows rows = Rows::kSessions)
      : info_(info), day_(std::move(day)), cache_(cache), cache_id_(cache.new_segment()), rows_(rows) {}

  std::int64_t id() const { return info_.id; }
  std::uint64_t checksum() const { return info_.checksum; }
  std::uint32_t rows() const override { return info_.rows; }
  std::int64_t min_start_ms() const override { return info_.min_start_ms; }
  std::int64_t max_end_ms() const override { return info_.max_end_ms; }
  std::shared_ptr<const Column> column(ColumnId id) const override;
  std::optional<ColumnRange> range(ColumnId id) const override;
  bool may_have(ColumnId id, const IpAddress& address) const override;

  // Reads all filters. Throws std::runtime_error that names one that is damaged.
  void check_filters() const;

  // What a read found wrong with it; "": nothing so far. Later snapshots leave a damaged segment out.
  std::string damage() const;

 private:
  struct Directory {
    std::array<bool, kColumnCount> stored{};
    std::array<StoredColumnInfo, kColumnCount> columns;
    std::array<bool, kColumnCount> filtered{};
  };
  const Directory& directory() const;
  Column load(const StoredColumnInfo& info) const;
  // The bytes of a row of segment_column. Throws SqliteError.
  Result<std::vector<std::uint8_t>> read_bytes(ColumnId id) const;
  // Of an AddressFilter; empty when it is damaged.
  std::shared_ptr<const Column> filter(ColumnId id) const;
  [[noreturn]] void fail(const std::string& what) const;

  const SegmentInfo info_;
  const std::shared_ptr<const DayHandle> day_;
  ColumnCache& cache_;
  const std::uint64_t cache_id_;
  const Rows rows_;
  mutable std::mutex mutex_;
  mutable std::unique_ptr<const Directory> directory_;
  mutable std::string damage_;
};

}  // namespace weir
