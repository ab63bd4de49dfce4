// Dictionaries are merged in their sorted order; numbers close together are their own codes; the rest is hashed.
#include "query/key_space.hpp"

#include <algorithm>
#include <type_traits>

#include "query/column_block.hpp"

namespace weir {

namespace {

constexpr std::uint64_t kMaxInterval = 1 << 16;

template <class T>
std::span<const T> distinct_values(const Column& column) {
  if constexpr (std::is_same_v<T, IpAddress>) {
    return column.form == Column::Form::kConstant ? std::span(&column.address, 1) : std::span(column.addresses);
  } else {
    return column.form == Column::Form::kConstant ? std::span(&column.base, 1) : std::span(column.values);
  }
}

// Network order as two numbers: cheaper to compare than 16 bytes.
bool precedes(const IpAddress& a, const IpAddress& b) {
  const auto a_high = __builtin_bswap64(a.high()), b_high = __builtin_bswap64(b.high());
  return a_high != b_high ? a_high < b_high : __builtin_bswap64(a.low()) < __builtin_bswap64(b.low());
}
bool precedes(std::uint64_t a, std::uint64_t b) { return a < b; }

}  // namespace

KeySpace::KeySpace(std::span<const Column* const> columns) {
  translations_.reserve(columns.size());
  for (const auto* column : columns) translations_.push_back({.column = column});
  if (columns.front()->is_address) {
    values_ = Values::kAddresses;
    build_from_dictionaries(columns, addresses_);
  } else {
    build_numbers(columns);
  }
}

void KeySpace::build_numbers(std::span<const Column* const> columns) {
  std::uint64_t min = columns.front()->min, max = columns.front()->max;
  bool packed = false;
  for (const auto* column : columns) {
    min = std::min(min, column->min);
    max = std::max(max, column->max);
    packed = packed || column->form == Column::Form::kPacked;
  }
  if (packed && max - min < kMaxInterval) {
    build_interval(columns, min, max);
  } else if (packed) {
    build_by_hash(columns);
  } else {
    values_ = Values::kNumbers;
    build_from_dictionaries(columns, numbers_);
  }
}

void KeySpace::build_interval(std::span<const Column* const> columns, std::uint64_t min, std::uint64_t max) {
  first_ = min;
  size_ = static_cast<std::uint32_t>(max - min + 1);
  for (std::size_t c = 0; c < columns.size(); ++c) {
    auto& translation = translations_[c];
    switch (columns[c]->form) {
      case Column::Form::kConstant: translation.constant = static_cast<std::uint32_t>(columns[c]->base - min); break;
      case Column::Form::kPacked:
        translation.how = Translation::How::kOffset;
        translation.offset = static_cast<std::uint32_t>(columns[c]->base - min);
        break;
      case Column::Form::kDictionary:
        translation.how = Translation::How::kTable;
        for (const auto value : columns[c]->values)
          translation.codes.push_back(static_cast<std::uint32_t>(value - min));
    }
  }
}

void KeySpace::build_by_hash(std::span<const Column* const> columns) {
  values_ = Values::kHashed;
  for (std::size_t c = 0; c < columns.size(); ++c) {
    auto& translation = translations_[c];
    const auto& column = *columns[c];
    if (column.form == Column::Form::kConstant) {
      translation.constant = hashed_.find_or_add(raw_key(column.base));
    } else if (column.form == Column::Form::kDictionary) {
      translation.how = Translation::How::kTable;
      for (const auto value : column.values) translation.codes.push_back(hashed_.find_or_add(raw_key(value)));
    } else {
      translation.how = Translation::How::kRows;
      translation.codes.reserve(column.rows);
      for (std::uint32_t row = 0; row < column.rows; ++row)
        translation.codes.push_back(hashed_.find_or_add(raw_key(column.number_at(row))));
    }
  }
  size_ = hashed_.size();
}

template <class T>
void KeySpace::build_from_dictionaries(std::span<const Column* const> columns, std::vector<T>& merged) {
  for (std::size_t c = 0; c < columns.size(); ++c) {
    const auto added = distinct_values<T>(*columns[c]);
    std::vector<T> both;
    both.reserve(merged.size() + added.size());
    std::vector<std::uint32_t> moved(merged.size());
    auto& own = translations_[c].codes;
    own.reserve(added.size());
    std::size_t old = 0;
    for (const auto& value : added) {
      for (; old < merged.size() && precedes(merged[old], value); ++old) {
        moved[old] = static_cast<std::uint32_t>(both.size());
        both.push_back(merged[old]);
      }
      if (old < merged.size() && merged[old] == value) moved[old++] = static_cast<std::uint32_t>(both.size());
      own.push_back(static_cast<std::uint32_t>(both.size()));
      both.push_back(value);
    }
    for (; old < merged.size(); ++old) {
      moved[old] = static_cast<std::uint32_t>(both.size());
      both.push_back(merged[old]);
    }
    merged = std::move(both);
    for (std::size_t before = 0; before < c; ++before) {
      for (auto& code : translations_[before].codes) code = moved[code];
    }
  }
  size_ = static_cast<std::uint32_t>(merged.size());
  for (auto& translation : translations_) {
    if (translation.column->form == Column::Form::kConstant) {
      translation.constant = translation.codes.front();
    } else if (columns.size() == 1) {
      translation.how = Translation::How::kOffset;
    } else {
      translation.how = Translation::How::kTable;
    }
  }
}

RawKey KeySpace::value(std::uint32_t code) const {
  switch (values_) {
    case Values::kInterval: return raw_key(first_ + code);
    case Values::kNumbers: return raw_key(numbers_[code]);
    case Values::kAddresses: return raw_key(addresses_[code]);
    case Values::kHashed: return hashed_.key(code);
  }
  return {};
}

void KeySpace::read(std::size_t column, std::uint32_t row, std::uint32_t n, std::uint32_t* codes) const {
  const auto& translation = translations_[column];
  using How = Translation::How;
  switch (translation.how) {
    case How::kConstant: std::fill_n(codes, n, translation.constant); break;
    case How::kRows: std::copy_n(translation.codes.data() + row, n, codes); break;
    case How::kOffset:
      with_raw(*translation.column, [&](const auto* raw) {
        for (std::uint32_t i = 0; i < n; ++i) codes[i] = static_cast<std::uint32_t>(raw[row + i]) + translation.offset;
      });
      break;
    case How::kTable:
      with_raw(*translation.column, [&](const auto* raw) {
        const auto* table = translation.codes.data();
        for (std::uint32_t i = 0; i < n; ++i) codes[i] = table[raw[row + i]];
      });
      break;
  }
}

}  // namespace weir
