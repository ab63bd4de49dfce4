// Values are integers and texts.
#include "sqlite/row_copy.hpp"

#include <optional>
#include <variant>
#include <vector>

namespace weir {

namespace {
// The schema can be damaged, too.
bool can_prepare(Database& database, const char* sql) {
  try {
    database.prepare(sql);
    return true;
  } catch (const SqliteError&) {
    return false;
  }
}
}  // namespace

bool copy_rows(Database& from, Database& to, const RowCopy& rows) {
  std::vector<std::variant<std::int64_t, std::string>> values(static_cast<std::size_t>(rows.columns));
  // A failure to read is no failure to write: the two are told apart by where they are caught.
  const auto read_row = [&](Statement& source) -> std::optional<bool> {
    try {
      if (!source.step()) return false;
      for (int c = 0; c < rows.columns; ++c) {
        if (source.is_integer(c)) values[static_cast<std::size_t>(c)] = source.integer(c);
        else values[static_cast<std::size_t>(c)] = source.text(c);
      }
      return true;
    } catch (const SqliteError&) {
      return std::nullopt;
    }
  };
  const auto write_row = [&] {
    auto target = to.prepare(rows.insert);
    for (int c = 0; c < rows.columns; ++c) {
      const auto& value = values[static_cast<std::size_t>(c)];
      if (const auto* number = std::get_if<std::int64_t>(&value)) target.bind(c + 1, *number);
      else target.bind(c + 1, std::string_view(std::get<std::string>(value)));
    }
    target.run();
  };
  if (!can_prepare(from, rows.select)) return false;
  auto source = from.prepare(rows.select);
  for (;;) {
    const auto row = read_row(source);
    if (!row) return false;
    if (!*row) return true;
    write_row();
  }
}

}  // namespace weir
