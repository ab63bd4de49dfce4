// Dictionaries are mapped entry by entry; the rows' entries then follow by table.
#include "query/mapped_column.hpp"

#include <algorithm>

#include "query/column_block.hpp"
#include "query/key_table.hpp"

namespace weir {

namespace {

constexpr std::uint64_t kMaxTable = 1 << 16;

// The rows of a dictionary column of `size` entries: row i has the one at positions[number_of(i)].
template <class NumberOf>
void fill_rows(Column& column, std::uint32_t rows, std::size_t size, const std::vector<std::uint32_t>& positions,
               NumberOf&& number_of) {
  column.form = Column::Form::kDictionary;
  column.rows = rows;
  const auto fill = [&]<class Raw>(Raw) {
    const std::vector<Raw> table(positions.begin(), positions.end());  // narrow: it stays in the cache
    column.width = sizeof(Raw);
    column.raw.resize(std::size_t{rows} * sizeof(Raw));
    auto* raw = reinterpret_cast<Raw*>(column.raw.data());
    for (std::uint32_t row = 0; row < rows; ++row) raw[row] = table[number_of(row)];
  };
  if (size <= 1 << 8) fill(std::uint8_t{});
  else if (size <= 1 << 16) fill(std::uint16_t{});
  else fill(std::uint32_t{});
}

Column constant_column(std::uint32_t rows, std::uint64_t value) {
  return {
      .rows = rows, .base = value, .address = {}, .min = value, .max = value, .raw = {}, .values = {}, .addresses = {}};
}

// Sorted and distinct; positions[i] = where values[i] stands.
template <class T>
std::vector<T> distinct(const std::vector<T>& values, std::vector<std::uint32_t>& positions) {
  auto sorted = values;
  std::sort(sorted.begin(), sorted.end());
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  positions.reserve(values.size());
  for (const auto& value : values)
    positions.push_back(
        static_cast<std::uint32_t>(std::lower_bound(sorted.begin(), sorted.end(), value) - sorted.begin()));
  return sorted;
}

// The same for small numbers, as most codes are: each has a place of its own, and no sorting is needed.
std::vector<std::uint64_t> distinct(const std::vector<std::uint64_t>& values, std::vector<std::uint32_t>& positions) {
  const auto largest = values.empty() ? 0 : *std::max_element(values.begin(), values.end());
  if (largest >= kMaxTable) return distinct<std::uint64_t>(values, positions);
  std::vector<std::uint32_t> place(largest + 1);
  for (const auto value : values) place[value] = 1;
  std::vector<std::uint64_t> sorted;
  for (std::uint64_t value = 0; value <= largest; ++value) {
    if (place[value] == 0) continue;
    place[value] = static_cast<std::uint32_t>(sorted.size());
    sorted.push_back(value);
  }
  positions.reserve(values.size());
  for (const auto value : values) positions.push_back(place[value]);
  return sorted;
}

// number_of(row): the position among `values`.
template <class NumberOf>
Column dictionary_of(const std::vector<std::uint64_t>& values, std::uint32_t rows, NumberOf&& number_of) {
  std::vector<std::uint32_t> positions;
  auto sorted = distinct(values, positions);
  if (sorted.size() <= 1) return constant_column(rows, sorted.empty() ? 0 : sorted.front());
  Column column{.address = {},
                .min = sorted.front(),
                .max = sorted.back(),
                .raw = {},
                .values = std::move(sorted),
                .addresses = {}};
  fill_rows(column, rows, column.values.size(), positions, number_of);
  return column;
}

template <class NumberOf>
void with_entries(const Column& column, NumberOf&& use) {
  with_raw(column,
           [&](const auto* raw) { use([raw](std::uint32_t row) { return static_cast<std::size_t>(raw[row]); }); });
}

}  // namespace

Column column_of_numbers(const std::vector<std::uint64_t>& values, const std::vector<std::uint32_t>& numbers) {
  return dictionary_of(values, static_cast<std::uint32_t>(numbers.size()),
                       [&](std::uint32_t row) { return numbers[row]; });
}

Column map_addresses(const Column& addresses, const std::function<std::uint64_t(const IpAddress&)>& code_of) {
  if (addresses.form == Column::Form::kConstant) return constant_column(addresses.rows, code_of(addresses.address));
  std::vector<std::uint64_t> codes;
  codes.reserve(addresses.addresses.size());
  for (const auto& address : addresses.addresses) codes.push_back(code_of(address));
  Column mapped;
  with_entries(addresses, [&](auto&& entry) { mapped = dictionary_of(codes, addresses.rows, entry); });
  return mapped;
}

Column map_numbers(const Column& numbers, const std::function<std::uint64_t(std::uint64_t)>& code_of) {
  if (numbers.form == Column::Form::kConstant) return constant_column(numbers.rows, code_of(numbers.base));
  Column mapped;
  std::vector<std::uint64_t> codes;
  if (numbers.form == Column::Form::kDictionary || numbers.max - numbers.base < kMaxTable) {
    const bool dictionary = numbers.form == Column::Form::kDictionary;
    const auto size = dictionary ? numbers.values.size() : numbers.max - numbers.base + 1;
    // Entries that no row has are mapped too; they only make the dictionary a little larger.
    for (std::uint64_t entry = 0; entry < size; ++entry)
      codes.push_back(code_of(dictionary ? numbers.values[entry] : numbers.base + entry));
    with_entries(numbers, [&](auto&& entry) { mapped = dictionary_of(codes, numbers.rows, entry); });
    return mapped;
  }
  KeyTable known;
  std::vector<std::uint32_t> rows(numbers.rows);
  for (std::uint32_t row = 0; row < numbers.rows; ++row) {
    const auto number = known.find_or_add(raw_key(numbers.number_at(row)));
    if (number == codes.size()) codes.push_back(code_of(numbers.number_at(row)));
    rows[row] = number;
  }
  return column_of_numbers(codes, rows);
}

Column mask_addresses(const Column& addresses, const std::function<IpAddress(const IpAddress&)>& masked) {
  Column column{.is_address = true, .rows = addresses.rows, .address = {}, .raw = {}, .values = {}, .addresses = {}};
  if (addresses.form == Column::Form::kConstant) {
    column.address = masked(addresses.address);
    return column;
  }
  std::vector<IpAddress> prefixes;
  prefixes.reserve(addresses.addresses.size());
  for (const auto& address : addresses.addresses) prefixes.push_back(masked(address));
  std::vector<std::uint32_t> positions;
  column.addresses = distinct(prefixes, positions);
  if (column.addresses.size() == 1) {
    column.address = column.addresses.front();
    column.addresses.clear();
    return column;
  }
  with_entries(addresses,
               [&](auto&& entry) { fill_rows(column, addresses.rows, column.addresses.size(), positions, entry); });
  return column;
}

}  // namespace weir
