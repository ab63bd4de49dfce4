// Writes one text table for each result.
#include "console/result_table.hpp"

#include <algorithm>
#include <vector>

#include "console/plain_text.hpp"
#include "core/counted.hpp"
#include "core/saturating.hpp"

namespace weir {

std::string work_text(const QueryWork& work, std::uint64_t sessions) {
  std::string columns;
  for (std::size_t i = 0; i < work.columns.size(); ++i) {
    if (work.columns[i]) columns += (columns.empty() ? "" : ", ") + std::string(kColumns[i].name);
  }
  std::string text =
      "Read: " + std::to_string(work.read) + " of " + std::to_string(work.segments) + " segments in the range";
  if (work.ruled_out != 0)
    text +=
        "; " + std::to_string(work.ruled_out) + " have nothing that the filter selects, by the limits of their columns";
  if (work.spared != 0) text += "; sums stand for all of " + std::to_string(work.spared);
  if (work.unreadable != 0) text += "; " + std::to_string(work.unreadable) + " are damaged";
  if (work.sums != 0) text += ". " + counted(work.sums, "segment", "segments") + " of sums read";
  if (!work.without_sums.empty()) text += ". Sums are not used: " + work.without_sums;
  text += ". " + counted_text(sessions, "row", "rows") + ", " + bytes_text(work.column_bytes) +
          " of decoded columns, " + counted(work.passes, "pass", "passes") + ", " +
          counted(work.threads, "thread", "threads") + "\n";
  return text + (columns.empty() ? "" : "Columns: " + columns + "\n");
}

std::string spark_line(const Series& series) {
  const auto& values = series.octets;
  static constexpr const char* kBlocks[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  const std::size_t width = std::min<std::size_t>(60, values.size());
  std::vector<std::uint64_t> sums(width);
  for (std::size_t i = 0; i < values.size(); ++i)
    sums[i * width / values.size()] = saturating_add(sums[i * width / values.size()], values[i]);
  const std::uint64_t top = std::max<std::uint64_t>(1, *std::max_element(sums.begin(), sums.end()));
  std::string line;
  for (const auto v : sums)
    line += kBlocks[v == 0 ? 0 : 1 + static_cast<std::size_t>(static_cast<Uint128>(v) * 7 / top)];
  return line;
}

std::string result_table(const Query& query, const QueryResult& result, const KeyNames& names) {
  std::vector<std::string> heads;
  for (const auto field : query.by) heads.emplace_back(field_info(field).word);
  for (const auto* head : {">octets", ">share", ">packets", ">flows", ">sessions"}) heads.emplace_back(head);
  if (!result.series.empty()) heads.emplace_back("over time");
  TextTable table(heads);
  const auto whole = value_of(result.totals, query.measure);
  // What counts at both of its ends may be twice in `other`: that is no share of the whole.
  const bool twice = query.direction == Direction::kBoth &&
                     std::any_of(query.by.begin(), query.by.end(), [](FieldId f) { return field_info(f).either_end; });
  const auto add = [&](std::vector<std::string> cells, const Measures& m, std::size_t series) {
    const std::string at_least = m.saturated ? ">=" : "";
    const bool is_other = series == result.rows.size();
    const auto share = result.totals.saturated || (is_other && twice) ? std::string()
                                                                      : percent_text(value_of(m, query.measure), whole);
    for (auto& cell : {at_least + count_text(m.octets), share, at_least + count_text(m.packets), count_text(m.flows),
                       count_text(m.sessions)})
      cells.push_back(cell);
    if (!result.series.empty()) cells.push_back(spark_line(result.series[series]));
    table.row(std::move(cells));
  };
  for (std::size_t r = 0; r < result.rows.size(); ++r) {
    std::vector<std::string> cells;
    for (std::size_t i = 0; i < query.by.size(); ++i) cells.push_back(key_title(query, result.rows[r], i, names));
    add(std::move(cells), result.rows[r].measures, r);
  }
  if (result.other_keys != 0) {
    std::vector<std::string> cells(query.by.size());
    cells[0] = "other (" + count_text(result.other_keys) + ")";
    add(std::move(cells), result.other.measures, result.rows.size());
  }
  return table.text();
}

}  // namespace weir
