// Whether two sessions agree in every column (and in id): by the generated list, so that a new field is compared too.
#pragma once
#include <algorithm>
#include <string>
#include <vector>

#include "flow/column_access.hpp"

namespace weir::testing {

// The names of the columns that differ; empty: the same.
inline std::string differing_columns(const Session& a, const Session& b, bool compare_id = true) {
  std::vector<std::string> left, right;
  const auto into = [](std::vector<std::string>& out) {
    return [&out](ColumnId, const auto& value) {
      if constexpr (std::is_same_v<std::decay_t<decltype(value)>, IpAddress>) {
        out.push_back(value.text());
      } else {
        out.push_back(std::to_string(value));
      }
    };
  };
  load_columns(a, into(left));
  load_columns(b, into(right));
  std::string names;
  for (std::size_t i = 0; i < left.size(); ++i) {
    if (left[i] != right[i]) names += std::string(kColumns[i].name) + " (" + left[i] + " / " + right[i] + ") ";
  }
  if (compare_id && a.id != b.id) names += "id (" + std::to_string(a.id) + " / " + std::to_string(b.id) + ") ";
  return names;
}

}  // namespace weir::testing
