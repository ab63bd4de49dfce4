// Reading a column's numbers by stretches of rows: the compact forms widened into arrays that the compiler can
// vectorise over. Pure functions; any thread.
#pragma once
#include <algorithm>
#include <cstdint>

#include "store/column.hpp"

namespace weir {

// Calls f(const T*) with the raw entries in their own width. Not for constants.
template <class F>
decltype(auto) with_raw(const Column& column, F&& f) {
  switch (column.width) {
    case 1: return f(column.raw_as<std::uint8_t>());
    case 2: return f(column.raw_as<std::uint16_t>());
    case 4: return f(column.raw_as<std::uint32_t>());
    default: return f(column.raw_as<std::uint64_t>());
  }
}

// out[i] = the number in row `row` + i. T: std::uint64_t, or std::int64_t for times.
template <class T>
void read_numbers(const Column& column, std::uint32_t row, std::uint32_t n, T* out) {
  static_assert(sizeof(T) == sizeof(std::uint64_t));
  if (column.form == Column::Form::kConstant) {
    std::fill_n(out, n, static_cast<T>(column.base));
    return;
  }
  with_raw(column, [&](const auto* raw) {
    raw += row;
    if (column.form == Column::Form::kPacked) {
      const auto base = column.base;
      for (std::uint32_t i = 0; i < n; ++i) out[i] = static_cast<T>(base + raw[i]);
    } else {
      const auto* values = column.values.data();
      for (std::uint32_t i = 0; i < n; ++i) out[i] = static_cast<T>(values[raw[i]]);
    }
  });
}

}  // namespace weir
