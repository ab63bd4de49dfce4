// Layout, little-endian: form u8, width u8, kind u8, zero u8, rows u32, dictionary entries u32, zero u32, base u64,
// min u64, max u64, address 16 bytes; dictionary; values.
#include "store/sqlite/stored_column.hpp"

#include <zstd.h>

#include <algorithm>
#include <bit>
#include <memory>

namespace weir {

static_assert(std::endian::native == std::endian::little, "columns are kept in little-endian order");

namespace {

constexpr std::size_t kHeaderBytes = 56;
// What the column and its dictionary hold. Stored: numbers never change meaning.
enum class Kind : std::uint8_t {
  kNumber = 0,
  kAddress = 1,
  kAddressV4 = 2
};                                     // kAddressV4: dictionary of 4-byte entries
constexpr std::size_t kV4Offset = 12;  // of the IPv4 part in an IpAddress

template <class T>
void put(std::vector<std::uint8_t>& out, T value) {
  const auto at = out.size();
  out.resize(at + sizeof value);
  std::memcpy(out.data() + at, &value, sizeof value);
}

template <class T>
T get(std::span<const std::uint8_t> bytes, std::size_t at) {
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

// All first bytes of the entries, then all second bytes, and so on.
template <std::size_t kWidth>
void split_bytes(const std::uint8_t* in, std::size_t stride, std::size_t count, std::uint8_t* out) {
  for (std::size_t byte = 0; byte < kWidth; ++byte) {
    for (std::size_t i = 0; i < count; ++i) out[byte * count + i] = in[i * stride + byte];
  }
}
template <std::size_t kWidth>
void join_bytes(const std::uint8_t* in, std::size_t stride, std::size_t count, std::uint8_t* out) {
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t byte = 0; byte < kWidth; ++byte) out[i * stride + byte] = in[byte * count + i];
  }
}

void append_split(const void* in, std::size_t width, std::size_t stride, std::size_t count,
                  std::vector<std::uint8_t>& out) {
  const auto at = out.size();
  out.resize(at + width * count);
  const auto* from = static_cast<const std::uint8_t*>(in);
  auto* to = out.data() + at;
  switch (width) {
    case 1: return split_bytes<1>(from, stride, count, to);
    case 2: return split_bytes<2>(from, stride, count, to);
    case 4: return split_bytes<4>(from, stride, count, to);
    case 8: return split_bytes<8>(from, stride, count, to);
    default: return split_bytes<16>(from, stride, count, to);
  }
}
void join(const std::uint8_t* in, std::size_t width, std::size_t stride, std::size_t count, void* out) {
  auto* to = static_cast<std::uint8_t*>(out);
  switch (width) {
    case 1: return join_bytes<1>(in, stride, count, to);
    case 2: return join_bytes<2>(in, stride, count, to);
    case 4: return join_bytes<4>(in, stride, count, to);
    case 8: return join_bytes<8>(in, stride, count, to);
    default: return join_bytes<16>(in, stride, count, to);
  }
}

template <class Raw>
bool codes_below(const Column& column, std::uint64_t limit) {
  Raw largest = 0;
  for (std::uint32_t row = 0; row < column.rows; ++row) {
    Raw code;
    std::memcpy(&code, column.raw.data() + std::size_t{row} * sizeof code, sizeof code);
    largest = std::max(largest, code);
  }
  return largest < limit;
}
bool codes_fit(const Column& column, std::uint64_t entries) {
  if (column.rows == 0) return true;
  switch (column.width) {
    case 1: return codes_below<std::uint8_t>(column, entries);
    case 2: return codes_below<std::uint16_t>(column, entries);
    case 4: return codes_below<std::uint32_t>(column, entries);
    default: return codes_below<std::uint64_t>(column, entries);
  }
}

}  // namespace

void append_column(const Column& column, std::vector<std::uint8_t>& out) {
  const bool all_v4 =
      std::all_of(column.addresses.begin(), column.addresses.end(), [](const auto& a) { return a.is_v4(); });
  const Kind kind = !column.is_address ? Kind::kNumber : all_v4 ? Kind::kAddressV4 : Kind::kAddress;
  const auto entries = column.is_address ? column.addresses.size() : column.values.size();
  out.reserve(out.size() + kHeaderBytes + entries * 16 + column.raw.size());
  put(out, static_cast<std::uint8_t>(column.form));
  put(out, column.width);
  put(out, static_cast<std::uint8_t>(kind));
  put(out, std::uint8_t{0});
  put(out, column.rows);
  put(out, static_cast<std::uint32_t>(entries));
  put(out, std::uint32_t{0});
  put(out, column.base);
  put(out, column.min);
  put(out, column.max);
  out.insert(out.end(), column.address.bytes.begin(), column.address.bytes.end());
  switch (kind) {
    case Kind::kNumber: append_split(column.values.data(), 8, 8, entries, out); break;
    case Kind::kAddress: append_split(column.addresses.data(), 16, 16, entries, out); break;
    case Kind::kAddressV4:
      append_split(reinterpret_cast<const std::uint8_t*>(column.addresses.data()) + (entries ? kV4Offset : 0), 4, 16,
                   entries, out);
      break;
  }
  if (column.width != 0) append_split(column.raw.data(), column.width, column.width, column.rows, out);
}

