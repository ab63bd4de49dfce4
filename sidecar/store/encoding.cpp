// The transposition works on tiles of rows that fit the second-level cache; columns that do not vary are found first,
// by or-ing the differences to the first row over whole rows, and cost nothing more.
#include "store/encoding.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <optional>
#include <type_traits>
#include <utility>

#include "flow/column_access.hpp"

namespace weir {

namespace {

constexpr std::size_t kTileRows = 256;

using Parts = std::span<const std::span<const Session>>;

std::uint8_t width_of(std::uint64_t largest) {
  if (largest <= 0xff) return 1;
  if (largest <= 0xffff) return 2;
  return largest <= 0xffff'ffff ? 4 : 8;
}

template <class Raw, class F>
void pack_as(Column& column, std::size_t rows, F value_of) {
  column.raw.resize(rows * sizeof(Raw));
  for (std::size_t i = 0; i < rows; ++i) {
    const auto raw = static_cast<Raw>(value_of(i));
    std::memcpy(column.raw.data() + i * sizeof(Raw), &raw, sizeof(Raw));
  }
}

template <class F>
void pack(Column& column, std::size_t rows, F value_of) {
  switch (column.width) {
    case 1: return pack_as<std::uint8_t>(column, rows, value_of);
    case 2: return pack_as<std::uint16_t>(column, rows, value_of);
    case 4: return pack_as<std::uint32_t>(column, rows, value_of);
    default: return pack_as<std::uint64_t>(column, rows, value_of);
  }
}

std::uint64_t slot_hash(std::uint64_t v) { return hash_mix(v, 0); }
std::uint64_t slot_hash(const IpAddress& a) { return hash_of(a); }

// By the upper 32 bits; words that agree in them stay in order. Radix sort from the least digit, where it pays.
void sort_by_high_half(std::vector<std::uint64_t>& words) {
  constexpr unsigned kDigit = 11;
  constexpr std::size_t kBuckets = 1 << kDigit;
  if (words.size() < kBuckets) {
    std::stable_sort(words.begin(), words.end(), [](auto a, auto b) { return a >> 32 < b >> 32; });
    return;
  }
  std::vector<std::uint64_t> moved(words.size());
  for (unsigned shift = 32; shift < 64; shift += kDigit) {
    std::array<std::uint32_t, kBuckets> at{};
    for (const auto word : words) ++at[word >> shift & (kBuckets - 1)];
    std::uint32_t sum = 0;
    for (auto& count : at) sum += std::exchange(count, sum);
    for (const auto word : words) moved[at[word >> shift & (kBuckets - 1)]++] = word;
    words.swap(moved);
  }
}

// The distinct values in order of appearance, and each row's position among them.
template <class T>
class Distinct {
  static constexpr bool kIsAddress = std::is_same_v<T, IpAddress>;

 public:
  // False when there are more than `limit`.
  bool gather(std::span<const T> rows, std::size_t limit) {
    limit_ = limit;
    resize_slots(std::min<std::size_t>(1024, std::bit_ceil(2 * limit + 2)));
    codes_.resize(rows.size());
    std::uint32_t last = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (i == 0 || !(values_[last] == rows[i])) {
        const auto code = code_of(rows[i]);
        if (!code) return false;
        last = *code;
      }
      codes_[i] = last;
    }
    return true;
  }

  // Sorts the values; codes_ then still speak of the order of appearance: map them by the table returned.
  std::vector<std::uint32_t> sort() {
    std::vector<std::pair<T, std::uint32_t>> order;
    std::vector<std::uint64_t> v4;  // address and position in one word: most addresses, and the faster to sort
    if constexpr (kIsAddress) v4.reserve(values_.size());
    else order.reserve(values_.size());
    for (std::uint32_t i = 0; i < values_.size(); ++i) {
      if constexpr (kIsAddress) {
        if (values_[i].is_v4()) {
          v4.push_back(std::uint64_t{values_[i].v4()} << 32 | i);
          continue;
        }
      }
      order.emplace_back(values_[i], i);
    }
    std::sort(order.begin(), order.end());
    sort_by_high_half(v4);

    std::vector<std::uint32_t> rank(values_.size());
    std::uint32_t at = 0;
    const auto put = [&](const T& value, std::uint32_t position) {
      values_[at] = value;
      rank[position] = at++;
    };
    auto next = order.begin();
    if constexpr (kIsAddress) {
      for (; next != order.end() && next->first < IpAddress::from_v4(0); ++next) put(next->first, next->second);
      for (const auto word : v4)
        put(IpAddress::from_v4(static_cast<std::uint32_t>(word >> 32)), static_cast<std::uint32_t>(word));
    }
    for (; next != order.end(); ++next) put(next->first, next->second);
    return rank;
  }

  std::vector<T> take_values() { return {values_.begin(), values_.end()}; }
  const std::vector<std::uint32_t>& codes() const { return codes_; }
  std::size_t size() const { return values_.size(); }

