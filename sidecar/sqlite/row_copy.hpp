// Copies the rows of a table from one database to another, as far as they can be read. One thread.
#pragma once
#include "sqlite/database.hpp"

namespace weir {

struct RowCopy {
  const char* select;  // `columns` columns
  const char* insert;  // with as many parameters
  int columns;
};

// True when every row could be read. A row that `to` refuses is an SqliteError.
bool copy_rows(Database& from, Database& to, const RowCopy& rows);

}  // namespace weir
