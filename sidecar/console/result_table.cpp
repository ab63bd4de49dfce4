// One text table per result.
#include "console/result_table.hpp"

#include <algorithm>
#include <vector>

#include "console/plain_text.hpp"

namespace weir {

namespace {

std::uint64_t measure_of(const Measures& m, Measure which) {
  switch (which) {
    case Measure::kOctets: return m.octets;
    case Measure::kPackets: return m.packets;
    case Measure::kFlows: return m.flows;
    case Measure::kSessions: return m.sessions;
  }
  return 0;
}

}  // namespace

std::string spark_line(const Series& series) {
  const auto& values = series.octets;
  static constexpr const char* kBlocks[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  const std::size_t width = std::min<std::size_t>(60, values.size());
  std::vector<std::uint64_t> sums(width);
  for (std::size_t i = 0; i < values.size(); ++i) sums[i * width / values.size()] += values[i];
  const std::uint64_t top = std::max<std::uint64_t>(1, *std::max_element(sums.begin(), sums.end()));
  std::string line;
  for (const auto v : sums) line += kBlocks[v == 0 ? 0 : 1 + v * 7 / top];
  return line;
}

std::string result_table(const Query& query, const QueryResult& result, const KeyNames& names) {
  std::vector<std::string> heads;
  for (const auto field : query.by) heads.emplace_back(field_info(field).word);
  for (const auto* head : {">octets", ">share", ">packets", ">flows", ">sessions"}) heads.emplace_back(head);
  if (!result.series.empty()) heads.emplace_back("over time");
  TextTable table(heads);
  const auto whole = measure_of(result.totals, query.measure);
  const auto add = [&](std::vector<std::string> cells, const Measures& m, std::size_t series) {
    for (auto& cell : {count_text(m.octets), percent_text(measure_of(m, query.measure), whole), count_text(m.packets), count_text(m.flows), count_text(m.sessions)}) cells.push_back(cell);
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