 private:
  std::optional<std::uint32_t> code_of(const T& value) {
    for (std::size_t slot = slot_hash(value) & (slots_.size() - 1);; slot = (slot + 1) & (slots_.size() - 1)) {
      if (slots_[slot] == 0) {
        if (values_.size() == limit_) return std::nullopt;
        values_.push_back(value);
        slots_[slot] = static_cast<std::uint32_t>(values_.size());
        if (values_.size() * 2 > slots_.size()) resize_slots(slots_.size() * 4);
        return static_cast<std::uint32_t>(values_.size() - 1);
      }
      if (values_[slots_[slot] - 1] == value) return slots_[slot] - 1;
    }
  }
  void resize_slots(std::size_t count) {
    slots_.assign(count, 0);
    for (std::uint32_t i = 0; i < values_.size(); ++i) {
      std::size_t slot = slot_hash(values_[i]) & (count - 1);
      while (slots_[slot] != 0) slot = (slot + 1) & (count - 1);
      slots_[slot] = i + 1;
    }
  }

  std::size_t limit_ = 0;
  std::vector<T> values_;
  std::vector<std::uint32_t> slots_;  // position in values_ plus one; 0: free
  std::vector<std::uint32_t> codes_;
};

// How many distinct numbers a dictionary may have to take at most three quarters of the packed form's bytes.
std::size_t dictionary_limit(std::size_t rows, std::uint8_t width) {
  if (width == 1) return 0;
  const auto fits = [&](std::size_t code_width) {
    const std::size_t budget = rows * width * 3 / 4, codes = rows * code_width;
    return codes < budget ? (budget - codes) / sizeof(std::uint64_t) : 0;
  };
  const auto two = std::min<std::size_t>(fits(2), 0x10000);
  const auto one = std::min<std::size_t>(fits(1), 0x100);
  return std::max(one, two);
}

Column numbers_between(std::span<const std::uint64_t> values, std::uint64_t min, std::uint64_t max) {
  Column column{.rows = static_cast<std::uint32_t>(values.size()), .base = min, .min = min, .max = max};
  if (min == max) return column;
  column.width = width_of(max - min);
  if (const auto limit = dictionary_limit(values.size(), column.width); limit > 1) {
    if (Distinct<std::uint64_t> distinct; distinct.gather(values, limit)) {
      const auto rank = distinct.sort();
      const auto& codes = distinct.codes();
      column.form = Column::Form::kDictionary;
      column.base = 0;
      column.width = width_of(distinct.size() - 1);
      column.values = distinct.take_values();
      pack(column, values.size(), [&](std::size_t i) { return rank[codes[i]]; });
      return column;
    }
  }
  column.form = Column::Form::kPacked;
  pack(column, values.size(), [&](std::size_t i) { return values[i] - min; });
  return column;
}

template <class F>
void for_each_tile(Parts parts, F f) {
  for (const auto part : parts) {
    for (std::size_t at = 0; at < part.size(); at += kTileRows)
      f(part.subspan(at, std::min(kTileRows, part.size() - at)));
  }
}

std::size_t rows_of(Parts parts) {
  std::size_t rows = 0;
  for (const auto part : parts) rows += part.size();
  return rows;
}

// One function per column that reads it from consecutive rows, from the generated load_columns.
template <class T, std::size_t kIndex>
void read_column(std::span<const Session> rows, T* out) {
  for (const auto& row : rows) {
    load_columns(row, [&](ColumnId id, const auto& value) {
      if constexpr (std::is_same_v<std::decay_t<decltype(value)>, T>) {
        if (id == kColumns[kIndex].id) *out = value;
      }
    });
    ++out;
  }
}
template <class T, std::size_t... kIndex>
constexpr auto make_readers(std::index_sequence<kIndex...>) {
  return std::array<void (*)(std::span<const Session>, T*), sizeof...(kIndex)>{&read_column<T, kIndex>...};
}
constexpr auto kNumberReaders = make_readers<std::uint64_t>(std::make_index_sequence<kColumnCount>{});
constexpr auto kAddressReaders = make_readers<IpAddress>(std::make_index_sequence<kColumnCount>{});

// True for columns that may vary. A member whose bytes equal the first row's in every row leaves zero bytes in the
// or of the differences, and that is read like any session. The duration is not a member: it is always looked at.
std::array<bool, kColumnCount> varying_columns(Parts parts) {
  static_assert(std::is_trivially_copyable_v<Session> && sizeof(Session) % sizeof(std::uint64_t) == 0);
  using Words = std::array<std::uint64_t, sizeof(Session) / sizeof(std::uint64_t)>;
  Words first{}, difference{};
  bool any = false;
  for (const auto part : parts) {
    for (const auto& row : part) {
      Words words;
      std::memcpy(words.data(), &row, sizeof words);
      if (!any) first = words;
      any = true;
      for (std::size_t i = 0; i < words.size(); ++i) difference[i] |= words[i] ^ first[i];
    }
  }
  Session seen;
  std::memcpy(static_cast<void*>(&seen), difference.data(), sizeof seen);
  std::array<bool, kColumnCount> varies{};
  load_columns(seen, [&](ColumnId id, const auto& value) {
    varies[column_index(id)] = !(value == std::decay_t<decltype(value)>{}) || id == ColumnId::kDuration;
  });
  return varies;
}

Column constant_column(std::size_t index, const Session& row, std::size_t rows) {
  Column column{.rows = static_cast<std::uint32_t>(rows)};
  if (kColumns[index].type == ColumnType::kAddress) {
    column.is_address = true;
    kAddressReaders[index](std::span(&row, 1), &column.address);
  } else {
    kNumberReaders[index](std::span(&row, 1), &column.base);
    column.min = column.max = column.base;
  }
  return column;
}

}  // namespace

