// Rows to columns and back. Chooses each column's form: a constant, packed over the smallest value at 1/2/4/8 bytes, or
// codes into a sorted dictionary (addresses always; numbers where it is clearly smaller). Pure functions; any thread.
#pragma once
#include <array>
#include <functional>
#include <span>
#include <vector>

#include "flow/field_catalog.hpp"
#include "flow/session.hpp"
#include "store/column.hpp"

namespace weir {

// All columns of `rows`, in the order of kColumns (see column_index()). The rows' ids are not a column.
std::vector<Column> encode_columns(std::span<const Session> rows);

// Values of the columns on their way, kept between calls: fresh memory for each segment costs more than encoding it.
// One thread.
struct ColumnScratch {
  std::array<std::vector<std::uint64_t>, kColumnCount> numbers;
  std::array<std::vector<IpAddress>, kColumnCount> addresses;
};

// The same for rows that lie in several pieces; the columns follow their order.
std::vector<Column> encode_columns(std::span<const std::span<const Session>> parts, ColumnScratch& scratch);

// Just one column.
Column encode_column(ColumnId id, std::span<const Session> rows);

// A column of `rows` times the value that Session{} has: what a segment holds that was written before the column
// existed.
Column default_column(ColumnId id, std::uint32_t rows);

// The form that `values` get; the building block of the above, for values that are no Session's (ids).
Column encode_numbers(std::span<const std::uint64_t> values);
Column encode_addresses(std::span<const IpAddress> values);

// The rows of columns that all have `rows` rows; ids stay 0. `column` gives the column of an id.
std::vector<Session> decode_rows(std::uint32_t rows, const std::function<const Column&(ColumnId)>& column);

}  // namespace weir
