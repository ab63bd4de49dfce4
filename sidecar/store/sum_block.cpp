// The table of families, asked.
#include "store/sum_block.hpp"

#include <algorithm>

namespace weir {

std::span<const ColumnId> own_columns(SumFamily family) {
  const auto& info = family_info(family);
  return {info.columns.data(), info.count};
}

bool has_column(SumFamily family, ColumnId column) {
  const auto own = own_columns(family);
  return std::find(kSumColumns.begin(), kSumColumns.end(), column) != kSumColumns.end() ||
         std::find(own.begin(), own.end(), column) != own.end();
}

}  // namespace weir
