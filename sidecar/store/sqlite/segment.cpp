// Sealing and reading of segments. A column that equals that of empty sessions is not stored at all.
#include "store/sqlite/segment.hpp"

#include <algorithm>

#include "core/log.hpp"
#include "store/address_filter.hpp"
#include "store/sqlite/number_checksum.hpp"

namespace weir {

namespace {

bool is_default(const Column& column, ColumnId id) {
  if (column.form != Column::Form::kConstant) return false;
  const auto usual = default_column(id, column.rows);
  return column.base == usual.base && column.address == usual.address;
}

}  // namespace

std::uint64_t segment_checksum(const SegmentInfo& info, std::span<const StoredColumnInfo> columns) {
  NumberChecksum sum;
  sum.add(static_cast<std::uint64_t>(info.id));
  sum.add(info.rows);
  sum.add(static_cast<std::uint64_t>(info.min_start_ms));
  sum.add(static_cast<std::uint64_t>(info.max_end_ms));
  sum.add(columns.size());
  sum.add(static_cast<std::uint64_t>(info.sealed_ms));
  for (const auto& column : columns) {
    sum.add(static_cast<std::uint64_t>(column.id));
    sum.add(static_cast<std::uint64_t>(column.form));
    sum.add(column.width);
    sum.add(column.range ? column.range->min : 0);
    sum.add(column.range ? column.range->max : 0);
  }
  return sum.hash();
}

EncodedSegment encode_columns_of(std::span<const Column> columns, SegmentInfo rows, Compressor& compressor,
                                 bool filters) {
  EncodedSegment segment{.info = rows, .columns = {}};
  std::vector<std::uint8_t> bytes;
  for (std::size_t i = 0; i < kColumnCount; ++i) {
    const auto& column = columns[i];
    const auto id = kColumns[i].id;
    if (is_default(column, id)) continue;
    bytes.clear();
    append_column(column, bytes);
    StoredColumnInfo info{.id = id, .form = column.form, .width = column.width, .range = {}};
    if (!column.is_address) info.range = ColumnRange{.min = column.min, .max = column.max};
    segment.columns.push_back({.info = info, .frame = compressor.compress(bytes)});
  }
  const auto salt =
      static_cast<std::uint64_t>(segment.info.min_start_ms) << 20 ^ static_cast<std::uint64_t>(rows.sealed_ms);
  for (std::size_t i = 0; i < kColumnCount; ++i) {
    if (!filters || columns[i].addresses.size() < AddressFilter::kFewestAddresses) continue;
    segment.columns.push_back(
        {.info = {.id = filter_of(kColumns[i].id), .form = Column::Form::kConstant, .width = 0, .range = {}},
         .frame = compressor.compress(AddressFilter::build(columns[i].addresses, salt))});
  }
  segment.info.columns = static_cast<std::uint32_t>(segment.columns.size());
  return segment;
}

EncodedSegment encode_segment(std::span<const std::span<const Session>> parts, std::int64_t sealed_ms,
                              Compressor& compressor, ColumnScratch& scratch) {
  SegmentInfo info{.min_start_ms = std::numeric_limits<std::int64_t>::max(),
                   .max_end_ms = std::numeric_limits<std::int64_t>::min(),
                   .sealed_ms = sealed_ms};
  for (const auto part : parts) {
    info.rows += static_cast<std::uint32_t>(part.size());
    for (const auto& row : part) {
      info.min_start_ms = std::min(info.min_start_ms, row.start_ms);
      info.max_end_ms = std::max(info.max_end_ms, row.end_ms);
    }
  }
  return encode_columns_of(encode_columns(parts, scratch), info, compressor, true);
}

std::vector<StoredColumnInfo> read_column_list(Database& database, std::int64_t segment) {
  std::vector<StoredColumnInfo> columns;
  auto statement = database.prepare(
      "SELECT key & 65535, form, width, min, max FROM segment_column WHERE key BETWEEN ?1 AND ?2 ORDER BY key");
  statement.bind(1, segment << 16).bind(2, segment << 16 | 0xffff);
  while (statement.step()) {
    StoredColumnInfo info{.id = static_cast<ColumnId>(statement.integer(0)),
                          .form = static_cast<Column::Form>(statement.integer(1)),
                          .width = static_cast<std::uint8_t>(statement.integer(2)),
                          .range = {}};
    if (!statement.is_null(3))
      info.range = ColumnRange{.min = statement.unsigned_integer(3), .max = statement.unsigned_integer(4)};
    columns.push_back(info);
  }
  return columns;
}

std::optional<EncodedSegment::Part> read_part(Database& database, std::int64_t key) {
  auto statement = database.prepare("SELECT form, width, min, max, data FROM segment_column WHERE key = ?1");
  statement.bind(1, key);
  if (!statement.step()) return std::nullopt;
  EncodedSegment::Part part{.info = {.id = static_cast<ColumnId>(key & 0xffff),
                                     .form = static_cast<Column::Form>(statement.integer(0)),
                                     .width = static_cast<std::uint8_t>(statement.integer(1)),
                                     .range = {}},
                            .frame = {}};
  if (!statement.is_null(2))
    part.info.range = ColumnRange{.min = statement.unsigned_integer(2), .max = statement.unsigned_integer(3)};
  const auto frame = statement.blob(4);
  part.frame.assign(frame.begin(), frame.end());
  return part;
}

void insert_segment(Database& database, const SegmentInfo& info, std::span<const EncodedSegment::Part> parts) {
  database
      .prepare(
          "INSERT INTO segment (id, rows, min_start_ms, max_end_ms, columns, sealed_ms, checksum) VALUES (?1, ?2, ?3, "
          "?4, ?5, ?6, ?7)")
      .bind(1, info.id)
      .bind(2, info.rows)
      .bind(3, info.min_start_ms)
      .bind(4, info.max_end_ms)
      .bind(5, info.columns)
      .bind(6, info.sealed_ms)
      .bind_unsigned(7, info.checksum)
      .run();
  for (const auto& column : parts) {
    auto statement = database.prepare(
        "INSERT INTO segment_column (key, form, width, min, max, data) VALUES (?1, ?2, ?3, ?4, ?5, ?6)");
    statement.bind(1, column_key(info.id, column.info.id))
        .bind(2, static_cast<std::int64_t>(column.info.form))
        .bind(3, column.info.width);
    if (column.info.range) {
      statement.bind_unsigned(4, column.info.range->min).bind_unsigned(5, column.info.range->max);
    } else {
      statement.bind_null(4).bind_null(5);
    }
    statement.bind(6, std::span<const std::uint8_t>(column.frame)).run();
  }
}

void remove_segment(Database& database, std::int64_t id) {
  database.prepare("DELETE FROM segment WHERE id = ?1").bind(1, id).run();
  database.prepare("DELETE FROM segment_column WHERE key BETWEEN ?1 AND ?2")
      .bind(1, id << 16)
      .bind(2, id << 16 | 0xffff)
      .run();
}

std::shared_ptr<const Column> SealedSegment::column(ColumnId id) const {
  const auto& known = directory();
  const auto index = column_index(id);
  if (!known.stored[index]) return std::make_shared<const Column>(default_column(id, info_.rows));
  const auto number = static_cast<std::uint16_t>(id);
  if (auto cached = cache_.find(cache_id_, number)) return cached;
  auto loaded = std::make_shared<const Column>(load(known.columns[index]));
  cache_.add(cache_id_, number, loaded);
  return loaded;
}

std::optional<ColumnRange> SealedSegment::range(ColumnId id) const {
  const auto& known = directory();
  const auto index = column_index(id);
  if (known.stored[index]) return known.columns[index].range;
  const auto usual = default_column(id, info_.rows);
  if (usual.is_address) return std::nullopt;
  return ColumnRange{.min = usual.base, .max = usual.base};
}

bool SealedSegment::may_have(ColumnId id, const IpAddress& address) const {
  const auto& known = directory();
  const auto index = column_index(id);
  if (!known.stored[index]) return address.is_unset();
  if (!known.filtered[index]) return true;
  return AddressFilter::may_have(filter(filter_of(id))->raw, address);
}

std::shared_ptr<const Column> SealedSegment::filter(ColumnId id) const {
  const auto number = static_cast<std::uint16_t>(id);
  if (auto cached = cache_.find(cache_id_, number)) return cached;
  Column held{.address = {}, .raw = {}, .values = {}, .addresses = {}};
  // A filter that is damaged rules nothing out; the column itself will be read, and tells.
  if (auto bytes = read_bytes(id)) held.raw = std::move(*bytes);
  auto loaded = std::make_shared<const Column>(std::move(held));
  cache_.add(cache_id_, number, loaded);
  return loaded;
}

void SealedSegment::check_filters() const {
  const auto& known = directory();
  for (std::size_t i = 0; i < kColumnCount; ++i) {
    if (!known.filtered[i]) continue;
    if (const auto bytes = read_bytes(filter_of(kColumns[i].id)); !bytes) {
      throw std::runtime_error(day_->path() + ", segment " + std::to_string(info_.id) + ": the filter of column " +
                               std::string(kColumns[i].name) + " is " + bytes.error().message +
                               "; queries read the column instead");
    }
  }
}

std::string SealedSegment::damage() const {
  const std::lock_guard lock(mutex_);
  return damage_;
}

const SealedSegment::Directory& SealedSegment::directory() const {
  const std::lock_guard lock(mutex_);
  if (directory_) return *directory_;
  auto lease = day_->lease();
  auto read = std::make_unique<Directory>();
  std::vector<StoredColumnInfo> columns;
  try {
    columns = read_column_list(*lease, info_.id);
  } catch (const SqliteError& e) {
    lease.discard();
    if (e.is_damage()) damage_ = e.what();
    throw;
  }
  if (columns.size() != info_.columns || segment_checksum(info_, columns) != info_.checksum) {
    damage_ = day_->path() + ", segment " + std::to_string(info_.id) + ": the list of its columns is damaged";
    log_of("store")->error("{}", damage_);
    throw std::runtime_error(damage_);
  }
  for (const auto& info : columns) {
    // A column of a newer version is not asked for here.
    const auto known = std::find_if(kColumns.begin(), kColumns.end(),
                                    [&](const auto& c) { return c.id == info.id || filter_of(c.id) == info.id; });
    if (known == kColumns.end()) continue;
    const auto index = static_cast<std::size_t>(known - kColumns.begin());
    if (is_filter(info.id)) {
      read->filtered[index] = true;
      continue;
    }
    read->stored[index] = true;
    read->columns[index] = info;
  }
  directory_ = std::move(read);
  return *directory_;
}

Result<std::vector<std::uint8_t>> SealedSegment::read_bytes(ColumnId id) const {
  auto lease = day_->lease();
  try {
    auto statement = lease->prepare("SELECT data FROM segment_column WHERE key = ?1");
    statement.bind(1, column_key(info_.id, id));
    if (statement.step()) return decompress(statement.blob(0), kMaxColumnBytes);
  } catch (const SqliteError& e) {
    lease.discard();
    if (e.is_damage()) return error(std::string("unreadable: ") + e.what());
    throw;
  }
  return error("missing");
}

Column SealedSegment::load(const StoredColumnInfo& info) const {
  const auto named = [&](const std::string& what) {
    return "column " + std::string(kColumns[column_index(info.id)].name) + " is " + what;
  };
  const auto bytes = read_bytes(info.id);
  if (!bytes) fail(named(bytes.error().message));
  auto column = read_column(*bytes);
  if (!column) fail(named(column.error().message));
  const bool wants_address = kColumns[column_index(info.id)].type == ColumnType::kAddress;
  if (column->rows != info_.rows || column->form != info.form || column->width != info.width ||
      column->is_address != wants_address) {
    fail(named("not what the segment's list says"));
  }
  return std::move(*column);
}

void SealedSegment::fail(const std::string& what) const {
  const std::lock_guard lock(mutex_);
  const bool first = damage_.empty();
  damage_ =
      day_->path() + ", segment " + std::to_string(info_.id) + ": " + what + "; " +
      (rows_ == Rows::kSums
           ? "these sums are made again, and sessions are read instead"
           : "its " + std::to_string(info_.rows) +
                 " sessions are left out from now on (put back a copy of the file while the collector is stopped, "
                 "or delete it)");
  if (first) log_of("store")->error("{}", damage_);
  throw std::runtime_error(damage_);
}

}  // namespace weir