Result<Column> read_column(std::span<const std::uint8_t> bytes) {
  if (bytes.size() < kHeaderBytes) return error("shorter than its header");
  const auto form = get<std::uint8_t>(bytes, 0), width = get<std::uint8_t>(bytes, 1),
             kind = get<std::uint8_t>(bytes, 2);
  const auto rows = get<std::uint32_t>(bytes, 4);
  const std::uint64_t entries = get<std::uint32_t>(bytes, 8);
  if (form > 2 || kind > 2) return error("of a form that this version does not know");
  const bool constant = form == static_cast<std::uint8_t>(Column::Form::kConstant);
  if (constant ? width != 0 : width != 1 && width != 2 && width != 4 && width != 8)
    return error("of an impossible width");
  const std::size_t entry_bytes = kind == 0 ? 8 : kind == 1 ? 16 : 4;
  if (bytes.size() != kHeaderBytes + entries * entry_bytes + std::uint64_t{rows} * width)
    return error("not as long as its header says");

  Column column{.form = static_cast<Column::Form>(form),
                .width = width,
                .is_address = kind != 0,
                .rows = rows,
                .base = get<std::uint64_t>(bytes, 16),
                .min = get<std::uint64_t>(bytes, 24),
                .max = get<std::uint64_t>(bytes, 32)};
  std::memcpy(column.address.bytes.data(), bytes.data() + 40, 16);
  const auto* dictionary = bytes.data() + kHeaderBytes;
  switch (static_cast<Kind>(kind)) {
    case Kind::kNumber:
      column.values.resize(entries);
      join(dictionary, 8, 8, entries, column.values.data());
      break;
    case Kind::kAddress:
      column.addresses.resize(entries);
      join(dictionary, 16, 16, entries, column.addresses.data());
      break;
    case Kind::kAddressV4:
      column.addresses.assign(entries, IpAddress::from_v4(0));
      if (entries) join(dictionary, 4, 16, entries, column.addresses.data()->bytes.data() + kV4Offset);
      break;
  }
  column.raw.resize(std::size_t{rows} * width);
  if (width != 0) join(dictionary + entries * entry_bytes, width, width, rows, column.raw.data());
  const bool has_dictionary = column.form == Column::Form::kDictionary;
  if (has_dictionary != (entries != 0) && rows != 0) return error("with a dictionary that does not belong to its form");
  if (has_dictionary && !codes_fit(column, entries)) return error("with codes outside of its dictionary");
  if (column.form == Column::Form::kPacked && column.is_address)
    return error("of packed addresses, which do not exist");
  return column;
}

Compressor::Compressor(int level) : context_(ZSTD_createCCtx()) {
  ZSTD_CCtx_setParameter(context_, ZSTD_c_compressionLevel, level);
  ZSTD_CCtx_setParameter(context_, ZSTD_c_checksumFlag, 1);
}
Compressor::~Compressor() { ZSTD_freeCCtx(context_); }

std::vector<std::uint8_t> Compressor::compress(std::span<const std::uint8_t> bytes) {
  if (const auto most = ZSTD_compressBound(bytes.size()); room_.size() < most) room_.resize(most);
  const auto size = ZSTD_compress2(context_, room_.data(), room_.size(), bytes.data(), bytes.size());
  if (ZSTD_isError(size)) throw std::runtime_error(std::string("zstd: ") + ZSTD_getErrorName(size));
  return {room_.begin(), room_.begin() + static_cast<std::ptrdiff_t>(size)};
}

Result<std::vector<std::uint8_t>> decompress(std::span<const std::uint8_t> frame, std::size_t max_bytes) {
  const auto size = ZSTD_getFrameContentSize(frame.data(), frame.size());
  if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN || size > max_bytes)
    return error("damaged: not a zstd frame of a possible size");
  const std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context(ZSTD_createDCtx(), &ZSTD_freeDCtx);
  std::vector<std::uint8_t> bytes(size);
  const auto got = ZSTD_decompressDCtx(context.get(), bytes.data(), bytes.size(), frame.data(), frame.size());
  if (ZSTD_isError(got)) return error(std::string("damaged: ") + ZSTD_getErrorName(got));
  if (got != size) return error("damaged: shorter than it says");
  return bytes;
}

}  // namespace weir