Column encode_numbers(std::span<const std::uint64_t> values) {
  if (values.empty()) return {};
  const auto [min, max] = std::minmax_element(values.begin(), values.end());
  return numbers_between(values, *min, *max);
}

Column encode_addresses(std::span<const IpAddress> values) {
  Column column{.is_address = true, .rows = static_cast<std::uint32_t>(values.size())};
  if (values.empty()) return column;
  Distinct<IpAddress> distinct;
  distinct.gather(values, values.size());
  if (distinct.size() == 1) {
    column.address = values[0];
    return column;
  }
  const auto rank = distinct.sort();
  const auto& codes = distinct.codes();
  column.form = Column::Form::kDictionary;
  column.width = width_of(distinct.size() - 1);
  column.addresses = distinct.take_values();
  pack(column, values.size(), [&](std::size_t i) { return rank[codes[i]]; });
  return column;
}

Column default_column(ColumnId id, std::uint32_t rows) { return constant_column(column_index(id), Session{}, rows); }

std::vector<Column> encode_columns(std::span<const std::span<const Session>> parts, ColumnScratch& scratch) {
  const auto rows = rows_of(parts);
  std::vector<Column> columns;
  columns.reserve(kColumnCount);
  if (rows == 0) {
    for (const auto& info : kColumns) columns.push_back(default_column(info.id, 0));
    return columns;
  }
  const Session& first = std::find_if(parts.begin(), parts.end(), [](const auto& p) { return !p.empty(); })->front();
  const auto varies = varying_columns(parts);

  const auto is_address = [](std::size_t c) { return kColumns[c].type == ColumnType::kAddress; };
  const auto make_room = [&](auto& values) {
    if (values.size() < rows) values.resize(rows);
  };
  for (std::size_t c = 0; c < kColumnCount; ++c) {
    if (!varies[c]) continue;
    if (is_address(c)) {
      make_room(scratch.addresses[c]);
    } else {
      make_room(scratch.numbers[c]);
    }
  }
  std::size_t at = 0;
  for_each_tile(parts, [&](std::span<const Session> tile) {
    for (std::size_t c = 0; c < kColumnCount; ++c) {
      if (!varies[c]) continue;
      if (is_address(c)) {
        kAddressReaders[c](tile, scratch.addresses[c].data() + at);
      } else {
        kNumberReaders[c](tile, scratch.numbers[c].data() + at);
      }
    }
    at += tile.size();
  });
  for (std::size_t c = 0; c < kColumnCount; ++c) {
    if (!varies[c]) {
      columns.push_back(constant_column(c, first, rows));
    } else if (is_address(c)) {
      columns.push_back(encode_addresses(std::span(scratch.addresses[c]).first(rows)));
    } else {
      columns.push_back(encode_numbers(std::span(scratch.numbers[c]).first(rows)));
    }
  }
  return columns;
}

std::vector<Column> encode_columns(std::span<const Session> rows) {
  ColumnScratch scratch;
  return encode_columns(std::span(&rows, 1), scratch);
}

Column encode_column(ColumnId id, std::span<const Session> rows) {
  const auto index = column_index(id);
  if (rows.empty()) return default_column(id, 0);
  if (kColumns[index].type == ColumnType::kAddress) {
    std::vector<IpAddress> values(rows.size());
    kAddressReaders[index](rows, values.data());
    return encode_addresses(values);
  }
  std::vector<std::uint64_t> values(rows.size());
  kNumberReaders[index](rows, values.data());
  return encode_numbers(values);
}

std::vector<Session> decode_rows(std::uint32_t rows, const std::function<const Column&(ColumnId)>& column) {
  std::array<const Column*, kColumnCount> columns;
  for (std::size_t c = 0; c < kColumnCount; ++c) columns[c] = &column(kColumns[c].id);
  std::vector<Session> sessions(rows);
  for (std::uint32_t row = 0; row < rows; ++row) {
    store_columns(
        sessions[row], [&](ColumnId id) { return columns[column_index(id)]->number_at(row); },
        [&](ColumnId id) { return columns[column_index(id)]->address_at(row); });
  }
  return sessions;
}

}  // namespace weir
